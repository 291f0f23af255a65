"""What datasets, their images and lists of names are called in the language of the page."""

import re
from collections.abc import Callable, Iterable

from streamlit.delta_generator import DeltaGenerator

from cnnlab.datasets import DatasetInfo
from cnnlab.languages import _, _p, recognised, texts

NUMBERED = texts(
    {"digit": "digit {n}", "photo": "photo {n}", "item": "item {n}", "drawing": "drawing {n}"},
)
"""What the images of built-in datasets are called by their number, see ``ImageSet.numbered``."""
_NUMBERED = re.compile(rf"({'|'.join(NUMBERED)}) (\d+)")


def title(info: DatasetInfo) -> str:
    """Return what a dataset is called: one of people's own as they called it."""
    return info.title if info.kind == "folder" else _(info.title)


def image_name(name: str) -> str:
    """Return what an image is called: that of a file is the same in every language."""
    found = _NUMBERED.fullmatch(name)
    return _(NUMBERED[found[1]], n=found[2]) if found else name


def listed(names: Iterable[str], most: int | None = None) -> str:
    """Return names in one line, at most so many; dots stand for the others."""
    every = list(names)
    some = _p("between names", ", ").join(every[:most])
    return some if most is None or len(every) <= most else f"{some} …"


def told(bar: DeltaGenerator) -> Callable[[float, str], None]:
    """Return a progress that shows on a bar how far something is, in the language of the page."""

    def progress(fraction: float, doing: str) -> None:
        bar.progress(fraction, recognised(doing))

    return progress
