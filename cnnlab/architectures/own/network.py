"""From the definition of a person's own network to a network like all others."""

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnnlab.architectures import registry
from cnnlab.architectures.own import kinds
from cnnlab.architectures.own.definition import ENDS, MOST_LAYERS, Definition
from cnnlab.architectures.own.edit import edited
from cnnlab.architectures.own.kinds import Value
from cnnlab.architectures.registry import Shape
from cnnlab.errors import ArchitectureError

if TYPE_CHECKING:
    import keras

FLATTEN = ("flatten", *(f"flatten_{number}" for number in range(MOST_LAYERS)))


def architecture(name: str, definition: Definition) -> registry.Architecture:
    """Return a definition as a network like all others.

    Raises:
        ArchitectureError: its base or an option does not exist.
    """
    base = registry.BUILT_IN.get(definition.base)
    if definition.base and not base:
        raise ArchitectureError(
            f"{definition.title} must be made from a built-in network, not from {definition.base!r}."
        )
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
        base=base.base if base else None,
        definition=definition,
    )


def _from_list(name: str, definition: Definition) -> Callable[..., "keras.Model"]:
    def build(input_shape: Shape, num_classes: int) -> Any:
        import keras

        x = image = keras.Input(input_shape, name=ENDS[0])
        for layer in definition.layers:
            x = kinds.called(kinds.make(layer.kind, layer.name, layer.settings), x)
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

        from cnnlab.architectures.weight_transfer import transfer_weights
        from cnnlab.keras_internals import without_weights

        options = base.options | definition.options | options
        if base.begins_pretrained(options):
            model = base.build(input_shape, num_classes, **options)
            copy = edited(model, definition.edits)
            transfer_weights(model, copy)
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
