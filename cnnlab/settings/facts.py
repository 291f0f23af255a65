"""What a worker found out about the model of its run: what inference needs, and what an accuracy is worth."""

import dataclasses
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, Self, get_type_hints

from cnnlab.errors import RunError
from cnnlab.settings.declaration import as_arguments, declared, is_a, named_values
from cnnlab.settings.groups import Resizing, Scaling

LARGEST_COUNT = 10**12
LARGEST_SIDE = 10_000
MOST_CLASSES = 10_000
LONGEST_TEXT = 20_000
ALL_16_BITS = 2**16 - 1
"""A run without ``white`` is older than it: its deep images counted as if all used 16 bits."""


@dataclass(frozen=True)
class SeenAs(Resizing, Scaling):
    """How a network sees images: size, channels, resizing and scaling; ``Preprocessing`` does it.

    ``white`` is what became 255 in the images of more than 8 bits that it was trained on, if there were any.
    """

    height: int
    width: int
    channels: int = 3
    white: int | None = None

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """``(height, width, channels)`` of what the network sees."""
        return self.height, self.width, self.channels

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return named_values(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild from ``to_dict`` (JSON lists become tuples).

        Raises:
            ValueError: a value is missing, unknown, or of the wrong type.
        """
        plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        hints = get_type_hints(cls)
        whole = ("height", "width", "channels", "white")
        if not all(is_a(plain[name], hints[name]) for name in whole if name in plain):
            raise ValueError("sizes")
        settings = declared(SeenAs)
        if any(known.problem(plain[name]) for name, known in settings.items() if name in plain):
            raise ValueError("settings")
        if plain.keys() - {*whole, *settings}:
            raise ValueError("names")
        try:
            return cls(**as_arguments(cls, {"white": ALL_16_BITS} | plain))
        except TypeError as error:
            raise ValueError("names") from error


@dataclass(frozen=True, eq=False, repr=False)
class ModelFacts:
    """The facts of model.json; to ask for one that the file lacks raises ``RunError``.

    Args:
        classes: names, in the order of the network's outputs.
        input_shape: ``(height, width, channels)`` of what the network sees.
        preprocessing: how an image becomes that.
        split: images of each part, ``{"train": 1438, "validation": 359}``.
        architecture: name of the network.
        dataset: its name, or a path.
        majority: the fraction of the validation images that the largest class has.
        trained_on: fingerprint of the images.
        leaked: validation images that the weights had been trained on before.
        note: what is to be said of the images.
        params: parameters of the network.
        batch_norm_images: images on which the statistics of batch norm are measured.
    """

    classes: tuple[str, ...]
    input_shape: tuple[int, int, int]
    preprocessing: SeenAs
    split: dict[str, int] = field(default_factory=dict)
    architecture: str = ""
    dataset: str = ""
    majority: float = 0.0
    trained_on: str = ""
    leaked: int = 0
    note: str = ""
    params: int | None = None
    batch_norm_images: int = 0

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            if name not in ModelFacts.__dataclass_fields__:
                raise AttributeError(name)
            raise RunError(f"This run is damaged: model.json has no {name}; start a new run.")

    @property
    def white(self) -> int | None:
        """What became 255 in the images, see ``SeenAs``; also of a run that does not say how it sees them."""
        known = vars(self).get("preprocessing")
        return known.white if known else ALL_16_BITS

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ModelFacts":
        """Rebuild from ``to_dict``; what a newer version knows is left out.

        What is missing is missing until it is asked for, and so is a preprocessing that cannot be used.

        Raises:
            ValueError: a fact is of the wrong type or impossible; the message is its name.
        """
        made = object.__new__(cls)
        for known in dataclasses.fields(cls):
            if known.name in values:
                value = _checked(known.name, values[known.name])
            elif known.default is not dataclasses.MISSING:
                value = known.default
            else:
                value = {} if known.name == "split" else None
            if value is not None or known.default is None:
                object.__setattr__(made, known.name, value)
        return made

    def changed(self, **facts: Any) -> "ModelFacts":
        """Return a copy with other facts, as plain values."""
        return ModelFacts.from_dict(self.to_dict() | facts)

    def to_dict(self) -> dict[str, Any]:
        """Return what is known as plain values that JSON can hold."""
        return {name: _plain(value) for name, value in vars(self).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, SeenAs):
        return value.to_dict()
    return list(value) if isinstance(value, tuple) else value


def _checked(name: str, value: Any) -> Any:
    """Return a fact as ``ModelFacts`` holds it; None for a preprocessing that cannot be used."""
    if name == "preprocessing" and isinstance(value, Mapping):
        with suppress(ValueError):
            return SeenAs.from_dict(value)
        return None
    if not _FITS[name](value):
        raise ValueError(name)
    return tuple(value) if isinstance(value, list) else value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def _is_count(value: Any, low: int = 0, high: int = LARGEST_COUNT) -> bool:
    return is_a(value, int) and low <= value <= high


def _are_classes(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) <= MOST_CLASSES and all(map(_is_text, value))


def _is_shape(value: Any) -> bool:
    whole = isinstance(value, list | tuple) and len(value) == 3
    return whole and all(_is_count(side, 1, LARGEST_SIDE) for side in value)


def _is_split(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value)) and all(map(_is_count, value.values()))


_FITS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("architecture", "dataset", "trained_on", "note"), _is_text),
    **dict.fromkeys(("leaked", "batch_norm_images"), _is_count),
    "classes": _are_classes,
    "input_shape": _is_shape,
    "preprocessing": lambda value: False,
    "split": _is_split,
    "majority": lambda value: is_a(value, float) and abs(value) <= LARGEST_COUNT,
    "params": lambda value: value is None or _is_count(value),
}
"""What each fact may be in a file."""
