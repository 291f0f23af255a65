"""Does a run fit its training images better than new ones? Said only where it is beyond chance.

While a run trains, only the gap between the accuracies of training and validation is known. Once it is over,
images were asked again (``comparison``): then there is that gap of the weights that are kept, and whether the
validation loss has risen since the best epoch, image by image. All tests together are wrong in at most 5 % of
the runs that do not overfit; ``tests/training/test_overfitting.py`` counts.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from cnnlab.errors import RunError
from cnnlab.inference import accuracy_in_words, wilson
from cnnlab.languages import _
from cnnlab.runs import Metrics, Run
from cnnlab.training.comparison import Comparison

ALPHA = 0.05
FEWEST = 3
"""Epochs since the best one before a rise is looked for."""
LEAST_GAP = 0.05
"""The gap that is said is surely larger than this: nearly every trained network has a smaller one."""
LEAST_RISE = 0.05
"""The rise that is said is surely larger than this part of the best epoch's loss."""


@dataclass(frozen=True)
class Accuracy:
    """How many of ``n`` images were right."""

    right: int
    n: int

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        return self.right / self.n

    def __str__(self) -> str:
        return accuracy_in_words(self.fraction, self.n)


@dataclass(frozen=True)
class Gap:
    """Training accuracy surely above validation accuracy; ``asked_again`` of weights at rest.

    Where it is not, training accuracy is the epoch's mean: of weights that still changed, with dropout and
    augmentation on. That is less than the weights at its end have, so a gap is not said too early.
    """

    training: Accuracy
    validation: Accuracy
    asked_again: bool

    def __str__(self) -> str:
        accuracies = {"training": self.training, "validation": self.validation}
        if self.asked_again:
            return _(
                "Overfitting: training accuracy of the kept weights {training}, validation accuracy "
                "{validation}. The network fits its training images better than new ones.",
                **accuracies,
            )
        return _(
            "Overfitting: training accuracy of this epoch {training}, validation accuracy {validation}. The "
            "network fits its training images better than new ones.",
            **accuracies,
        )


@dataclass(frozen=True)
class Rise:
    """Validation loss surely higher at the last epoch than at the best one, while the training loss fell.

    ``interval`` is that of the mean ``difference`` of the same ``n`` images, wide enough for the choice of
    the best among all epochs and for the swing from one epoch to the next.
    """

    best_epoch: int
    last_epoch: int
    difference: float
    interval: tuple[float, float]
    n: int

    def __str__(self) -> str:
        low, high = self.interval
        return _(
            "Overfitting: from epoch {best}, the best, to epoch {last} the validation loss rose by "
            "{difference} (95 % CI {low} to {high}, the same {n} images) while the training loss fell.",
            best=self.best_epoch,
            last=self.last_epoch,
            difference=f"{self.difference:.2g}",
            low=f"{low:.2g}",
            high=f"{high:.2g}",
            n=f"{self.n:,}",
        )


def overfitting(run: Run) -> str | None:
    """Return in a sentence or two that a run overfits, or None while that is not beyond chance."""
    history = run.metrics()
    if not len(history.epochs["epoch"]):
        return None
    now, compared = run.status(), Comparison.read(run)
    if compared and (compared.best_epoch, compared.last_epoch) == (now.best_epoch, now.epoch):
        found = [rise(history, compared), gap_of(compared)]
    else:
        found = [_gap_now(run, history)]
    return " ".join(map(str, filter(None, found))) or None


def _gap_now(run: Run, history: Metrics) -> Gap | None:
    try:
        split = run.model_facts.split
        return gap_so_far(history, split["train"], split["validation"])
    except (RunError, KeyError):
        return None


