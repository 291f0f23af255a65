"""How good a run is, in one line: the accuracy with its interval, the errors, overfitting, and chance."""

from cnnlab.inference import accuracy_in_words, percent, validation_pictures
from cnnlab.runs import Run, Status
from cnnlab.training.verdict import task_of


def standing(run: Run, now: Status, overfits: bool | None) -> str:
    """Say ``97.8 % (95 % CI 95.7–98.9, n = 359): 8 errors; no overfitting seen; chance is 10.3 %``.

    The accuracy is that of the best epoch, whose weights are kept. Empty before the first epoch has ended.
    ``overfits`` None: nothing is said of it.
    """
    best, images, task = now.best_val_accuracy, validation_pictures(run), task_of(run)
    if best is None:
        return ""
    said = accuracy_in_words(best, images)
    if not images or not task:
        return said
    errors = images - round(best * images)
    parts = [f"{said}: {errors:,} error{'s' if errors != 1 else ''}"]
    if overfits is not None:
        parts.append("overfitting" if overfits else "no overfitting seen")
    return "; ".join([*parts, f"chance is {percent(task.chance)}"])


def chance_of(run: Run) -> float | None:
    """Return the accuracy of always naming the largest class, or of guessing; None while it is not known."""
    task = task_of(run)
    return task.chance if task else None
