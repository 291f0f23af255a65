"""The register of architectures: facts as data, and a builder that says which layer cannot fit."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import get_annotations
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from cnnlab import remote
from cnnlab.errors import ArchitectureError
from cnnlab.remote import Progress, RemoteFile

if TYPE_CHECKING:
    import keras

    from cnnlab.architectures.definition import Definition

Shape = tuple[int, int, int]
"""Height, width and channels of a picture."""

_register: dict[str, "Architecture"] = {}


@dataclass(frozen=True)
class Reference:
    """Figures from outside our code that the network must meet at one input shape and class count.

    ``receptive_field`` is that of the last layer that still has rows and columns, in input pixels. A person's
    own network has no figures but its own.
    """

    input_shape: Shape
    num_classes: int
    total_params: int | None = None
    trainable_params: int | None = None
    receptive_field: int | None = None


@dataclass(frozen=True)
class Architecture:
    """What is known of a network before it is built; ``min_size`` is the smallest side that fits.

    ``notes`` holds a sentence on an option or a layer, by its name; ``weights`` is the file of its base.
    A person's own network has a ``definition``, and neither year nor paper.
    """

    name: str
    title: str
    year: int | None
    paper: str
    summary: str
    min_size: int
    reference: Reference
    build: Callable[..., "keras.Model"]
    notes: Mapping[str, str] = field(default_factory=dict, hash=False)
    weights: RemoteFile | None = None
    definition: "Definition | None" = None

    @property
    def options(self) -> dict[str, Any]:
        """Named choices of this network beyond its shape, each with its default."""
        parameters = inspect.signature(self.build).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}

    @property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """The values that an option of words may take."""
        hints = {name: hint for name, hint in get_annotations(self.build).items() if name in self.options}
        said = get_type_hints(SimpleNamespace(__annotations__=hints), inspect.unwrap(self.build).__globals__)
        return {name: words for name, hint in said.items() if (words := get_args(hint))}

    @property
    def description(self) -> str:
        """The module's docstring: the paper's table and the differences from it; an own network's layers."""
        if self.definition:
            return "\n".join([self.title, "", *self.definition.lines])
        return inspect.getdoc(inspect.getmodule(self.build)) or ""


def register(**facts: Any) -> Callable[[Callable], Callable]:
    """Register ``function(input_shape, num_classes, **options)`` under the function's own name.

    ``facts`` are the fields of :class:`Architecture` but its name and its builder.
    """

    def decorate(function: Callable) -> Callable:
        name = function.__name__
        _register[name] = Architecture(name=name, build=function, **facts)
        return function

    return decorate


def weights_path(file: RemoteFile) -> Path:
    """Return where ``keras.applications`` looks for pretrained weights."""
    return remote.keras_home() / "models" / file.name


def missing_weights(name: str) -> RemoteFile | None:
    """Return the file of pretrained weights that a network begins with, unless it is on this computer."""
    file = get(name).weights
    return None if file is None or weights_path(file).is_file() else file


def fetch_weights(file: RemoteFile, progress: Progress) -> Path:
    """Download pretrained weights to where Keras looks for them; return their path.

    Raises:
        DownloadError: as ``remote.download``.
    """
    return remote.download(file, weights_path(file).parent, progress)


def built_in() -> tuple[str, ...]:
    """Return the names of our networks, in the order of ``networks.py``."""
    importlib.import_module("cnnlab.architectures.networks")
    return tuple(_register)


def names() -> tuple[str, ...]:
    """Return the names of all networks, people's own last."""
    from cnnlab.architectures import library

    return (*built_in(), *library.own())


def get(network: str | Mapping[str, Any]) -> Architecture:
    """Return what is known about one network, by its name or from the snapshot of an own one.

    Raises:
        ArchitectureError: no network has this name, or it is damaged.
    """
    from cnnlab.architectures import custom, library

    if isinstance(network, Mapping):
        return custom.architecture(*library.from_snapshot(network))
    if network in built_in():
        return _register[network]
    if library.has(network):
        return custom.architecture(network, library.get(network))
    raise ArchitectureError(f"There is no architecture {network[:60]!r}; choose one of {', '.join(names())}.")


def build(
    network: str | Mapping[str, Any], input_shape: Shape, num_classes: int, **options: Any
) -> "keras.Model":
    """Build a functional model: pictures in [0, 1] in, class probabilities out, every layer named.

    Raises:
        ArchitectureError: the name or an option is unknown, or a layer cannot take its input.
    """
    architecture = get(network)
    sizes = tuple(int(n) for n in input_shape)
    if len(sizes) != 3 or min(sizes) < 1:
        raise ArchitectureError("The input shape must be three numbers above 0: height, width, channels.")
    if num_classes < 2:
        raise ArchitectureError(
            f"{architecture.name} needs at least 2 classes to choose from, not {num_classes}."
        )
    check(architecture, options)
    height, width, channels = sizes
    input_shape = height, width, channels

    from cnnlab.architectures.fit import explained

    with explained(architecture.name, input_shape):
        return architecture.build(input_shape, num_classes, **options)


def check(architecture: Architecture, options: Mapping[str, Any]) -> None:
    """Raise ``ArchitectureError`` for an option that the network does not have, or a word it cannot be."""
    for name, value in options.items():
        if name not in architecture.options:
            known = ", ".join(architecture.options) or "none"
            raise ArchitectureError(f"{architecture.name} has no option {name!r}; its options: {known}.")
        allowed = architecture.choices.get(name)
        if allowed and value not in allowed:
            raise ArchitectureError(
                f"{name} of {architecture.name} is {' or '.join(allowed)}, not {value!r}."
            )
