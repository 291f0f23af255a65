"""The layer table: one row for each call of a layer, with everything a student asks about it."""

from math import prod

import keras

from cnnlab.inspection import formulas
from cnnlab.inspection.figures import LayerRow, ParameterCount
from cnnlab.inspection.graph import Step, walk
from cnnlab.inspection.receptive import Field, fields_of

BYTES = 4
"""Of a float32 value."""


def layer_table(model: keras.Model) -> list[LayerRow]:
    """Return the rows of a functional model in Keras's order, nested models opened."""
    steps = walk(model)
    fields = fields_of(steps)
    rows, counted = [], set()
    for step in steps.values():
        rows.append(_row(step, fields[step.name], repeated=id(step.layer) in counted))
        counted.add(id(step.layer))
    return rows


def count_params(model: keras.Model | keras.Layer) -> ParameterCount:
    """Count from the shapes of the weights, so that it works without their values."""
    total, trainable = (
        sum(prod(weight.shape) for weight in weights) for weights in (model.weights, model.trainable_weights)
    )
    return ParameterCount(total, trainable)


def _row(step: Step, field: Field | None, repeated: bool) -> LayerRow:
    layer = step.layer
    count = ParameterCount(0, 0) if repeated else count_params(layer)
    axes = (field.rows, field.columns) if field else None
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
        receptive_field=(axes[0].size, axes[1].size) if axes else None,
        effective_stride=(axes[0].stride, axes[1].stride) if axes else None,
        effective_padding=(axes[0].padding, axes[1].padding) if axes else None,
        aligned=field is None or field.aligned,
        parameter_formula=formulas.parameters(step),
        shape_formula=formulas.shape(step),
    )
