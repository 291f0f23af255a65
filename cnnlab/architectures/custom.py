"""From a definition to a network like all others, and back from a network to its definition."""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any

from cnnlab.architectures import kinds, registry
from cnnlab.architectures.definition import ENDS, MOST_LAYERS, Definition, Listed, titled
from cnnlab.architectures.edit import Edit, edited
from cnnlab.architectures.kinds import Value
from cnnlab.architectures.registry import Shape
from cnnlab.errors import ArchitectureError

if TYPE_CHECKING:
    import keras

MOST_PARAMETERS = 500_000_000
"""Two gigabytes of weights, and an optimizer keeps as much again, or twice that."""
FLATTEN = ("flatten", *(f"flatten_{number}" for number in range(MOST_LAYERS)))


def defined(
    title: str, model: "keras.Model", base: str, options: Mapping, edits: tuple[Edit, ...]
) -> Definition:
    """Return the definition of ``base`` with options and edits, whose outline is ``model``.

    It becomes a list of layers where it can be one; else what is known of the base is kept beside its edits.

    Raises:
        ArchitectureError: the title is impossible, or the network too large to train.
    """
    if (size := sum(prod(weight.shape) for weight in model.weights)) > MOST_PARAMETERS:
        raise ArchitectureError(
            f"This network has {size:,} parameters, more than the {MOST_PARAMETERS:,} that can be kept; "
            "make its dense layers or the maps before them smaller."
        )
    start = Definition(titled(title), tuple(model.input.shape[1:]), model.output.shape[-1])
    try:
        return replace(start, layers=listed(model))
    except ArchitectureError:
        own = registry.get(base).definition
        if own is None:
            return replace(start, base=base, options=dict(options), edits=edits)
        return replace(start, base=own.base, options={**own.options, **options}, edits=own.edits + edits)


def listed(model: "keras.Model") -> tuple[Listed, ...]:
    """Return the layers between picture and output of a network that is one line.

    Raises:
        ArchitectureError: paths part or join, or a layer is of no kind that a list can hold.
    """
    if any(layer.input is not before.output for before, layer in pairwise(model.layers)):
        raise ArchitectureError(f"{model.name} has branches, so it is no list of layers.")
    found = []
    for layer in model.layers[1:-1]:
        kind, settings = kinds.kind_of(layer), kinds.settings_of(layer)
        if kind is None or not _alike(kinds.make(kind, layer.name, settings), layer):
            raise ArchitectureError(
                f"{layer.name} of {model.name} is of no kind that a list of layers can hold."
            )
        found.append(Listed(kind, layer.name, settings))
    return tuple(found)


def architecture(name: str, definition: Definition) -> registry.Architecture:
    """Return a definition as a network like all others.

    Raises:
        ArchitectureError: its base or an option does not exist.
    """
    if definition.base and definition.base not in registry.built_in():
        raise ArchitectureError(f"{name} must be made from a built-in network, not from {definition.base!r}.")
    base = registry.get(definition.base) if definition.base else None
    return registry.Architecture(
        name=name,
        title=definition.title,
        year=None,
        paper="",
        summary=definition.summary,
        min_size=1,
        reference=registry.Reference(definition.input_shape, definition.classes),
        build=_from_base(name, definition, base) if base else _from_list(name, definition),
        notes=base.notes if base else {},
        weights=base.weights if base else None,
        definition=definition,
    )


def _from_list(name: str, definition: Definition) -> Callable[..., "keras.Model"]:
    def build(input_shape: Shape, num_classes: int) -> Any:
        import keras

        from cnnlab.architectures.fit import called

        x = image = keras.Input(input_shape, name=ENDS[0])
        for layer in definition.layers:
            x = called(kinds.make(layer.kind, layer.name, layer.settings), x)
        if len(x.shape) > 2:
            taken = {layer.name for layer in definition.layers}
            x = keras.layers.Flatten(name=next(n for n in FLATTEN if n not in taken))(x)
        x = keras.layers.Dense(num_classes, activation="softmax", name=ENDS[1])(x)
        return keras.Model(image, x, name=name)

    return build


def _from_base(
    name: str, definition: Definition, base: registry.Architecture
) -> Callable[..., "keras.Model"]:
    """Return a builder with the options of the base, whose defaults are those of the definition."""
    registry.check(base, definition.options)

    @functools.wraps(base.build)
    def build(input_shape: Shape, num_classes: int, **options: Value) -> "keras.Model":
        import keras

        from cnnlab.architectures.carrying import carry_over
        from cnnlab.architectures.weightless import without_weights

        options = base.options | definition.options | options
        if options.get("base_weights") == "imagenet":
            model = base.build(input_shape, num_classes, **options)
            copy = edited(model, definition.edits)
            carry_over(model, copy)
        else:
            with without_weights():
                model = base.build(input_shape, num_classes, **options)
            copy = edited(model, definition.edits)
        return keras.Model(copy.input, copy.output, name=name)

    signature = inspect.signature(base.build)
    parameters = [
        known.replace(default=definition.options.get(known.name, known.default))
        for known in signature.parameters.values()
    ]
    vars(build)["__signature__"] = signature.replace(parameters=parameters)
    return build


def _alike(one: "keras.Layer", other: "keras.Layer") -> bool:
    """Return whether two layers have the same settings, those included that people cannot change here."""
    first, second = ({**layer.get_config(), "seed": None, "dtype": None} for layer in (one, other))
    return first == second
