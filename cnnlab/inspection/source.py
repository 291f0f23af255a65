"""A model as the Python that builds it: to read, to copy, to run anywhere with Keras."""

import inspect
import re
from collections.abc import Sequence
from typing import Any

import keras

from cnnlab.errors import ArchitectureError
from cnnlab.inspection.graph import Step, walk

NOT_WRITTEN = {"name", "dtype", "data_format", "seed", "quantization_config"}


class Expression(str):
    """Python that stands for a value."""

    __slots__ = ()
    __repr__ = str.__str__


def keras_source(model: keras.Model) -> str:
    """Return a script that builds ``model`` without its weights, every layer named, nested models opened.

    A layer class of our own is written out above the network.

    Raises:
        ArchitectureError: a layer is called twice, which a script of one line each cannot say.
    """
    steps = walk(model)
    for name in steps:
        if "/" in name:
            raise ArchitectureError(
                f"{name.partition('/')[0]} is called twice, so it has no source of one line."
            )
    variable = {name: re.sub(r"\W", "_", name) for name in steps}
    taken = {source for step in steps.values() for source in step.inputs}
    ends = [name for name in steps if name not in taken]
    starts = [name for name, step in steps.items() if not step.inputs]
    classes = {type(step.layer): None for step in steps.values() if not _is_keras(step.layer)}
    own = "".join(f"\n\n{inspect.getsource(kind)}\n" for kind in classes)
    body = "\n".join(_line(step, variable) for step in steps.values())
    imports = "import keras\n" + "import tensorflow as tf\n" * ("tf." in own) + "from keras import layers\n"
    closing = (
        f"model = keras.Model({_tensors(starts, variable)}, {_tensors(ends, variable)}, name={model.name!r})"
    )
    return f"{imports}{own}\n{body}\n{closing}\n"


def _line(step: Step, variable: dict[str, str]) -> str:
    layer, target = step.layer, variable[step.name]
    if not step.inputs:
        return f"{target} = keras.Input({step.output_shape}, name={step.name!r})"
    kind = f"layers.{type(layer).__name__}" if _is_keras(layer) else type(layer).__name__
    settings = ", ".join(f"{name}={value!r}" for name, value in _settings(layer).items())
    return f"{target} = {kind}({settings})({_tensors(step.inputs, variable)})"


def _is_keras(layer: keras.Layer) -> bool:
    return isinstance(layer, getattr(keras.layers, type(layer).__name__, ()))


def _settings(layer: keras.Layer) -> dict[str, Any]:
    """Return the settings that are not the class's defaults, and the name."""
    defaults = {
        name: parameter.default
        for kind in reversed(type(layer).__mro__)
        if "__init__" in vars(kind)
        for name, parameter in inspect.signature(vars(kind)["__init__"]).parameters.items()
    }
    found = {
        name: _written(value)
        for name, value in layer.get_config().items()
        if name in defaults and name not in NOT_WRITTEN and not _is_default(value, defaults[name])
    }
    return found | {"name": layer.name}


def _is_default(value: Any, default: Any) -> bool:
    if isinstance(value, dict) and isinstance(default, str):
        default = keras.saving.serialize_keras_object(getattr(keras, _family(value)).get(default))
    return _written(value) == _written(default) or (value, default) == ("linear", None)


def _written(value: Any) -> Any:
    """Return a setting as people write it: 3 for (3, 3), ``keras.regularizers.L2(l2=0.01)`` for an object."""
    if isinstance(value, dict) and "class_name" in value:
        settings = ", ".join(f"{name}={item!r}" for name, item in value["config"].items())
        return Expression(f"{value['module']}.{value['class_name']}({settings})")
    if isinstance(value, list | tuple):
        items = tuple(_written(item) for item in value)
        alike = all(isinstance(item, int) and item == items[0] for item in items)
        return items[0] if items and alike else items
    return value


def _family(value: dict[str, Any]) -> str:
    return str(value["module"]).rpartition(".")[2]


def _tensors(names: Sequence[str], variable: dict[str, str]) -> str:
    written = [variable[name] for name in names]
    return written[0] if len(written) == 1 else f"[{', '.join(written)}]"
