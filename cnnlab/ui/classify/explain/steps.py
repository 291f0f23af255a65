"""The way from a file to the network input, step by step as small images."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnlab import images
from cnnlab.inference import Classifier
from cnnlab.languages import _, texts
from cnnlab.preprocessing import Preprocessing
from cnnlab.ui.asking import shown
from cnnlab.ui.classify.answer import Asked
from cnnlab.ui.wording import plain

PIXELS = 176
TURNS = texts(
    {
        1: "no turn asked for by EXIF",
        2: "EXIF: mirror",
        3: "EXIF: turn by 180°",
        4: "EXIF: flip upside down",
        5: "EXIF: swap rows and columns",
        6: "EXIF: turn right by 90°",
        7: "EXIF: swap rows and columns, turn by 180°",
        8: "EXIF: turn left by 90°",
    }
)
"""What EXIF's orientation asks for, as ``images.decode`` does it."""


@dataclass(frozen=True, eq=False)
class Step:
    """One step: its name, the image after it, uint8 ``(H, W, 1 or 3)``, and what it did."""

    name: str
    image: np.ndarray
    said: str


def preprocessing_steps(network: Classifier, one: Asked) -> None:
    """Show what became of an image until the network received it."""
    seen_as, data = network.preprocessing, one.encoded()
    if data is None:
        found = steps(seen_as, one.original(), one.seen)
    else:
        found = steps(seen_as, seen_as.decode(data, one.name), one.seen, images.orientation(data, one.name))
    with st.container(horizontal=True, gap="medium"):
        for step in found:
            with st.container(width=PIXELS):
                st.markdown(f"**{plain(step.name)}**")
                st.image(
                    shown(step.image, PIXELS),
                    width=PIXELS,
                    alt=_("{step}: {said}", step=step.name, said=step.said),
                )
                st.caption(step.said)
    st.caption(scaling(seen_as, one.seen))


def steps(
    seen_as: Preprocessing, image: np.ndarray, seen: np.ndarray, orientation: int | None = None
) -> list[Step]:
    """Return the steps that change an image: decoding, EXIF, colour, aspect ratio, resizing, inverting.

    Args:
        seen_as: the preprocessing of the network.
        image: uint8 ``(H, W, 1 or 3)``, decoded and upright.
        seen: uint8 ``(H, W, C)``, what the network receives.
        orientation: EXIF's, 1 to 8, where the image comes from a file.
    """
    if orientation is None:
        found = [Step(_("Image"), image, _size(image))]
    else:
        stored = images.as_stored(image, orientation)
        said = _("{size}; {orientation}", size=_size(stored), orientation=_(TURNS[orientation]))
        found = [Step(_("Decoded"), stored, said)]
        if orientation > 1:
            found.append(Step(_("Turned by EXIF"), image, _size(image)))
    if image.shape[2] != seen_as.channels:
        image = images.recolour(image, seen_as.channels)
        gray = (_("Grayscale"), image, "0.299 R + 0.587 G + 0.114 B (Rec. 601)")
        found.append(Step(*gray) if seen_as.channels == 1 else Step("RGB", image, _("gray repeated")))
    target = (seen_as.height, seen_as.width)
    if seen_as.resize_mode == "crop" and _ratio(image.shape) != _ratio(target):
        image = images.middle(image, target)
        found.append(Step(_("Centre crop"), image, _size(image)))
    if image.shape[:2] != target:
        is_stretched = _ratio(image.shape) != _ratio(target)
        how = {"method": _("area average") if seen_as.resample == "area" else _("bilinear")}
        image = images.resize(image, target, seen_as.resample)
        how["size"] = _size(image)
        said = _("{size}, {method}, stretched", **how) if is_stretched else _("{size}, {method}", **how)
        found.append(Step(_("Resized"), image, said))
    if np.array_equal(image, 255 - seen):
        found.append(Step(_("Inverted"), seen, _("255 − pixel")))
    return found


def scaling(seen_as: Preprocessing, seen: np.ndarray) -> str:
    """Say how the pixels are scaled, and the range of the numbers that the network receives."""
    scaled = seen_as.scale(seen.astype(np.float32))
    means, stds = (", ".join(f"{value:g}" for value in values) for values in (seen_as.mean, seen_as.std))
    return _(
        "Normalisation: (pixel − {means}) ÷ {deviations}. Pixels from {darkest} to {brightest} become "
        "numbers from {least} to {most}, with mean {mean}.",
        means=means,
        deviations=stds,
        darkest=seen.min(),
        brightest=seen.max(),
        least=f"{scaled.min():.3g}",
        most=f"{scaled.max():.3g}",
        mean=f"{scaled.mean():.3g}",
    )


def _size(image: np.ndarray) -> str:
    height, width, channels = image.shape
    sides = {"width": width, "height": height}
    return (
        _("{width} × {height} pixels, gray", **sides)
        if channels == 1
        else _("{width} × {height} pixels, RGB", **sides)
    )


def _ratio(shape: tuple[int, ...]) -> float:
    return round(shape[1] / shape[0], 6)
