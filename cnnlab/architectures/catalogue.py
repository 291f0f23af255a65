"""All networks by name, people's own too: what exists, what it is, and the Keras model."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnlab.architectures import networks, registry  # noqa: F401 - the networks register themselves
from cnnlab.architectures.imagenet import weights_path
from cnnlab.architectures.own import library, network
from cnnlab.architectures.registry import Architecture, Shape
from cnnlab.errors import ArchitectureError
from cnnlab.remote import RemoteFile

if TYPE_CHECKING:
    import keras


def built_in() -> tuple[str, ...]:
    """Return the names of our networks, in the order of ``networks/__init__.py``."""
    return tuple(registry.BUILT_IN)


def names() -> tuple[str, ...]:
    """Return the names of all networks, people's own last."""
    return (*built_in(), *library.own())


def get(name: str | Mapping[str, Any]) -> Architecture:
    """Return what is known about one network, by its name or from the snapshot of an own one.

    Raises:
        ArchitectureError: no network has this name, or it is damaged.
    """
    if isinstance(name, Mapping):
        return network.architecture(*library.from_snapshot(name))
    if name in registry.BUILT_IN:
        return registry.BUILT_IN[name]
    if library.has(name):
        return network.architecture(name, library.get(name))
    raise ArchitectureError(f"There is no architecture {name[:60]!r}; choose one of {', '.join(names())}.")


def missing_weights(name: str) -> RemoteFile | None:
    """Return the file of pretrained weights that a network begins with, unless it is on this computer."""
    base = get(name).base
    return None if base is None or weights_path(base.weights).is_file() else base.weights


def build(
    name: str | Mapping[str, Any], input_shape: Shape, num_classes: int, **options: Any
) -> "keras.Model":
    """Build a functional model: images in [0, 1] in, class probabilities out, every layer named.

    Raises:
        ArchitectureError: the name or an option is unknown, or a layer cannot take its input.
    """
    architecture = get(name)
    sizes = tuple(int(n) for n in input_shape)
    if len(sizes) != 3 or min(sizes) < 1:
        raise ArchitectureError("The input shape must be three numbers above 0: height, width, channels.")
    if num_classes < 2:
        raise ArchitectureError(
            f"{architecture.title} needs at least 2 classes to choose from, not {num_classes}."
        )
    registry.check(architecture, options)
    height, width, channels = sizes
    input_shape = height, width, channels

    from cnnlab.architectures.shape_errors import explained

    with explained(architecture.title, input_shape):
        return architecture.build(input_shape, num_classes, **options)
