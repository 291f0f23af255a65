"""A gray square that a person drags over the image, and the answer that follows it."""

import base64
import functools
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from cnnlab import images
from cnnlab.inference import Classifier
from cnnlab.ui.asking import shown

FRONTEND = Path(__file__).parents[2] / "frontend"
SIZE = 0.3
"""Side of the square at first, as a share of the image's."""
GRAY = 128
MOST_CLASSES = 12
SIDE_PIXELS = 320


def cover_part(network: Classifier, seen: np.ndarray, before: np.ndarray, key: str) -> None:
    """Show an image, uint8 ``(H, W, C)`` as the network receives it, under a square that can be dragged.

    ``before``: the probabilities ``(classes,)`` without the square.
    """
    st.caption(
        "Drag the gray square, or move it with the arrow keys (+ and − change its size): which part of the "
        "image does the answer depend on? The dark mark is the probability without the square."
    )
    place = asked(st.session_state.get(key))
    covered = covered_by(seen, place)
    now = network.probabilities(covered[None])[0]
    classes = np.sort(np.argsort(-np.maximum(before, now), kind="stable")[:MOST_CLASSES])
    _component()(
        key=key,
        data={
            "image": base64.b64encode(images.encode_png(_as_three(shown(seen, SIDE_PIXELS)))).decode(),
            "alt": "Network input",
            "size": SIZE,
            "number": place["number"],
            "classes": [network.classes[place] for place in classes],
            "before": [float(before[place]) for place in classes],
            "now": [float(now[place]) for place in classes],
        },
        on_covered_change=lambda: None,
    )
    if len(network.classes) > len(classes):
        st.caption(f"The {len(classes)} most probable of {len(network.classes)} classes.")


def asked(state: Any) -> dict[str, float]:
    """Return where the square is: the middle, where a browser did not say or said what cannot be.

    ``row``, ``column`` and ``size`` are shares of the image's side, ``number`` that of the question.
    """
    place = {"number": 0, "row": 0.5, "column": 0.5, "size": SIZE}
    sent = state.get("covered") if hasattr(state, "get") else None
    if isinstance(sent, dict):
        limits = {"number": 10**9, "row": 1, "column": 1, "size": 1}
        for name, most in limits.items():
            value = sent.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most:
                place[name] = value
    return place


def covered_by(seen: np.ndarray, place: dict[str, float]) -> np.ndarray:
    """Return the image with a square of gray level 128, a copy."""
    height, width = seen.shape[:2]
    half = place["size"] / 2
    top, bottom = (round((place["row"] + way) * height) for way in (-half, half))
    left, right = (round((place["column"] + way) * width) for way in (-half, half))
    covered = seen.copy()
    covered[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = GRAY
    return covered


def _as_three(image: np.ndarray) -> np.ndarray:
    return np.dstack([image] * 3) if image.ndim == 2 else image


@functools.cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "cnnlab.cover",
        js=(FRONTEND / "cover.js").read_text("utf-8"),
        css=(FRONTEND / "cover.css").read_text("utf-8"),
        isolate_styles=False,
    )
