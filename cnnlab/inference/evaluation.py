"""How often a classifier is right, with the uncertainty of having asked only ``n`` images."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import nan, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np

from cnnlab.inference.classifier import Classifier

SMALLEST = 1e-7  # keeps the loss finite, as Keras does
IMAGES_PER_REPORT = 256
Progress = Callable[[float], None]
"""Called with the fraction done, 0 to 1; what it raises ends the evaluation."""


@dataclass(frozen=True)
class ClassScore:
    """One class: the fraction of those called so that were (precision), of those that were found (recall).

    Of a class without images (``support`` 0) nothing can be found: ``recall`` and ``f1`` are None, and
    so is ``precision`` if nothing was called so. A class with images, never predicted, has precision 0.
    """

    class_name: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int


@dataclass(frozen=True)
class ImagePrediction:
    """What the network said of one image."""

    name: str
    label: str
    predicted: str
    probability: float  # of the predicted class
    label_probability: float


@dataclass(frozen=True)
class Evaluation:
    """A classifier measured on ``n`` labelled images.

    ``interval`` is the 95 % Wilson interval of the accuracy; row i of ``confusion_matrix`` counts the
    images of class i, column j those taken for class j.
    """

    n: int
    accuracy: float
    interval: tuple[float, float]
    loss: float
    classes: tuple[str, ...]
    per_class: tuple[ClassScore, ...]
    confusion_matrix: tuple[tuple[int, ...], ...]
    predictions: tuple[ImagePrediction, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold; a class's name is its ``class``."""
        scores = [{"class": score.class_name, **asdict(score)} for score in self.per_class]
        for score in scores:
            del score["class_name"]
        return asdict(self) | {"per_class": scores}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Evaluation":
        """Rebuild from ``to_dict``; every figure is counted again from the predictions.

        Raises:
            ValueError, KeyError, TypeError: the values are not those of an evaluation.
        """
        predictions = [
            ImagePrediction(
                str(said["name"]),
                str(said["label"]),
                str(said["predicted"]),
                _number(said["probability"]),
                _number(said["label_probability"]),
            )
            for said in values["predictions"]
        ]
        return from_predictions(predictions, tuple(values["classes"]))


def _number(said: Any) -> float:
    """Return a probability; what a diverged network said is no number, and JSON has null for it."""
    return nan if said is None else float(said)


def evaluate(
    classifier: Classifier,
    images: np.ndarray,
    labels: np.ndarray,
    names: Sequence[str],
    progress: Progress = lambda fraction: None,
) -> Evaluation:
    """Ask the classifier about every image and compare.

    Args:
        classifier: whom to ask.
        images: uint8 ``(N, H, W, C)``, N at least 1, as the network sees them.
        labels: ``(N,)`` indices into ``classifier.classes``.
        names: N names, by which a page finds the image again.
        progress: told how far it is.
    """
    classes, predictions = classifier.classes, []
    for start in range(0, len(labels), IMAGES_PER_REPORT):
        progress(start / len(labels))
        part = slice(start, start + IMAGES_PER_REPORT)
        for name, label, row in zip(
            names[part], labels[part], classifier.probabilities(images[part]), strict=True
        ):
            guess = int(row.argmax())
            predictions.append(
                ImagePrediction(name, classes[label], classes[guess], float(row[guess]), float(row[label]))
            )
    return from_predictions(predictions, classes)


def from_predictions(predictions: Sequence[ImagePrediction], classes: tuple[str, ...]) -> Evaluation:
    """Count what a network said of at least one image.

    Raises:
        ValueError: a label or a prediction is none of the classes, or there is no image.
    """
    index = {name: number for number, name in enumerate(classes)}
    if not predictions or not {p.label for p in predictions} | {p.predicted for p in predictions} <= {*index}:
        raise ValueError("An evaluation needs images, and labels that are among the classes.")
    labels, guesses = (np.array([index[n] for n in names]) for names in _said(predictions))
    matrix = confusion_matrix(labels, guesses, len(classes))
    n, right = len(labels), int(matrix.trace())
    of_label = np.array([p.label_probability for p in predictions])
    return Evaluation(
        n=n,
        accuracy=right / n,
        interval=wilson(right, n),
        loss=float(-np.log(np.clip(of_label, SMALLEST, 1)).mean()),
        classes=classes,
        per_class=_scores(matrix, classes),
        confusion_matrix=tuple(map(tuple, matrix.tolist())),
        predictions=tuple(predictions),
    )


def _said(predictions: Sequence[ImagePrediction]) -> tuple[list[str], list[str]]:
    """Return the labels and the predicted classes."""
    return [p.label for p in predictions], [p.predicted for p in predictions]


def wilson(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a proportion (Wilson, 1927, doi:10.1080/01621459.1927.10502953)."""
    if n == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + level) / 2)
    fraction = successes / n
    centre = fraction + z * z / (2 * n)
    margin = z * sqrt(fraction * (1 - fraction) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - margin) / scale), min(1.0, (centre + margin) / scale)


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Count ``(classes, classes)``: row is the label, column what was predicted."""
    return np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)


def _scores(matrix: np.ndarray, classes: tuple[str, ...]) -> tuple[ClassScore, ...]:
    support, called, found = matrix.sum(axis=1), matrix.sum(axis=0), matrix.diagonal()
    precision = found / np.maximum(called, 1)
    recall = found / np.maximum(support, 1)
    f1 = 2 * found / np.maximum(support + called, 1)
    empty = support == 0
    columns = (
        _unless(empty & (called == 0), precision),
        _unless(empty, recall),
        _unless(empty, f1),
    )
    return tuple(ClassScore(*row) for row in zip(classes, *columns, support.tolist(), strict=True))


def _unless(unknown: np.ndarray, fractions: np.ndarray) -> list[float | None]:
    return [None if odd else fraction for odd, fraction in zip(unknown, fractions.tolist(), strict=True)]
