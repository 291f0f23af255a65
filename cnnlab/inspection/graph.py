"""A model as a list of steps: every call of every layer, nested models opened, in Keras's own order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import keras

from cnnlab.errors import ArchitectureError
from cnnlab.inspection.figures import Sizes
from cnnlab.keras_internals import calls_behind

if TYPE_CHECKING:
    from keras.src.ops.node import Node


@dataclass(frozen=True)
class Step:
    """One call of one layer; shapes are without the batch axis, ``inputs`` are names of earlier steps."""

    name: str
    layer: keras.Layer
    inputs: tuple[str, ...]
    input_shapes: tuple[Sizes, ...]
    output_shape: Sizes
    node: Any = field(default=None, repr=False, compare=False)

    def call(self, values: Mapping[str, Any]) -> Any:
        """Compute the step as inference does, from the values of the steps named in ``inputs``."""
        given = {id(t): values[name] for t, name in zip(self.node.input_tensors, self.inputs, strict=True)}
        arguments, options = self.node.arguments.fill_in(given)
        if "training" in options:
            options = options | {"training": False}
        made = self.layer(*arguments, **options)
        return made[0] if isinstance(made, list | tuple) else made


def walk(model: keras.Model) -> dict[str, Step]:
    """Return the model's steps by name, each after the steps it takes its input from.

    A step has its layer's name; a second call, or another layer of that name in a nested model, gets ``/2``.
    A nested model is not a step, nor is its input: its layers are.

    Raises:
        ArchitectureError: the model leaves the size of its images open.
    """
    found: dict[str, Step] = {}
    _open(model, {}, found)
    return found


def _open(model: keras.Model, source: dict[int, str], found: dict[str, Step]) -> list[str]:
    """Add the model's steps to ``found`` and return the names of those behind its outputs.

    ``source`` names the step behind a tensor, by the tensor's id; a nested model's inputs are in it already.
    """
    for node in _nodes(model):
        if id(node.outputs[0]) in source:
            continue
        inputs = [source[id(tensor)] for tensor in node.input_tensors]
        inner = node.operation
        if isinstance(inner, keras.Model) and inner.inputs:
            entries = dict(zip(map(id, inner.inputs), inputs, strict=True))
            outputs = _open(inner, entries, found)
        else:
            outputs = [_add(node, tuple(inputs), found)] * len(node.outputs)
        source |= dict(zip(map(id, node.outputs), outputs, strict=True))
    return [source[id(tensor)] for tensor in model.outputs]


def _add(node: "Node", inputs: tuple[str, ...], found: dict[str, Step]) -> str:
    name, call = str(node.operation.name), 1
    while name in found:
        name, call = f"{node.operation.name}/{call + 1}", call + 1
    shapes = tuple(_sizes(tensor) for tensor in node.input_tensors)
    found[name] = Step(name, node.operation, inputs, shapes, _sizes(node.outputs[0]), node)
    return name


def _sizes(tensor: keras.KerasTensor) -> Sizes:
    if None in tensor.shape[1:]:
        raise ArchitectureError("The network leaves its input size open; build it for a size to inspect it.")
    return tuple(tensor.shape[1:])


def _nodes(model: keras.Model) -> "list[Node]":
    """Return the calls inside a model, inputs first."""
    entries = {id(tensor) for tensor in model.inputs}

    def parents(node: "Node") -> "list[Node]":
        return [] if id(node.outputs[0]) in entries else calls_behind(node.input_tensors)

    order: dict[Node, int] = {}  # node -> its distance from the outputs; a dict keeps the order of insertion
    pending = calls_behind(model.outputs)[::-1]
    while pending:
        if waiting := [node for node in parents(pending[-1]) if node not in order]:
            pending += waiting[::-1]
        else:
            order.setdefault(pending.pop(), 0)
    for node in reversed(list(order)):
        for parent in parents(node):
            order[parent] = max(order[parent], order[node] + 1)
    return sorted(order, key=order.__getitem__, reverse=True)
