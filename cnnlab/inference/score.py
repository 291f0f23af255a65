"""An accuracy as people should read it: with the number of pictures behind it, and how sure it is."""

from cnnlab.errors import RunError
from cnnlab.inference.evaluation import wilson
from cnnlab.runs import Run

MANY = 1000
"""From so many pictures on the 95 % interval of a middling accuracy is narrower than 6.2 points."""


def accuracy_in_words(accuracy: float, pictures: int | None) -> str:
    """Say ``98.0 % of 50 (89.5 to 99.6 %)``; a bare ``97.1 %`` of many pictures, if some were wrong.

    The interval is the 95 % score interval of Wilson. ``pictures`` None: the number is not known.
    """
    bare = f"{accuracy:.1%}".replace("%", " %")
    if not pictures or (pictures >= MANY and accuracy < 1):
        return bare
    low, high = wilson(round(accuracy * pictures), pictures)
    return f"{bare} of {pictures:,} ({low * 100:.1f} to {high * 100:.1f} %)"


def interval_in_words(accuracy: float, pictures: int) -> str:
    """Say ``89.5 to 99.6 % of 50``: the 95 % score interval of Wilson."""
    low, high = wilson(round(accuracy * pictures), pictures)
    return f"{low * 100:.1f} to {high * 100:.1f} % of {pictures:,}"


def validation_pictures(run: Run) -> int | None:
    """Return on how many pictures a run is validated, or None before it has loaded them."""
    try:
        return int(run.model_facts["split"]["validation"])
    except (RunError, KeyError, TypeError, ValueError):
        return None
