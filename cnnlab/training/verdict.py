"""Did a run that is over learn anything? Read from its curves, and said with what to try next."""

import math
from dataclasses import dataclass
from typing import Literal

from cnnlab.errors import RunError
from cnnlab.inference import accuracy_in_words, percent, wilson
from cnnlab.languages import _
from cnnlab.runs import Metrics, Run
from cnnlab.runs.score import best_row

FAR_ABOVE = 2.0
"""A training loss that ends so many times higher than it began, or than that of guessing, has diverged."""


@dataclass(frozen=True)
class Task:
    """What a run had to learn: ``classes``, of which one has ``majority`` of the ``n`` validation images."""

    classes: int
    n: int
    majority: float = 0.0

    @property
    def chance(self) -> float:
        """The accuracy of guessing, or of always naming the largest class."""
        return max(1 / self.classes, self.majority)

    def is_chance(self, accuracy: float) -> bool:
        """Whether the accuracy's 95 % interval holds chance, or all of it lies below."""
        return not math.isfinite(accuracy) or wilson(round(accuracy * self.n), self.n)[0] <= self.chance


@dataclass(frozen=True)
class Verdict:
    """Why a run that ended is not a success: what ``happened``, and what to try (``advice``).

    ``rate`` is the learning rate to try, where the one that was used is known to be too high.
    """

    kind: Literal["diverged", "chance"]
    happened: str
    advice: str
    rate: float | None = None

    def __str__(self) -> str:
        return f"{self.happened} {self.advice}"


def verdict(run: Run) -> Verdict | None:
    """Return what is wrong with the outcome of a run that is over, or None: nothing, or it is not known.

    A run that was stopped is judged only by its loss: it may have been about to learn.
    """
    now, task = run.status(), task_of(run)
    if now.state not in {"finished", "stopped"} or task is None:
        return None
    found = judge(run.metrics(), task)
    return found if found and (now.state == "finished" or found.kind == "diverged") else None


def task_of(run: Run) -> Task | None:
    """Return what a run has to learn, or None before it has loaded its images."""
    try:
        facts = run.model_facts
        classes, n = len(facts.classes), facts.split["validation"]
        return Task(classes, n, facts.majority) if classes and n > 0 else None
    except (RunError, KeyError):
        return None


def judge(history: Metrics, task: Task) -> Verdict | None:
    """Return what is wrong with how a history ends, or None.

    Args:
        history: of which the losses, accuracies and learning rates are looked at.
        task: what there was to learn.
    """
    epochs = history.epochs
    if not len(epochs["epoch"]) or task.n < 1 or task.classes < 1:
        return None
    loss, val_loss = float(epochs["loss"][-1]), float(epochs["val_loss"][-1])
    accuracy, began = float(epochs["val_accuracy"][-1]), _beginning(history, task)
    at_chance = task.is_chance(accuracy)
    if not math.isfinite(loss) or not math.isfinite(val_loss):
        return _diverged(_("The loss is no longer a finite number."), history, task)
    if loss > FAR_ABOVE * began:
        happened = _(
            "The training loss ended at {loss}; it began at {began}: training diverged.",
            loss=f"{loss:.3g}",
            began=f"{began:.3g}",
        )
        return _diverged(happened, history, task)
    if not at_chance:
        return None
    happened = _(
        "Validation accuracy {accuracy} is not beyond chance ({chance}).",
        accuracy=accuracy_in_words(accuracy, task.n) if math.isfinite(accuracy) else _("unknown"),
        chance=percent(task.chance),
    )
    if _best_beyond_chance(history, task):
        return _diverged(happened, history, task)
    return Verdict(
        "chance",
        happened,
        _("Try more epochs, or another learning rate: ten times lower, or what the LR finder suggests."),
    )


def _beginning(history: Metrics, task: Task) -> float:
    """Return the loss of the first batches, or that of guessing where it is higher: a fork begins low."""
    first = history.batches.get("loss")
    began = math.nan if first is None or not len(first) else float(first[0])
    return max(began if math.isfinite(began) else 0.0, math.log(task.classes))


def _diverged(happened: str, history: Metrics, task: Task) -> Verdict:
    rates = history.epochs["learning_rate"]
    highest = max((float(rate) for rate in rates if math.isfinite(rate)), default=0.0)
    lower = float(f"{highest / 10:.2g}") or None
    return Verdict("diverged", happened, _advice(lower, _best_beyond_chance(history, task)), lower)


def _advice(lower: float | None, best: tuple[int, float] | None) -> str:
    """Say to start again with a lower rate; or to fork from the best epoch, where that had learned."""
    rate = f"{lower:g}" if lower else ""
    if best is None:
        if not rate:
            return _("Start again with a learning rate ten times lower.")
        return _("Start again with a learning rate ten times lower ({rate}).", rate=rate)
    known = {"epoch": best[0], "accuracy": percent(best[1])}
    if not rate:
        return _(
            "Start again with a learning rate ten times lower, or fork from the best epoch ({epoch}, "
            "{accuracy}) with such a rate.",
            **known,
        )
    return _(
        "Start again with a learning rate ten times lower ({rate}), or fork from the best epoch ({epoch}, "
        "{accuracy}) with such a rate.",
        **{"rate": rate, **known},
    )


def _best_beyond_chance(history: Metrics, task: Task) -> tuple[int, float] | None:
    """Return the best epoch and its accuracy, where it had learned something and others came after it."""
    best = best_row(history.epochs)
    if best is None or best == len(history.epochs["epoch"]) - 1:
        return None
    accuracy = float(history.epochs["val_accuracy"][best])
    return None if task.is_chance(accuracy) else (int(history.epochs["epoch"][best]), accuracy)
