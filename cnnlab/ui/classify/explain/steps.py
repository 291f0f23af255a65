"""The way from a file to the network input, step by step as small images."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnlab import images
from cnnlab.inference import Classifier
from cnnlab.preprocessing import Preprocessing
from cnnlab.ui.asking import shown
from cnnlab.ui.wording import plain

PIXELS = 176


@dataclass(frozen=True, eq=False)
class Step:
    """One step: its name, the image after it, uint8 ``(H, W, 1 or 3)``, and what it did."""

    name: str
    image: np.ndarray
    said: str


def preprocessing_steps(network: Classifier, image: np.ndarray, seen: np.ndarray) -> None:
    """Show what became of an image, uint8 ``(H, W, 1 or 3)``, until the network receives it as ``seen``."""
    found = steps(network.preprocessing, image, seen)
    for column, step in zip(st.columns(len(found)), found, strict=True):
        with column:
            st.markdown(f"**{plain(step.name)}**")
            st.image(shown(step.image, PIXELS), width=PIXELS, alt=f"{step.name}: {step.said}")
            st.caption(step.said)
    st.caption(scaling(network.preprocessing, seen))


def steps(seen_as: Preprocessing, image: np.ndarray, seen: np.ndarray) -> list[Step]:
    """Return the steps that change this image: decoding, colour, aspect ratio, resizing, inverting."""
    found = [Step("Decoded", image, _size(image))]
    if image.shape[2] != seen_as.channels:
        image = images.recolour(image, seen_as.channels)
        gray = ("Grayscale", image, "0.299 R + 0.587 G + 0.114 B (Rec. 601)")
        found.append(Step(*gray) if seen_as.channels == 1 else Step("RGB", image, "gray repeated"))
    target = (seen_as.height, seen_as.width)
    if seen_as.fit == "crop" and _ratio(image.shape) != _ratio(target):
        image = images.middle(image, target)
        found.append(Step("Centre crop", image, _size(image)))
    if image.shape[:2] != target:
        stretched = ", stretched" if _ratio(image.shape) != _ratio(target) else ""
        method = "area average" if seen_as.resample == "area" else "bilinear"
        image = images.resize(image, target, seen_as.resample)
        found.append(Step("Resized", image, f"{_size(image)}, {method}{stretched}"))
    if not np.array_equal(image, seen):
        found.append(Step("Inverted", seen, "255 − pixel"))
    return found


def scaling(seen_as: Preprocessing, seen: np.ndarray) -> str:
    """Say how the pixels are scaled, and the range of the numbers that the network receives."""
    scaled = seen_as.scale(seen.astype(np.float32))
    means, stds = (
        ", ".join(f"{value:g}" for value in values) for values in (seen_as.mean, seen_as.deviation)
    )
    return (
        f"Normalisation: (pixel − {means}) ÷ {stds}. Pixels from {seen.min()} to {seen.max()} become numbers "
        f"from {scaled.min():.3g} to {scaled.max():.3g}, with mean {scaled.mean():.3g}."
    )


def _size(image: np.ndarray) -> str:
    height, width, channels = image.shape
    return f"{width} × {height} pixels, {'gray' if channels == 1 else 'RGB'}"


def _ratio(shape: tuple[int, ...]) -> float:
    return round(shape[1] / shape[0], 6)
