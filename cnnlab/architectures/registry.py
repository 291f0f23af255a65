"""The register of networks: facts as data. ``@register`` adds one under its function's own name.

It knows none of them: ``networks/`` fills it, and ``catalogue`` adds those that people made.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import get_annotations
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from cnnlab.errors import ArchitectureError
from cnnlab.remote import RemoteFile

if TYPE_CHECKING:
    import keras

    from cnnlab.architectures.own.definition import Definition

Shape = tuple[int, int, int]
"""Height, width and channels of an image."""

BUILT_IN: dict[str, "Architecture"] = {}
"""The networks of ``networks/`` by name, in the order people see them."""
BASE_WEIGHTS = "base_weights"
"""The option of a network with a pretrained base: ``imagenet`` or ``untrained``."""


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
class PretrainedBase:
    """A network of ``keras.applications``, called ``application`` there, and its ImageNet weights."""

    application: str
    weights: RemoteFile


@dataclass(frozen=True)
class Architecture:
    """What is known of a network before it is built; ``min_size`` is the smallest side that fits.

    ``notes`` holds a sentence on an option or a layer, by its name. A network with a pretrained ``base`` has
    the option ``BASE_WEIGHTS``. A person's own network has a ``definition``, and neither year nor paper.
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
    base: PretrainedBase | None = None
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
    def shape_options(self) -> dict[str, Any]:
        """The options that change its layers; where the weights come from does not."""
        return {name: default for name, default in self.options.items() if name != BASE_WEIGHTS}

    def begins_pretrained(self, options: Mapping[str, Any]) -> bool:
        """Say whether with these options it begins with the ImageNet weights of its base."""
        return self.base is not None and {**self.options, **options}[BASE_WEIGHTS] == "imagenet"

    def without_pretrained(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options with which it has the same layers, and needs no file of weights."""
        return {**options, **({BASE_WEIGHTS: "untrained"} if self.base else {})}

    @property
    def description(self) -> str:
        """The module's docstring: the paper's table and the differences from it; an own network's layers."""
        if self.definition:
            return "\n".join([self.title, "", *self.definition.lines])
        return inspect.getdoc(inspect.getmodule(self.build)) or ""


def register(**facts: Any) -> Callable[[Callable], Callable]:
    """Register ``function(input_shape, num_classes, **options)`` under the function's own name.

    ``facts`` are the fields of :class:`Architecture` but its name and its builder.

    Raises:
        ValueError: another network has this name.
    """

    def decorate(function: Callable) -> Callable:
        name = function.__name__
        if name in BUILT_IN:
            raise ValueError(
                f"There is a network {name} already, in {BUILT_IN[name].build.__module__}; rename one."
            )
        BUILT_IN[name] = Architecture(name=name, build=function, **facts)
        return function

    return decorate


def check(architecture: Architecture, options: Mapping[str, Any]) -> None:
    """Raise ``ArchitectureError`` for an option that the network does not have, or a word it cannot be."""
    for name, value in options.items():
        if name not in architecture.options:
            known = ", ".join(architecture.options) or "none"
            raise ArchitectureError(f"{architecture.title} has no option {name!r}; its options: {known}.")
        allowed = architecture.choices.get(name)
        if allowed and value not in allowed:
            raise ArchitectureError(
                f"The option {name} of {architecture.title} is {' or '.join(allowed)}, not {value!r}."
            )
