"""Sizes and kinds of layers as people write them."""

import re
from collections.abc import Sequence

from cnnlab.inspection.figures import LayerRow
from cnnlab.languages import _, _n

ABSENT = "bypassed"
"""The type of a layer that passes its input on unchanged."""
_LAYERS = re.compile(r"(\d+) layers")


def times(sizes: Sequence[int] | None) -> str:
    """Write sizes as people do, ``5×5×16``; nothing for None."""
    return "×".join(f"{n:,}" for n in sizes or ())


def short(pair: Sequence[int] | None) -> str:
    """Write ``2`` for 2 rows and 2 columns, else ``2×1``."""
    return times(pair[:1] if pair and pair[0] == pair[1] else pair)


def wider_than(row: LayerRow, image: Sequence[int]) -> bool:
    """Return whether a receptive field is larger than the image, on rows or on columns."""
    return any(seen > size for seen, size in zip(row.receptive_field or (), image, strict=False))


def type_in_words(type_of: str) -> str:
    """Say what the ``type`` of a row is: Keras's name of it, or in words where it is none of Keras."""
    if counted := _LAYERS.fullmatch(type_of):
        return _n("{n} layer", "{n} layers", int(counted[1]))
    return _("bypassed") if type_of == ABSENT else type_of


def fraction_of(part: float, whole: float, digits: int = 1) -> str:
    """Write a part in per cent: ``54.1 %``."""
    return f"{100 * part / whole:.{digits}f} %"
