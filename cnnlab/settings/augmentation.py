"""The settings within ``augmentation``: what each may be. ``cnnlab.augmentation`` does what they say.

Names and defaults stand there once more, in the class that works on images: an exported script holds a copy
of it, and is not to hold labels and help.
"""

from collections.abc import Mapping
from typing import Any

from cnnlab.settings.declaration import declared, group, is_a, named, setting


def _per_cent(value: float) -> str:
    return f"{value * 100:.3g} %"


def _plus_minus(value: float) -> str:
    return f"±{_per_cent(value)}"


def _degrees(value: float) -> str:
    return f"±{value:g}°"


_SHARE: dict[str, Any] = {"low": 0, "high": 0.9, "usual": 0.5, "step": 0.01, "say": _plus_minus}
_CUT: dict[str, Any] = _SHARE | {"say": _per_cent}
_COLOUR: dict[str, Any] = _SHARE | {"high": 1, "usual": 1.0}
_ANGLE: dict[str, Any] = {"low": 0, "high": 180, "usual": 90, "step": 1, "say": _degrees, "unit": "°"}


@group
class RandomChanges:
    """Random changes of the training images; 0 leaves them alone."""

    flip: int = setting("Horizontal flip", "Mirrors every second image, left to right.", default=0)
    rotation: float = setting(
        "Rotation", "About the centre of the image.", default=0.0, measure="degrees", **_ANGLE
    )
    zoom: float = setting(
        "Zoom", "The same factor in width and height.", default=0.0, measure="a share", **_SHARE
    )
    shift_x: float = setting(
        "Horizontal shift", "As a share of the width.", default=0.0, measure="a share of the width", **_SHARE
    )
    shift_y: float = setting(
        "Vertical shift", "As a share of the height.", default=0.0, measure="a share of the height", **_SHARE
    )
    fill: str = setting(
        "Fill mode",
        "What fills the gap beside a moved image: black, or its mirror image.",
        default="constant",
        choices={"constant": "constant (black)", "reflect": "reflect"},
    )
    brightness: float = setting(
        "Brightness",
        "Added to every pixel, as a share of 255.",
        default=0.0,
        measure="a share of full brightness",
        **_COLOUR | {"usual": 0.5},
    )
    contrast: float = setting(
        "Contrast", "Distance from the mean luminance.", default=0.0, measure="a share", **_COLOUR
    )
    saturation: float = setting(
        "Saturation", "Distance from gray; gray images have none.", default=0.0, measure="a share", **_COLOUR
    )
    hue: float = setting(
        "Hue",
        "Turns the colours about gray, by 120° red to green; gray images have none.",
        default=0.0,
        measure="degrees of the colour circle",
        **_ANGLE,
    )
    crop: float = setting(
        "Random crop",
        "This share of each side is cut away; the rest is enlarged.",
        default=0.0,
        measure="the share of the side that is cut away",
        **_CUT,
    )
    cutout: float = setting(
        "Cutout",
        "Side of a black square somewhere in the image, as a share of its side.",
        default=0.0,
        measure="a share of the side",
        **_CUT,
    )


AUGMENTATIONS = declared(RandomChanges)
"""The settings of the augmentation by name."""


def augmentation_problem(values: Any) -> str:
    """Say in one sentence why values cannot be an augmentation; nothing where they can."""
    if not isinstance(values, Mapping):
        return "Augmentation must be names with values, such as rotation and 10."
    return next(filter(None, (_problem(name, value) for name, value in values.items())), "")


def _problem(name: str, value: Any) -> str:
    known = AUGMENTATIONS.get(name)
    if known is None:
        return f"There is no augmentation {name!r}; choose from {', '.join(AUGMENTATIONS)}."
    if name == "flip":
        return "" if value in (0, 1) else f"The augmentation flip must be 0 or 1, not {value}."
    if known.choices:
        if value in (*known.choices,):
            return ""
        return f"The augmentation {name} must be one of {', '.join(known.choices)}, not {value}."
    if is_a(value, float) and known.low <= value <= known.high:
        return ""
    return f"The augmentation {name} must be {known.measure} from 0 to {known.high:g}, not {value}."


def augmentation_in_words(values: Mapping[str, Any]) -> str:
    """Say what is not at rest: ``rotation ±10°, horizontal flip``."""
    words = [_in_words(name, value) for name, value in values.items() if value]
    return ", ".join(words) or "none"


def _in_words(name: str, value: Any) -> str:
    """Say a name with its value; a switch that is on by its name alone."""
    known = named(AUGMENTATIONS, name)
    label = known.label[:1].lower() + known.label[1:]
    return label if name == "flip" else f"{label} {known.said(value)}"
