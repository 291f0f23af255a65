"""Images as points: what the penultimate layer says of them, their neighbours, and how far away they are."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlab.inference.out_of_distribution import UNLIKE_QUANTILE

MOST_NUMBERS = 2**24
"""Of distances computed at once: 64 MB."""


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest training images of an image: their places in the training features, the nearest first.

    ``distances`` are Euclidean. ``quantile`` is the fraction of validation images whose nearest training
    image is nearer than this one's; None where the validation set is not known.
    """

    places: tuple[int, ...]
    distances: tuple[float, ...]
    quantile: float | None

    @property
    def unlike(self) -> bool:
        """Whether the image is unlike anything that the network has seen."""
        return self.quantile is not None and self.quantile >= UNLIKE_QUANTILE


@dataclass(frozen=True, eq=False)
class FeatureSpace:
    """``training`` features float32 ``(N, D)``, and the sorted distances ``(M,)`` of validation images."""

    training: np.ndarray
    validation_distances: np.ndarray

    @classmethod
    def of(cls, training: np.ndarray, validation: np.ndarray) -> "FeatureSpace":
        """Return the space of features ``(N, D)`` and ``(M, D)``, N at least 1."""
        kept = np.asarray(training, np.float32)
        nearest = [float(row.min()) for row in _distances(np.asarray(validation, np.float32), kept)]
        return cls(kept, np.sort(np.array(nearest, np.float64)))

    def neighbours(self, feature: np.ndarray, count: int = 8) -> Neighbours:
        """Return the nearest training images of one image, from its feature ``(D,)``."""
        [row] = _distances(np.asarray(feature, np.float32)[None], self.training)
        places = np.argsort(row, kind="stable")[:count]
        quantile = None
        if len(self.validation_distances):
            nearer = np.searchsorted(self.validation_distances, row[places[0]], "left")
            quantile = float(nearer / len(self.validation_distances))
        return Neighbours(tuple(places.tolist()), tuple(row[places].tolist()), quantile)


def features(model: Any, images: np.ndarray) -> np.ndarray:
    """Return what the layer before the classes says of images, float32 ``(N, D)``.

    It is the input of the last dense layer. ``images`` are float32 ``(N, H, W, C)`` as the network takes
    them, of which the caller gives no more than fit into the memory at once.
    """
    from cnnlab.inference.execution import executed, logit_step

    wanted = logit_step(model).name
    for step, inputs, _ in executed(model, images):
        if step.name == wanted:
            found = np.asarray(inputs[0], np.float32)
            return found.reshape(len(found), -1)
    raise AssertionError(wanted)


def _distances(points: np.ndarray, others: np.ndarray) -> Any:
    """Yield for each point the Euclidean distances to all others, float64; few points at once."""
    others = np.asarray(others, np.float64)
    squares = (others**2).sum(1)
    at_once = max(1, MOST_NUMBERS // max(1, len(others)))
    for start in range(0, len(points), at_once):
        part = np.asarray(points[start : start + at_once], np.float64)
        square = (part**2).sum(1)[:, None] + squares - 2 * part @ others.T
        yield from np.sqrt(np.maximum(square, 0.0))
