"""The names of classes: where they stand in a file's name, in which order they come."""

import re
from collections.abc import Iterable

from cnnlab.datasets.split import GROUP_MARK
from cnnlab.shelf import nfc

CLASS_BEFORE_NUMBER = re.compile(r"(.*?[^\W\d_])[\W_]*\d")


def class_in(file_name: str) -> str | None:
    """Return the class in ``cat.12.jpg``, ``cat12.jpg``, ``hot_dog_3.jpg``; ``anna__12.jpg`` has a group."""
    found = CLASS_BEFORE_NUMBER.match(file_name)
    return found[1] if found and GROUP_MARK not in file_name else None


def alike(name: str) -> str:
    """Return what is the same for names that differ in capitals only."""
    return nfc(name).casefold()


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Return names without repetition in the order in which people count: 2 before 10."""
    return tuple(sorted(set(names), key=_natural))


def _natural(name: str) -> tuple:
    parts = re.split(r"(\d+)", name)
    for place in range(1, len(parts), 2):
        digits = parts[place].lstrip("0")
        parts[place] = (len(digits), digits)
    return tuple(parts), name
