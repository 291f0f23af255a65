"""What inspection finds out, as plain values: to show, to compare, to send; no Keras needed."""

from collections.abc import Sequence
from dataclasses import dataclass

Sizes = tuple[int, ...]
Pair = tuple[int, int]


@dataclass(frozen=True)
class ParameterCount:
    """Parameters of a model or a layer; batch norm's moving statistics are never trainable."""

    total: int
    trainable: int

    @property
    def non_trainable(self) -> int:
        """Parameters that training leaves alone."""
        return self.total - self.trainable


@dataclass(frozen=True)
class LayerRow:
    """One call of a layer: shapes without the batch axis, cost of one image, fields in its pixels.

    ``aligned`` is False where the inputs of a layer see differently centred boxes. ``effective_padding`` is
    how far the first unit looks past the top and left of the image. Weights of a layer that is called again
    are counted in its first row. ``macs`` is None for a kind of layer whose arithmetic is not known here.
    """

    name: str
    type: str
    inputs: tuple[str, ...]
    output_shape: Sizes
    params: int
    trainable_params: int
    macs: int | None
    activation_bytes: int
    kernel_size: Pair | None
    strides: Pair | None
    padding: str | None
    receptive_field: Pair | None
    effective_stride: Pair | None
    effective_padding: Pair | None
    aligned: bool
    parameter_formula: str
    shape_formula: str


@dataclass(frozen=True)
class Totals:
    """The sums of a layer table, for one image; ``receptive_field`` is that of the last map.

    ``macs`` is None where that of one row is.
    """

    params: int
    trainable_params: int
    macs: int | None
    activation_bytes: int
    receptive_field: Pair | None

    @classmethod
    def of(cls, rows: Sequence[LayerRow]) -> "Totals":
        """Add up the rows of one network."""
        known = [row.macs for row in rows if row.macs is not None]
        return cls(
            sum(row.params for row in rows),
            sum(row.trainable_params for row in rows),
            sum(known) if len(known) == len(rows) else None,
            sum(row.activation_bytes for row in rows),
            next((row.receptive_field for row in reversed(rows) if row.receptive_field), None),
        )


def up_to(rows: Sequence[LayerRow], name: str) -> list[LayerRow]:
    """Return the rows that the output of a layer depends on, its own with them, in their order."""
    needed = {name}
    for row in reversed(rows):
        if row.name in needed:
            needed.update(row.inputs)
    return [row for row in rows if row.name in needed]


@dataclass(frozen=True)
class Box:
    """Rows ``top`` to ``bottom`` and columns ``left`` to ``right``, half-open, in pixels of the image."""

    top: int
    left: int
    bottom: int
    right: int

    def clip(self, height: int, width: int) -> "Box":
        """Return the part of the box that lies on an image of this size."""
        top, bottom = (min(max(y, 0), height) for y in (self.top, self.bottom))
        left, right = (min(max(x, 0), width) for x in (self.left, self.right))
        return Box(top, left, bottom, right)
