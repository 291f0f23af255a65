"""Sizes as people write them."""

from collections.abc import Sequence

from cnnlab.inspection.figures import LayerRow


def times(sizes: Sequence[int] | None) -> str:
    """Write sizes as people do, ``5×5×16``; nothing for None."""
    return "×".join(f"{n:,}" for n in sizes or ())


def short(pair: Sequence[int] | None) -> str:
    """Write ``2`` for 2 rows and 2 columns, else ``2×1``."""
    return times(pair[:1] if pair and pair[0] == pair[1] else pair)


def wider_than(row: LayerRow, image: Sequence[int]) -> bool:
    """Return whether a receptive field is larger than the image, on rows or on columns."""
    return any(seen > size for seen, size in zip(row.receptive_field or (), image, strict=False))


def fraction_of(part: float, whole: float, digits: int = 1) -> str:
    """Write a part in per cent: ``54.1 %``."""
    return f"{100 * part / whole:.{digits}f} %"