def gap_so_far(history: Metrics, train: int, validation: int) -> Gap | None:
    """Return the gap in the last epoch of a history, where it is beyond chance.

    Who looks after every epoch has as many chances to be wrong: epoch ``e`` is tested at
    ``0.05 / (e (e + 1))``, which adds up to 0.05 however long a run is.

    Args:
        history: of which the columns accuracy and val_accuracy are looked at.
        train: how many images an epoch trains on.
        validation: how many images it is validated on.
    """
    epochs = history.epochs
    last = len(epochs["epoch"])
    accuracies = [float(epochs[name][-1]) for name in ("accuracy", "val_accuracy")] if last else []
    if not last or not np.isfinite(accuracies).all() or min(train, validation) < 1:
        return None
    trained = Accuracy(round(accuracies[0] * train), train)
    validated = Accuracy(round(accuracies[1] * validation), validation)
    return _gap(trained, validated, ALPHA / (last * (last + 1)), asked_again=False)


def gap_of(compared: Comparison) -> Gap | None:
    """Return the gap of the kept weights, where it is beyond chance."""
    training, validation = (
        Accuracy(int(right.sum()), len(right))
        for right in (compared.training_right, compared.validation_right)
    )
    return _gap(training, validation, ALPHA / 2, asked_again=True)  # the other half is for the rise


def _gap(training: Accuracy, validation: Accuracy, alpha: float, asked_again: bool) -> Gap | None:
    """Return the gap where the lower limit of the difference exceeds ``LEAST_GAP``.

    The limit is Newcombe's, from two Wilson intervals (1998, doi:10.1002/(SICI)1097-0258(19980430)17:8).
    """
    low = wilson(training.right, training.n, 1 - alpha)[0]
    high = wilson(validation.right, validation.n, 1 - alpha)[1]
    below, above = training.fraction - low, high - validation.fraction
    limit = training.fraction - validation.fraction - sqrt(below**2 + above**2)
    return Gap(training, validation, asked_again) if limit > LEAST_GAP else None


def rise(history: Metrics, compared: Comparison) -> Rise | None:
    """Return by how much the validation loss has risen since the best epoch, where it is beyond chance.

    The best epoch was chosen among all others, by the same images: the interval has the level
    ``1 - 0.025 / (epochs - 1)`` (Bonferroni). The loss swings from epoch to epoch besides, also where nothing
    overfits: twice the variance of that swing, of the best epoch and of the last, is added to the variance of
    the mean over images.
    """
    epochs = history.epochs
    count, since = len(epochs["epoch"]), compared.last_epoch - compared.best_epoch
    if since < FEWEST or count != compared.last_epoch or count < FEWEST + 2:
        return None
    losses = epochs["loss"]
    if not losses[-FEWEST:].mean() < losses[compared.best_epoch - 1]:
        return None  # it is not training that went on
    differences = compared.last_losses.astype(float) - compared.best_losses
    n, mean = len(differences), float(differences.mean())
    if n < 2 or not np.isfinite(differences).all():
        return None
    of_images, of_epochs = differences.var(ddof=1) / n, 2 * _swing(epochs["val_loss"]) ** 2
    freedom = _freedom(of_images, n - 1, of_epochs, count - 2)
    width = t_quantile(1 - ALPHA / 4 / (count - 1), freedom) * sqrt(of_images + of_epochs)
    if mean - width <= LEAST_RISE * float(compared.best_losses.mean()):
        return None
    interval = (mean - width, mean + width)
    return Rise(compared.best_epoch, compared.last_epoch, mean, interval, n)


def _swing(val_losses: np.ndarray) -> float:
    """Return the deviation of a loss from its own course, from epoch to epoch: robust, blind to a slope."""
    steps = np.diff(val_losses[np.isfinite(val_losses)])
    if not len(steps):
        return 0.0
    return float(np.median(np.abs(steps - np.median(steps)))) / 0.6745 / sqrt(2)


def _freedom(one: float, its: int, other: float, others: int) -> float:
    """Return the degrees of freedom of a sum of two variances (Satterthwaite 1946, doi:10.2307/3002019)."""
    parts = one**2 / its + other**2 / others
    return (one + other) ** 2 / parts if parts else float(its)


def t_quantile(probability: float, freedom: float) -> float:
    """Return the quantile of Student's distribution with so many degrees of freedom."""
    from scipy.special import stdtrit  # half a second, for runs that are over

    return float(stdtrit(freedom, probability))
