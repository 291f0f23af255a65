"""The layer table: one row for each call of a layer, with everything a student asks about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import keras

from cnnlab.inspection import formulas
from cnnlab.inspection.graph import Sizes, Step, walk
from cnnlab.inspection.receptive import Field, fields_of
from cnnlab.inspection.windows import Pair

BYTES = 4
"""Of a float32 value."""


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
    """One call of a layer: shapes without the batch axis, cost of one picture, fields in its pixels.

    ``aligned`` is False where the inputs of a layer see differently centred boxes. ``effective_padding`` is
    how far the first unit looks past the top and left of the picture. Weights of a layer that is called again
    are counted in its first row.
    """

    name: str
    type: str
    inputs: tuple[str, ...]
    output_shape: Sizes
    params: int
    trainable_params: int
    macs: int
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
    """The sums of a layer table, for one picture; ``receptive_field`` is that of the last map."""

    params: int
    trainable_params: int
    macs: int
    activation_bytes: int
    receptive_field: Pair | None

    @classmethod
    def of(cls, rows: Sequence[LayerRow]) -> "Totals":
        """Add up the rows of one network."""
        sums = [
            sum(getattr(row, field) for row in rows)
            for field in ("params", "trainable_params", "macs", "activation_bytes")
        ]
        return cls(*sums, next((row.receptive_field for row in reversed(rows) if row.receptive_field), None))


def layer_table(model: keras.Model) -> list[LayerRow]:
    """Return the rows of a functional model in Keras's order, nested models opened."""
    steps = walk(model)
    fields = fields_of(steps)
    rows, counted = [], set()
    for step in steps.values():
        rows.append(_row(step, fields[step.name], repeated=id(step.layer) in counted))
        counted.add(id(step.layer))
    return rows


def up_to(rows: Sequence[LayerRow], name: str) -> list[LayerRow]:
    """Return the rows that the output of a layer depends on, its own with them, in their order."""
    needed = {name}
    for row in reversed(rows):
        if row.name in needed:
            needed.update(row.inputs)
    return [row for row in rows if row.name in needed]


def count_params(model: keras.Model | keras.Layer) -> ParameterCount:
    """Count from the shapes of the weights, so that it works without their values."""
    total, trainable = (
        sum(prod(weight.shape) for weight in weights) for weights in (model.weights, model.trainable_weights)
    )
    return ParameterCount(total, trainable)


def _row(step: Step, field: Field | None, repeated: bool) -> LayerRow:
    layer = step.layer
    count = ParameterCount(0, 0) if repeated else count_params(layer)
    return LayerRow(
        name=step.name,
        type=type(layer).__name__,
        inputs=step.inputs,
        output_shape=step.output_shape,
        params=count.total,
        trainable_params=count.trainable,
        macs=formulas.macs(step),
        activation_bytes=BYTES * prod(step.output_shape),
        kernel_size=getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None),
        strides=getattr(layer, "strides", None),
        padding=layer.padding if isinstance(getattr(layer, "padding", None), str) else None,
        receptive_field=field and (field.rows.size, field.columns.size),
        effective_stride=field and (field.rows.stride, field.columns.stride),
        effective_padding=field and (field.rows.padding, field.columns.padding),
        aligned=field is None or field.aligned,
        parameter_formula=formulas.parameters(step),
        shape_formula=formulas.shape(step),
    )
