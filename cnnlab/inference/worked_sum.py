"""The sum that made a cell: the numbers that a layer multiplied and added, of any cell of any layer.

A convolution: patch × kernel + bias, then the activation. A pooling: which cell won, or the mean of how many.
A dense layer: the terms, the largest first. Batch norm, additions and activations of their own: their one
line. Every sum is computed anew from its numbers with NumPy in float64.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from cnnlab.errors import ArchitectureError
from cnnlab.inference.execution import activation_of, executed, image_batch, step_called
from cnnlab.inference.sums import Term, WorkedSum
from cnnlab.inspection.graph import Step
from cnnlab.inspection.windows import Window, window

TERMS = 10


def worked_sum(model: Any, image: np.ndarray, layer: str, cell: tuple[int, ...]) -> WorkedSum:
    """Return the sum behind one value of a layer.

    Args:
        model: a functional network, which may hold other networks.
        image: float32 ``(H, W, C)`` as the network takes it.
        layer: its name, as in the layer table.
        cell: (row, column, channel), or (unit,) of a vector.

    Raises:
        ArchitectureError: there is no such layer or cell, or the layer computes something else.
    """
    wanted = step_called(model, layer)
    shape = wanted.output_shape
    if len(cell) != len(shape) or not all(0 <= n < size for n, size in zip(cell, shape, strict=True)):
        sizes = " × ".join(map(str, shape))
        raise ArchitectureError(f"{layer} is {sizes}; there is no cell {', '.join(map(str, cell))} in it.")
    for step, inputs, output in executed(model, image_batch(image)):
        if step.name == layer:
            given = [np.asarray(tensor[0], np.float64) for tensor in inputs]
            value = float(np.asarray(output[0], np.float64)[tuple(cell)])
            return _work(step)(step, given, tuple(int(n) for n in cell), value)
    raise AssertionError(layer)


def _work(step: Step) -> Callable[[Step, list[np.ndarray], tuple[int, ...], float], WorkedSum]:
    """Return what works a layer's sum out.

    Raises:
        ArchitectureError: the layer's values are no sums that are known here.
    """
    kinds = keras.layers
    for types, work in (
        ((kinds.Conv2D, kinds.DepthwiseConv2D, kinds.SeparableConv2D), _convolution),
        ((kinds.MaxPooling2D, kinds.GlobalMaxPooling2D, kinds.AveragePooling2D), _pooling),
        ((kinds.GlobalAveragePooling2D,), _pooling),
        ((kinds.Dense,), _dense),
        ((kinds.BatchNormalization,), _batch_norm),
        ((kinds.Add,), _addition),
        ((kinds.Concatenate,), _concatenation),
        ((kinds.Activation, kinds.ReLU, kinds.LeakyReLU, kinds.ELU, kinds.Softmax), _activation),
    ):
        if isinstance(step.layer, types) and getattr(step.layer, "data_format", "") != "channels_first":
            return work
    raise ArchitectureError(
        f"{step.name} is a {type(step.layer).__name__} layer, whose values are no sums; choose another."
    )


def _convolution(step: Step, given: list[np.ndarray], cell: tuple[int, ...], value: float) -> WorkedSum:
    layer, (row, column, channel) = step.layer, cell
    place = _place(step)
    patch, inside, corner = _patch(given[0], place, row, column)
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        source, multiple = divmod(channel, layer.depth_multiplier)
        kernel = _array(layer.kernel)[:, :, source : source + 1, multiple]
        patch = patch[..., source : source + 1]
    elif isinstance(layer, keras.layers.SeparableConv2D):
        depthwise, pointwise = _array(layer.depthwise_kernel), _array(layer.pointwise_kernel)[0, 0]
        mixed = pointwise[:, channel].reshape(depthwise.shape[2:])
        kernel = (depthwise * mixed).sum(-1)
    else:
        kernel = _array(layer.kernel)[..., channel]
        size = kernel.shape[-1]
        group = channel // (layer.filters // layer.groups)
        patch = patch[..., group * size : (group + 1) * size]
    bias = float(_array(layer.bias)[channel]) if layer.use_bias else None
    return WorkedSum(
        kind="convolution",
        layer=step.name,
        cell=cell,
        value=value,
        before=float((patch * kernel).sum() + (bias or 0.0)),
        activation=activation_of(layer),
        patch=patch,
        inside=inside,
        corner=corner,
        dilation=place.dilation,
        kernel=kernel,
        bias=bias,
    )


def _pooling(step: Step, given: list[np.ndarray], cell: tuple[int, ...], value: float) -> WorkedSum:
    layer, channel = step.layer, cell[-1]
    place, at = _place(step), cell[:2] if len(cell) == 3 else (0, 0)
    patch, inside, corner = _patch(given[0], place, *at)
    patch = patch[..., channel : channel + 1]
    largest = isinstance(layer, keras.layers.MaxPooling2D | keras.layers.GlobalMaxPooling2D)
    values = patch[..., 0][inside]
    winner = None
    if largest:
        best = int(np.where(inside, patch[..., 0], -np.inf).argmax())
        row, column = divmod(best, inside.shape[1])
        winner = (row + corner[0], column + corner[1])
    return WorkedSum(
        kind="maximum" if largest else "mean",
        layer=step.name,
        cell=cell,
        value=value,
        before=float(values.max() if largest else values.mean()),
        patch=patch,
        inside=inside,
        corner=corner,
        winner=winner,
        parts={"cells": float(inside.sum())},
    )


def _dense(step: Step, given: list[np.ndarray], cell: tuple[int, ...], value: float) -> WorkedSum:
    layer, values = step.layer, given[0][cell[:-1]]
    weights = _array(layer.kernel)[:, cell[-1]]
    products = values * weights
    largest = np.argsort(-np.abs(products), kind="stable")[:TERMS]
    bias = float(_array(layer.bias)[cell[-1]]) if layer.use_bias else None
    return WorkedSum(
        kind="dense",
        layer=step.name,
        cell=cell,
        value=value,
        before=float(products.sum() + (bias or 0.0)),
        activation=activation_of(layer),
        bias=bias,
        terms=tuple(Term(int(i), float(values[i]), float(weights[i])) for i in largest),
        rest=float(np.delete(products, largest).sum()),
    )


def _batch_norm(step: Step, given: list[np.ndarray], cell: tuple[int, ...], value: float) -> WorkedSum:
    layer, channel = step.layer, cell[-1]
    mean, variance = (float(_array(v)[channel]) for v in (layer.moving_mean, layer.moving_variance))
    gamma = float(_array(layer.gamma)[channel]) if layer.scale else 1.0
    beta = float(_array(layer.beta)[channel]) if layer.center else 0.0
    parts = {"input": float(given[0][cell]), "mean": mean, "variance": variance, "gamma": gamma, "beta": beta}
    parts["epsilon"] = float(layer.epsilon)
    before = gamma * (parts["input"] - mean) / np.sqrt(variance + layer.epsilon) + beta
    return WorkedSum("batch_norm", step.name, cell, value, float(before), parts=parts)


def _addition(step: Step, given: list[np.ndarray], cell: tuple[int, ...], value: float) -> WorkedSum:
    parts: dict[str, float] = {}
    for name, array in zip(step.inputs, given, strict=True):
        at = tuple(0 if size == 1 else n for n, size in zip(cell, array.shape, strict=True))
        while name in parts:
            name += " "  # the same layer twice
        parts[name] = float(array[at])
    return WorkedSum("addition", step.name, cell, value, sum(parts.values()), parts=parts)


def _concatenation(step: Step, given: list[np.ndarray], cell: tuple[int, ...], value: float) -> WorkedSum:
    axis = step.layer.axis - 1 if step.layer.axis > 0 else step.layer.axis + len(cell)
    place = cell[axis]
    for name, array in zip(step.inputs, given, strict=True):
        if place < array.shape[axis]:
            at = (*cell[:axis], place, *cell[axis + 1 :])
            parts = {name: float(array[at]), "place": float(place)}
            return WorkedSum("concatenation", step.name, cell, value, float(array[at]), parts=parts)
        place -= array.shape[axis]
    raise AssertionError(step.name)


def _activation(step: Step, given: list[np.ndarray], cell: tuple[int, ...], value: float) -> WorkedSum:
    kind = type(step.layer).__name__
    named = {"Activation": activation_of(step.layer), "LeakyReLU": "leaky_relu"}.get(kind, kind.lower())
    before = float(given[0][cell])
    return WorkedSum(
        "activation",
        step.name,
        cell,
        value,
        before,
        named,
        parts={"input": before},
    )


def _place(step: Step) -> Window:
    place = window(step.layer, step.input_shapes[0], step.output_shape)
    if place is None:
        raise ArchitectureError(f"What a cell of {step.name} sees is not known; choose another layer.")
    return place


def _patch(
    maps: np.ndarray, place: Window, row: int, column: int
) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    """Return what a cell sees, 0 on padding, where it is no padding, and the first row and column."""
    corner = tuple(n * s - b for n, s, b in zip((row, column), place.stride, place.before, strict=True))
    lines = [
        start + np.arange(size) * apart
        for start, size, apart in zip(corner, place.size, place.dilation, strict=True)
    ]
    inside = [(line >= 0) & (line < side) for line, side in zip(lines, maps.shape[:2], strict=True)]
    seen = maps[np.ix_(*(np.where(ok, line, 0) for ok, line in zip(inside, lines, strict=True)))]
    both = inside[0][:, None] & inside[1][None, :]
    return np.where(both[..., None], seen, 0.0), both, (int(corner[0]), int(corner[1]))


def _array(variable: keras.Variable) -> np.ndarray:
    return np.asarray(variable, np.float64)
