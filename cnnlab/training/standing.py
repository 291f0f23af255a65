"""How good a run is, in one line: the accuracy with its interval, the errors, overfitting, and chance."""

from cnnlab.inference import accuracy_in_words, percent, validation_count
from cnnlab.languages import _, _n, _p
from cnnlab.runs import Run, Status
from cnnlab.training.verdict import task_of


def standing(run: Run, now: Status, overfits: bool | None) -> str:
    """Say ``97.8 % (95 % CI 95.7–98.9, n = 359): 8 errors; no overfitting seen; chance is 10.3 %``.

    The accuracy is that of the best epoch, whose weights are kept. Empty before the first epoch has ended.
    ``overfits`` None: nothing is said of it.
    """
    best, images, task = now.best_val_accuracy, validation_count(run), task_of(run)
    if best is None:
        return ""
    said = accuracy_in_words(best, images)
    if not images or not task:
        return said
    errors = images - round(best * images)
    wrong = _n("{n} error", "{n} errors", errors)
    parts = [_("{accuracy}: {errors}", accuracy=said, errors=wrong)]
    if overfits is not None:
        parts.append(_("overfitting") if overfits else _("no overfitting seen"))
    parts.append(_("chance is {accuracy}", accuracy=percent(task.chance)))
    return _p("between the parts of a sentence", "; ").join(parts)


def chance_of(run: Run) -> float | None:
    """Return the accuracy of always naming the largest class, or of guessing; None while it is not known."""
    task = task_of(run)
    return task.chance if task else None
