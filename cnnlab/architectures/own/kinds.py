"""The kinds of layers that people put together: the settings of each, their limits, and its Keras layer."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnnlab.errors import ArchitectureError
from cnnlab.languages import _, texts

if TYPE_CHECKING:
    import keras

Value = int | float | str
Settings = Mapping[str, Value]


@dataclass(frozen=True)
class Kind:
    """A kind of layer: what people call it, its Keras class, its settings with their defaults.

    ``takes`` is "maps" (rows and columns), "vector" or "" for both.
    """

    title: str
    layer: str
    takes: str = ""
    settings: Settings = field(default_factory=dict)


_WINDOW: dict[str, Value] = {"strides": 1, "padding": "same", "activation": "relu", "dilation_rate": 1}
_POOL: dict[str, Value] = {"pool_size": 2, "strides": 2, "padding": "valid"}

KINDS = {
    "convolution": Kind(
        texts("Convolution"), "Conv2D", "maps", {"filters": 16, "kernel_size": 3, **_WINDOW, "groups": 1}
    ),
    "depthwise_convolution": Kind(
        texts("Depthwise convolution"), "DepthwiseConv2D", "maps", {"kernel_size": 3, **_WINDOW}
    ),
    "batch_norm": Kind(texts("Batch norm"), "BatchNormalization"),
    "activation": Kind(texts("Activation"), "Activation", "", {"activation": "relu"}),
    "max_pooling": Kind(texts("Max pooling"), "MaxPooling2D", "maps", _POOL),
    "average_pooling": Kind(texts("Average pooling"), "AveragePooling2D", "maps", _POOL),
    "global_average_pooling": Kind(texts("Global average pooling"), "GlobalAveragePooling2D", "maps"),
    "global_max_pooling": Kind(texts("Global max pooling"), "GlobalMaxPooling2D", "maps"),
    "dropout": Kind(texts("Dropout"), "Dropout", "", {"rate": 0.2}),
    "flatten": Kind(texts("Flatten"), "Flatten"),
    "dense": Kind(texts("Dense"), "Dense", "vector", {"units": 64, "activation": "relu"}),
    "zero_padding": Kind(texts("Zero padding"), "ZeroPadding2D", "maps", {"pixels": 1}),
    "leaky_relu": Kind(texts("Leaky ReLU"), "LeakyReLU", "", {"negative_slope": 0.3}),
    "response_norm": Kind(texts("Local response norm"), "LocalResponseNormalization", "maps"),
    "relu": Kind(texts("ReLU"), "ReLU"),
}
"""In the order people see them."""

LIMITS: dict[str, tuple] = {
    "filters": (1, 4096),
    "units": (1, 8192),
    "kernel_size": (1, 256),
    "pool_size": (1, 256),
    "strides": (1, 256),
    "dilation_rate": (1, 64),
    "groups": (1, 4096),
    "pixels": (0, 128),
    "rate": (0.0, 0.95),
    "negative_slope": (0.0, 1.0),
    "padding": ("valid", "same"),
    "activation": ("linear", "relu", "sigmoid", "tanh", "elu", "selu", "gelu", "silu", "softplus"),
}
"""The least and the most of a setting (floats where fractions may be), or the words it may be."""


_NAMES = texts(
    {
        "filters": "filters",
        "units": "units",
        "kernel_size": "kernel size",
        "pool_size": "pool size",
        "strides": "strides",
        "dilation_rate": "dilation rate",
        "groups": "groups",
        "pixels": "pixels",
        "rate": "rate",
        "negative_slope": "negative slope",
        "padding": "padding",
        "activation": "activation",
    }
)


def setting_named(setting: str) -> str:
    """Return what people call a setting, in small letters."""
    return _(_NAMES[setting]) if setting in _NAMES else setting.replace("_", " ")


def checked(layer: str, setting: str, value: object) -> Value:
    """Return the value of a layer's setting.

    Raises:
        ArchitectureError: there is no such setting, or the value is out of its limits.
    """
    if setting not in LIMITS:
        raise ArchitectureError(f"{layer} has no setting {setting[:40]!r} to change.")
    limits, noun = LIMITS[setting], setting.replace("_", " ")
    if isinstance(limits[0], str):
        if not isinstance(value, str) or value not in limits:
            raise ArchitectureError(f"{layer} cannot be like this: {noun} is one of {', '.join(limits)}.")
        return value
    least, most = limits
    number = texts("a number" if isinstance(least, float) else "a whole number")
    is_odd = isinstance(value, bool) or (isinstance(value, float) and isinstance(least, int))
    if is_odd or not isinstance(value, int | float) or not least <= value <= most:
        raise ArchitectureError(
            f"{layer} cannot be like this: {noun} must be {number} from {least:,} to {most:,}."
        )
    if not math.isfinite(value):
        raise ArchitectureError(f"{layer} cannot be like this: {noun} must be a number.")
    return value


def make(kind: str, name: str, settings: Settings) -> "keras.Layer":
    """Return a Keras layer of this kind; settings that are not given have their defaults.

    Raises:
        ArchitectureError: the kind or a setting does not exist, or the settings contradict each other.
    """
    if kind not in KINDS:
        raise ArchitectureError(
            f"{name} is of no known kind: {kind[:40]!r}; choose one of {', '.join(KINDS)}."
        )
    if unknown := settings.keys() - KINDS[kind].settings.keys():
        raise ArchitectureError(f"{name} has no setting {min(unknown)[:40]!r} to change.")
    chosen = {**KINDS[kind].settings, **{s: checked(name, s, value) for s, value in settings.items()}}
    try:
        return _class(kind)(**as_keras(chosen), name=name)
    except (TypeError, ValueError) as error:
        raise ArchitectureError(f"{name} cannot be like this: {_why(error)}") from error


def called(layer: "keras.Layer", inputs: Any, *args: Any, **options: Any) -> Any:
    """Call a layer that a person chose: dense layers take vectors, windows take maps.

    Raises:
        ArchitectureError: it is the other way round.
    """
    from cnnlab.architectures.shape_errors import times

    takes = KINDS[kind].takes if (kind := kind_of(layer)) else ""
    shape = () if isinstance(inputs, list) else tuple(inputs.shape[1:])
    if takes == "vector" and len(shape) == 3:
        raise ArchitectureError(
            f"{layer.name} takes a vector, not maps of {times(shape)}; "
            "put a flatten or a global pooling before it."
        )
    if takes == "maps" and len(shape) == 1:
        raise ArchitectureError(
            f"{layer.name} takes maps with rows and columns, not a vector of {shape[0]:,}; "
            "put it before the layer that makes the vector."
        )
    return layer(inputs, *args, **options)


def as_keras(settings: Settings) -> dict:
    """Return settings as Keras calls them."""
    return {"padding" if name == "pixels" else name: value for name, value in settings.items()}


def kind_of(layer: "keras.Layer") -> str | None:
    """Return the kind of a Keras layer, or None where it is of none."""
    return next((name for name, kind in KINDS.items() if kind.layer == type(layer).__name__), None)


def settings_of(layer: "keras.Layer") -> dict[str, Value]:
    """Return the settings that people may change in a Keras layer; none where its kind is unknown."""
    config, kind = layer.get_config(), kind_of(layer)
    if kind is None:
        return {}
    found = {name: config["padding" if name == "pixels" else name] for name in KINDS[kind].settings}
    return {name: value for name, given in found.items() if isinstance(value := _one(given), Value)}


def changed(layer: "keras.Layer", settings: Settings) -> "keras.Layer":
    """Return a copy of a Keras layer, without its weights, with other settings.

    Raises:
        ArchitectureError: the layer has no such setting, or it is impossible.
    """
    config = layer.get_config()
    if not settings:
        return type(layer).from_config(config)
    if unknown := settings.keys() - settings_of(layer).keys():
        raise ArchitectureError(f"{layer.name} has no setting {min(unknown)[:40]!r} to change.")
    wanted = {name: checked(layer.name, name, value) for name, value in settings.items()}
    try:
        return type(layer).from_config(config | as_keras(wanted))
    except (TypeError, ValueError) as error:
        raise ArchitectureError(f"{layer.name} cannot be like this: {_why(error)}") from error


def _class(kind: str) -> type:
    from keras import layers

    from cnnlab.architectures.keras_layers.registered import LocalResponseNormalization

    return LocalResponseNormalization if kind == "response_norm" else getattr(layers, KINDS[kind].layer)


def _one(value: object) -> object:
    """Return 3 for (3, 3): people choose windows with equal sides."""
    while isinstance(value, list | tuple) and len(set(map(str, value))) == 1:
        value = value[0]
    return value


def _why(error: Exception) -> str:
    return str(error).splitlines()[-1].removeprefix("Exception encountered: ").rstrip(".") + "."
