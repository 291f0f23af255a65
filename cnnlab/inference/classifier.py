"""A trained run as a function from photographs to classes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from cnnlab.errors import RunError
from cnnlab.preprocessing import Preprocessing
from cnnlab.runs import Run

MOST_AT_ONCE = 64
PIXELS_AT_ONCE = 2**18
"""A prediction keeps the outputs of all layers: VGG16 about 2 kB a pixel, so half a gigabyte in all."""


Model = Callable[..., Any]
"""Called with images float32 ``(N, H, W, C)`` and ``training=False``, it returns ``(N, classes)``."""


class Compiled:
    """A network as one graph for batches of any size: traced once, then without Python at each layer.

    Called with images float32 ``(N, H, W, C)`` it returns probabilities ``(N, classes)``.
    """

    def __init__(self, model: Any):
        import tensorflow as tf

        self.model = model
        signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)]
        self._graph = tf.function(lambda batch: model(batch, training=False), input_signature=signature)

    @property
    def weights(self) -> list:
        """The weights of the network."""
        return self.model.weights

    def __call__(self, batch: np.ndarray, training: bool = False) -> np.ndarray:
        """Return probabilities; ``training`` is there for Keras's sake, and stays False."""
        return np.asarray(self._graph(batch))

    def timed(self, batch: np.ndarray) -> tuple[np.ndarray, float]:
        """Return the probabilities, and the seconds that the network itself took for the whole batch."""
        began = time.perf_counter()
        answer = self(batch)
        return answer, time.perf_counter() - began


@dataclass(frozen=True)
class Prediction:
    """One class and the probability the network gives it."""

    class_name: str
    probability: float


@dataclass(frozen=True, eq=False)
class Classifier:
    """A model with its class names and the preprocessing it was trained with."""

    model: Model
    classes: tuple[str, ...]
    preprocessing: Preprocessing

    @classmethod
    def from_run(cls, run: Run, which: str = "best") -> "Classifier":
        """Load a run's ``"best"`` weights (before its first epoch ended: its last ones) or its ``"last"``.

        Raises:
            RunError: the run has no weights yet, or its files cannot be read.
        """
        weights = run.weights(which)
        if weights is None:
            raise RunError(f"The run {run.id} has no weights yet; let it finish an epoch first.")
        try:
            model = _load(weights)
        except Exception as error:  # a damaged file makes Keras raise nearly anything
            raise RunError(f"The weights of the run {run.id} cannot be read; train it again.") from error
        return cls.of_facts(run, model)

    @classmethod
    def of_facts(cls, run: Run, model: Model) -> Self:
        """Return a model with the classes and the preprocessing that the run noted.

        Raises:
            RunError: the run's notes cannot be read.
        """
        facts = run.model_facts
        return cls(model, facts.classes, Preprocessing.of(facts.preprocessing))

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """``(height, width, channels)`` of what the network sees."""
        return self.preprocessing.input_shape

    def as_seen(self, image: np.ndarray, invert: bool = False) -> np.ndarray:
        """Return a uint8 ``(H, W, 1 or 3)`` image as the network sees it, still uint8.

        ``invert`` swaps dark and light: for ink on paper, when the network learned light on dark.
        """
        seen = self.preprocessing.image(image)
        return 255 - seen if invert else seen

    def predict(self, images: Sequence[np.ndarray], invert: bool = False) -> list[list[Prediction]]:
        """Classify uint8 ``(H, W, 1 or 3)`` images of any sizes; for each, all classes, best first."""
        if not images:
            return []
        return self.answers(np.stack([self.as_seen(image, invert) for image in images]))

    def answers(self, seen: np.ndarray) -> list[list[Prediction]]:
        """Classify uint8 ``(N, H, W, C)`` images that are as the network sees them already."""
        return [self._ranked(row) for row in self.probabilities(seen)]

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return probabilities ``(N, classes)`` of uint8 ``(N, H, W, C)`` as the network sees them."""
        size = self.preprocessing.at_once(MOST_AT_ONCE, PIXELS_AT_ONCE)
        batches = np.split(images, range(size, len(images), size))
        scaled = (self.preprocessing.scale(batch.astype(np.float32)) for batch in batches)
        # A call, not model.predict: no tracing for each new batch size, and several threads may ask at once.
        return np.concatenate([np.asarray(self.model(batch, training=False)) for batch in scaled])

    def _ranked(self, probabilities: np.ndarray) -> list[Prediction]:
        best_first = np.argsort(-probabilities, kind="stable")
        return [Prediction(self.classes[i], float(probabilities[i])) for i in best_first]


def _load(weights: Path) -> Any:
    import keras

    from cnnlab.architectures.keras_layers import registered  # noqa: F401 - a saved network may hold them

    return keras.models.load_model(weights, safe_mode=True, compile=False)
