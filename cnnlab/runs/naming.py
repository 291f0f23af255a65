"""What a run is called that was given no title: after its network and its dataset.

Their titles are known to parts above this one, which say so with ``ask``. Nothing is written into the run:
a dataset that gets another title gives it to its runs.
"""

from collections.abc import Callable
from pathlib import Path

from cnnlab.settings import RunConfig


def by_names(config: RunConfig) -> str:
    """Return the title of a run by the names of its network and its dataset: ``lenet5 on digits``."""
    return f"{config.architecture} on {Path(config.dataset).name}"


_asked: list[Callable[[RunConfig], str]] = [by_names]


def ask(titles: Callable[[RunConfig], str]) -> None:
    """Let a function say what such runs are called; the last one that was given does."""
    _asked[:] = [titles]


def of(config: RunConfig) -> str:
    """Return what a run with these settings is called."""
    return _asked[0](config)
