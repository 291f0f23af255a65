"""The settings within ``augmentation``: what each may be. ``cnnlab.augmentation`` does what they say.

Names and defaults stand there once more, in the class that works on images: an exported script holds a copy
of it, and is not to hold labels and help.
"""

from collections.abc import Mapping
from typing import Any

from cnnlab.languages import _, texts
from cnnlab.settings.declaration import declared, enumerated, group, is_a, named, setting

A_FRACTION = texts("a fraction")


def _per_cent(value: float) -> str:
    return f"{value * 100:.3g} %"


def _plus_minus(value: float) -> str:
    return f"±{_per_cent(value)}"


def _factors(value: float) -> str:
    return f"×{1 / (1 + value):.2g}–{1 + value:.2g}"


def _degrees(value: float) -> str:
    return f"±{value:g}°"


def _fraction(label: str, help: str, measure: str = A_FRACTION, **more: Any) -> Any:
    usual: dict[str, Any] = {"low": 0, "high": 0.9, "usual": 0.5, "step": 0.01, "say": _plus_minus}
    return setting(label, help, default=0.0, measure=measure, **usual | more)


def _angle(label: str, help: str, measure: str) -> Any:
    usual: dict[str, Any] = {"low": 0, "high": 180, "usual": 90, "step": 1, "say": _degrees, "unit": "°"}
    return setting(label, help, default=0.0, measure=measure, **usual)


@group
class RandomChanges:
    """Random changes of the training images; 0 leaves them alone."""

    flip: int = setting("Horizontal flip", "Mirrors every second image, left to right.", default=0)
    rotation: float = _angle("Rotation", "About the centre of the image.", "degrees")
    zoom: float = _fraction("Zoom", "The same factor in width and height.")
    shift_x: float = _fraction("Horizontal shift", "As a fraction of the width.", "a fraction of the width")
    shift_y: float = _fraction("Vertical shift", "As a fraction of the height.", "a fraction of the height")
    fill: str = setting(
        "Fill mode",
        "What fills the gap beside a moved image: black, or its mirror image.",
        default="constant",
        choices={"constant": "constant (black)", "reflect": "reflect"},
    )
    brightness: float = _fraction(
        "Brightness", "Added to every pixel, as a fraction of 255.", "a fraction of full brightness", high=1
    )
    contrast: float = _fraction("Contrast", "Distance from the mean luminance.", high=1, usual=1.0)
    saturation: float = _fraction(
        "Saturation", "Distance from gray; gray images have none.", high=1, usual=1.0
    )
    hue: float = _angle(
        "Hue",
        "Turns the colours about gray, by 120° red to green; gray images have none.",
        "degrees of the colour circle",
    )
    crop: float = _fraction(
        "Random crop",
        "This fraction of each side is cut away; the rest is enlarged.",
        "the fraction of the side that is cut away",
        say=_per_cent,
    )
    cutout: float = _fraction(
        "Cutout",
        "Side of a black square somewhere in the image, as a fraction of its side.",
        "a fraction of the side",
        say=_per_cent,
    )
    gamma: float = _fraction(
        "Gamma",
        "Exponent of the pixel values, from 0 to 1: at 100 % between a half, brighter, and 2, darker.",
        high=2,
        usual=1.0,
        say=_factors,
    )
    light: float = _fraction(
        "Uneven light",
        "Brighter towards one edge, darker towards the opposite one: at 100 % up to twice and half as "
        "bright in the middle of an edge.",
        high=3,
        usual=2.0,
        say=_factors,
    )


AUGMENTATIONS = declared(RandomChanges)
"""The settings of the augmentation by name."""


def augmentation_problem(values: Any) -> str:
    """Say in one sentence why values cannot be an augmentation; nothing where they can."""
    if not isinstance(values, Mapping):
        return _("Augmentation must be names with values, such as rotation and 10.")
    return next(filter(None, (_problem(name, value) for name, value in values.items())), "")


def _problem(name: str, value: Any) -> str:
    known = AUGMENTATIONS.get(name)
    if known is None:
        names = ", ".join(AUGMENTATIONS)
        return _("There is no augmentation {name}; choose from {names}.", name=repr(name), names=names)
    if name == "flip":
        return "" if value in (0, 1) else _("The augmentation flip must be 0 or 1, not {value}.", value=value)
    said = {"name": name, "value": value}
    if known.choices:
        if value in (*known.choices,):
            return ""
        words = ", ".join(known.choices)
        return _("The augmentation {name} must be one of {words}, not {value}.", words=words, **said)
    if is_a(value, float) and known.low <= value <= known.high:
        return ""
    return _(
        "The augmentation {name} must be {measure} from 0 to {high}, not {value}.",
        **{"measure": _(known.measure), "high": f"{known.high:g}", **said},
    )


def augmentation_in_words(values: Mapping[str, Any]) -> str:
    """Say what is not at rest: ``rotation ±10°, horizontal flip``."""
    words = [_in_words(name, value) for name, value in values.items() if value]
    return enumerated(words) or _("none")


def _in_words(name: str, value: Any) -> str:
    """Say a name with its value; a switch that is on by its name alone."""
    known = named(AUGMENTATIONS, name)
    return known.label_within if name == "flip" else f"{known.label_within} {known.said(value)}"
