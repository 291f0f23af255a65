"""An accuracy as people should read it: with the number of images behind it, how sure it is, any leak.

In the language of the page that says it; the command line and workers write English.
"""

from cnnlab.errors import RunError
from cnnlab.inference.evaluation import wilson
from cnnlab.languages import _
from cnnlab.runs import Overview, Run


class ImageCount(int):
    """How many images an accuracy was measured on, and how many of them the weights had been trained on.

    It is a number, so that whoever needs no more takes it as one; whoever writes an accuracy hands it on, and
    the mark of a leak is never forgotten.
    """

    leaked: int

    def __new__(cls, count: int, leaked: int = 0) -> "ImageCount":
        """``leaked`` of the ``count`` were trained on."""
        made = super().__new__(cls, count)
        made.leaked = min(leaked, count)
        return made

    @classmethod
    def of(cls, seen: Overview) -> "ImageCount | None":
        """Return those that a run of the overview is validated on, or None while they are not known."""
        return None if seen.images is None else cls(seen.images, seen.leaked)

    @property
    def mark(self) -> str:
        """Say ``over-optimistic (data leakage: 12 of 18 trained on)``, or nothing where none leaked."""
        if not self.leaked:
            return ""
        return _(
            "over-optimistic (data leakage: {leaked} of {n} trained on)",
            leaked=f"{self.leaked:,}",
            n=f"{int(self):,}",
        )


def accuracy_in_words(accuracy: float, images: int | None) -> str:
    """Say ``98.0 % (95 % CI 89.5–99.6, n = 50)``.

    The interval is the 95 % score interval of Wilson. Where the number of ``images`` is not known (None) or
    0, the bare ``98.0 %``. Of an ``ImageCount`` that leaks the mark follows.
    """
    if not images:
        return percent(accuracy)
    said = _("{accuracy} ({interval})", accuracy=percent(accuracy), interval=_interval(accuracy, images))
    return _marked(said, images)


def interval_in_words(accuracy: float, images: int) -> str:
    """Say ``95 % CI 89.5–99.6, n = 50``, the score interval of Wilson; and the mark of those that leak."""
    return _marked(_interval(accuracy, images), images)


def ends_in_words(accuracy: float, images: int) -> str:
    """Say ``89.5–99.6, n = 50`` where a heading says what it is; and the mark of those that leak."""
    return _marked(_("{low}–{high}, n = {n}", **_ends(accuracy, images)), images)


def percent(fraction: float) -> str:
    """Say 0.9712 as ``97.1 %``."""
    return f"{fraction * 100:.1f} %"


def validation_count(run: Run) -> ImageCount | None:
    """Return on how many images a run is validated, or None before it has loaded them."""
    try:
        facts = run.model_facts
        return ImageCount(facts.split["validation"], facts.leaked)
    except (RunError, KeyError):
        return None


def _interval(accuracy: float, images: int) -> str:
    return _("95 % CI {low}–{high}, n = {n}", **_ends(accuracy, images))


def _ends(accuracy: float, images: int) -> dict[str, str]:
    low, high = wilson(round(accuracy * images), images)
    return {"low": f"{low * 100:.1f}", "high": f"{high * 100:.1f}", "n": f"{images:,}"}


def _marked(words: str, images: int) -> str:
    mark = images.mark if isinstance(images, ImageCount) else ""
    return _("{accuracy}, {mark}", accuracy=words, mark=mark) if mark else words
