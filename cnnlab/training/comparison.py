"""What tells overfitting from chance: the same images asked again, with the best and with the last weights.

A run's ``comparison.npz`` holds, measured in inference mode and without augmentation:

    best_epoch, last_epoch    int64, the epochs of the two weights
    best_losses               float32 (N,), each validation image's loss with the best weights
    last_losses               float32 (N,), the same images' with the last weights
    validation_right          bool (N,), which of them the best weights have right
    training_right            bool (M,), which of M training images the best weights have right
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from cnnlab.datasets import ImageSet
from cnnlab.datasets.large import part
from cnnlab.inference import Classifier, Evaluation
from cnnlab.inference.evaluation import IMAGES_PER_REPORT, SMALLEST
from cnnlab.runs import Run
from cnnlab.shelf import replacing

FILE = "comparison.npz"
MOST_TRAINING_IMAGES = 1000
FEWEST_TRAINING_IMAGES = 200


@dataclass(frozen=True, eq=False)
class Comparison:
    """What ``comparison.npz`` holds; see there."""

    best_epoch: int
    last_epoch: int
    best_losses: np.ndarray
    last_losses: np.ndarray
    validation_right: np.ndarray
    training_right: np.ndarray

    def write(self, run: Run) -> None:
        """Keep it in the run's folder, whole or not at all."""
        with replacing(run.folder / FILE) as aside, aside.open("wb") as file:
            np.savez(file, **asdict(self))

    @classmethod
    def read(cls, run: Run) -> "Comparison | None":
        """Return what was measured, or None: nothing yet, or it cannot be read."""
        return _read(run.folder / FILE)


def _read(path: Path) -> Comparison | None:
    try:
        with np.load(path, allow_pickle=False) as values:
            read = {name: values[name] for name in Comparison.__annotations__}
        for name in ("best_epoch", "last_epoch"):
            read[name] = int(read[name])
    except (OSError, EOFError, ValueError, TypeError, KeyError, BadZipFile):
        return None
    found = Comparison(**read)
    arrays = (found.best_losses, found.last_losses, found.validation_right, found.training_right)
    fits = all(array.ndim == 1 for array in arrays) and len({len(array) for array in arrays[:3]}) == 1
    return found if fits and len(arrays[0]) and len(arrays[3]) else None


def training_sample(train: ImageSet, validation: ImageSet, seed: int) -> ImageSet:
    """Return training images that the seed chooses, to ask again: about as many as are validated on."""
    count = min(len(train), MOST_TRAINING_IMAGES, max(len(validation), FEWEST_TRAINING_IMAGES))
    chosen = np.random.default_rng((seed, 0, 2)).permutation(len(train))[:count]
    return part(train, np.sort(chosen))


def compare(
    run: Run,
    found: Evaluation,
    validation: ImageSet,
    sample: ImageSet,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Comparison | None:
    """Measure what tells overfitting from chance, and keep it.

    None for a run without a whole epoch, or one that came without its last weights.

    Args:
        run: the run, whose best weights ``found`` is the evaluation of.
        found: it must be of exactly the images of ``validation``, in their order.
        validation: what the run is validated on.
        sample: training images, see ``training_sample``.
        progress: told how far it is, 0 to 1; what it raises ends the measurement.

    Raises:
        RunError: the weights cannot be read.
    """
    now = run.status()
    if now.best_epoch is None or not run.checkpoint("last"):
        return None
    best_losses = _losses(np.array([said.label_probability for said in found.predictions]))
    last_losses, fraction = best_losses, 0.0
    if now.best_epoch != now.epoch:
        fraction = len(validation) / (len(validation) + len(sample))
        answers = _asked(Classifier.from_run(run, "last"), validation, lambda done: progress(fraction * done))
        last_losses = _losses(answers[np.arange(len(validation)), validation.labels])
    answers = _asked(
        Classifier.from_run(run), sample, lambda done: progress(fraction + (1 - fraction) * done)
    )
    measured = Comparison(
        now.best_epoch,
        now.epoch,
        best_losses,
        last_losses,
        np.array([said.label == said.predicted for said in found.predictions]),
        answers.argmax(1) == sample.labels,
    )
    measured.write(run)
    return measured


def _losses(of_label: np.ndarray) -> np.ndarray:
    """Return the cross-entropy of each image from the probability of its class."""
    return -np.log(np.clip(of_label, SMALLEST, 1)).astype(np.float32)


def _asked(classifier: Classifier, images: ImageSet, progress: Callable[[float], None]) -> np.ndarray:
    """Return probabilities ``(N, classes)``."""
    answers = []
    for start in range(0, len(images), IMAGES_PER_REPORT):
        progress(start / len(images))
        answers.append(classifier.probabilities(images.images[start : start + IMAGES_PER_REPORT]))
    return np.concatenate(answers)
