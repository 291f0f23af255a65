"""An accuracy as people should read it: with the number of pictures behind it, how sure it is, any leak."""

from cnnlab.errors import RunError
from cnnlab.inference.evaluation import wilson
from cnnlab.runs import Overview, Run

MANY = 1000
"""From so many pictures on the 95 % interval of a middling accuracy is narrower than 6.2 points."""


class Pictures(int):
    """How many pictures an accuracy was measured on, and how many of them the weights had been trained on.

    It is a number, so that whoever needs no more takes it as one; whoever writes an accuracy hands it on, and
    the mark of a leak is never forgotten.
    """

    leaked: int

    def __new__(cls, count: int, leaked: int = 0) -> "Pictures":
        """``leaked`` of the ``count`` were trained on."""
        made = super().__new__(cls, count)
        made.leaked = min(leaked, count)
        return made

    @classmethod
    def of(cls, seen: Overview) -> "Pictures | None":
        """Return those that a run of the overview is validated on, or None while they are not known."""
        return None if seen.pictures is None else cls(seen.pictures, seen.leaked)

    @property
    def mark(self) -> str:
        """Say ``data leakage: 12 of 18 trained on``, or nothing where none leaked."""
        return f"data leakage: {self.leaked:,} of {int(self):,} trained on" if self.leaked else ""


def accuracy_in_words(accuracy: float, pictures: int | None) -> str:
    """Say ``98.0 % of 50 (89.5 to 99.6 %)``; a bare ``97.1 %`` of many pictures, if some were wrong.

    The interval is the 95 % score interval of Wilson. ``pictures`` None: the number is not known. Of
    ``Pictures`` that leak the mark follows.
    """
    bare = f"{accuracy:.1%}".replace("%", " %")
    if not pictures or (pictures >= MANY and accuracy < 1):
        return _marked(bare, pictures)
    low, high = wilson(round(accuracy * pictures), pictures)
    return _marked(f"{bare} of {pictures:,} ({low * 100:.1f} to {high * 100:.1f} %)", pictures)


def interval_in_words(accuracy: float, pictures: int) -> str:
    """Say ``89.5 to 99.6 % of 50``: the 95 % score interval of Wilson; and the mark of those that leak."""
    low, high = wilson(round(accuracy * pictures), pictures)
    return _marked(f"{low * 100:.1f} to {high * 100:.1f} % of {pictures:,}", pictures)


def validation_pictures(run: Run) -> Pictures | None:
    """Return on how many pictures a run is validated, or None before it has loaded them."""
    try:
        facts = run.model_facts
        return Pictures(int(facts["split"]["validation"]), int(facts.get("leaked") or 0))
    except (RunError, KeyError, TypeError, ValueError):
        return None


def _marked(words: str, pictures: int | None) -> str:
    mark = pictures.mark if isinstance(pictures, Pictures) else ""
    return f"{words}, {mark}" if mark else words
