"""A .keras file that someone gives you: looked through before Keras may load it."""

import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from cnnlab.errors import RunError
from cnnlab.exchange.documents import parsed
from cnnlab.exchange.members import Members
from cnnlab.exchange.weights_file import weight_bytes
from cnnlab.languages import texts

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
LIMITS = {"metadata.json": 10**5, CONFIG: 4 * 2**20, WEIGHTS: 2 * 2**30}
MOST_ACTIVATIONS = 200_000_000
"""Values of all layers for one image: VGG-16 at 1,024 pixels has about 315 million, at 800 pixels 190."""

MOST_THINGS = 20_000
"""Layers with their initializers and regularizers: a ResNet-152 has about 3,000."""

MOST_LAYERS = 1_000
"""A DenseNet-201 has 709. Of a longer chain Keras's own walk ends in too deep a recursion."""

LAYERS = frozenset(
    {
        *("InputLayer", "Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose", "Dense"),
        *("MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D", "GlobalMaxPooling2D", "UpSampling2D"),
        *("ZeroPadding2D", "Cropping2D", "Flatten", "Reshape", "Permute", "Rescaling", "BatchNormalization"),
        *("LayerNormalization", "GroupNormalization", "Activation", "ReLU", "LeakyReLU", "PReLU", "ELU"),
        *("Softmax", "Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "Add", "Subtract"),
        *("Multiply", "Average", "Maximum", "Minimum", "Concatenate"),
    }
)
"""The layers that networks of images are made of; none of them runs code or opens a file."""
MODULES = (
    "keras.initializers",
    "keras.regularizers",
    "keras.constraints",
    "keras.optimizers",
    "keras.losses",
)
"""Where Keras keeps the other things that a network of ours names; each is a class of numbers only."""
_MODELS = {("keras.src.models.functional", "Functional"), ("keras", "Functional"), ("keras.models", "Model")}
_PLAIN = {"__keras_tensor__", "__tuple__"}
_POLICY = ("keras", "DTypePolicy")


def check(path: Path, input_shape: list[int], classes: int) -> None:
    """Refuse a .keras file that is more than a network of known layers with its weights.

    Raises:
        RunError: it holds other files, other classes or code, weights of another kind, or a network of
            another input, output or size than the run says.
    """
    weights = path.with_suffix(".h5")
    try:
        with path.open("rb") as file, Members(file, LIMITS, texts("The model file")) as members:
            text = members.read(CONFIG)
            members.copy(WEIGHTS, weights)
        try:
            config = parsed(CONFIG, text)
            names = list(islice(_classes(config), MOST_THINGS + 1))
        except RecursionError as error:
            raise RunError("The description of the network is damaged; export the run again.") from error
        if len(names) > MOST_THINGS or len(_layers(config)) > MOST_LAYERS:
            raise RunError("The network has more layers than any network for images, so it is not loaded.")
        for name in names:
            _refuse_unknown(*name)
        if sum(name[:2] in _MODELS for name in names) != 1:
            raise RunError("The network is not one plain graph of layers, so it is not loaded.")
        _refuse_disorder(_layers(config))
        _refuse_other_network(config, input_shape, classes, weight_bytes(weights))
    finally:
        weights.unlink(missing_ok=True)


def _classes(value: Any) -> Iterator[tuple[str, str, str]]:
    """Yield (module, class, registered name) of everything that Keras would make from a description."""
    if isinstance(value, dict):
        if "class_name" in value or "registered_name" in value or "module" in value:
            module, name, registered = (
                str(value.get(k) or "") for k in ("module", "class_name", "registered_name")
            )
            yield module, name, registered
        for inner in value.values():
            yield from _classes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _classes(inner)


def _layers(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the layers of the one graph, as they are written."""
    inner = config.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else None
    return [layer for layer in layers if isinstance(layer, dict)] if isinstance(layers, list) else []


def _refuse_disorder(layers: list[dict[str, Any]]) -> None:
    """Refuse a layer that stands before those it takes its inputs from: Keras writes none, and would look for
    them through the whole list again and again.
    """
    known: set[str] = set()
    for layer in layers:
        if any(name not in known for name in _inputs(layer.get("inbound_nodes"))):
            raise RunError("The layers of the network are in no order; export the run again.")
        known.add(str(layer.get("name")))


def _inputs(value: Any) -> Iterator[str]:
    """Yield the names of the layers whose outputs a description of calls takes."""
    if isinstance(value, dict):
        history = value.get("keras_history")
        if isinstance(history, list) and history:
            yield str(history[0])
        for inner in value.values():
            yield from _inputs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _inputs(inner)


def _refuse_unknown(module: str, name: str, registered: str) -> None:
    if registered.startswith("cnnlab>"):
        known = registered == f"cnnlab>{name}" and registered in _our_own()
    elif module == "keras.layers":
        known = name in LAYERS
    elif module in MODULES:
        known = name.isidentifier() and name[0].isupper()  # a class, not one of the functions there
    else:
        known = (module, name) in {*_MODELS, _POLICY, *(("", plain) for plain in _PLAIN)}
    if not known:
        said = "".join(c if c.isprintable() else "?" for c in f"{module}.{name}"[:80])
        raise RunError(f"The network holds {said}, which is not a layer for images, so it is not loaded.")


def _our_own() -> set[str]:
    """Return the registered names of our own layers and losses."""
    import keras

    from cnnlab.architectures.keras_layers import registered  # noqa: F401
    from cnnlab.training import losses  # noqa: F401

    return {name for name in keras.saving.get_custom_objects() if name.startswith("cnnlab>")}


def _refuse_other_network(
    config: dict[str, Any], input_shape: list[int], classes: int, weight_bytes: int
) -> None:
    """Build the network without its weights: a few bytes of description can ask for any amount of memory."""
    import keras

    from cnnlab.architectures.keras_layers import registered  # noqa: F401
    from cnnlab.keras_internals import without_weights

    try:
        with without_weights():
            bare = {name: part for name, part in config.items() if name != "compile_config"}
            model = keras.saving.deserialize_keras_object(bare, safe_mode=True)
        shapes = [tuple(weight.shape) for weight in model.weights]
        size = sum(map(math.prod, shapes))
        activations = sum(math.prod(layer.output.shape[1:]) for layer in model.layers)
        fits = tuple(model.input_shape) == (None, *input_shape) and tuple(model.output_shape) == (
            None,
            classes,
        )
    except Exception as error:  # Keras raises nearly anything for a description that makes no sense
        raise RunError("The description of the network makes no sense; export the run again.") from error
    if not fits:
        raise RunError("The network does not fit the images and classes of its run; export the run again.")
    if size * 2 > weight_bytes or activations > MOST_ACTIVATIONS:
        raise RunError(
            "The network is larger than its weights say, so it is not loaded; export the run again."
        )
