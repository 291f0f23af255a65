"""A square that a person drags over the image, and the answer that follows it."""

import base64
from typing import Any

import numpy as np
import streamlit as st

from cnnlab import images
from cnnlab.inference import Classifier
from cnnlab.inference.occlusion import hidden, mean_colour
from cnnlab.languages import _
from cnnlab.ui.own_component import own_component, words_of

SIZE = 0.3
"""Side of the square at first, as a fraction of the image's."""
MOST_CLASSES = 12


def cover_part(network: Classifier, seen: np.ndarray, before: np.ndarray, key: str) -> None:
    """Show an image, uint8 ``(H, W, C)`` as the network receives it, under a square that can be dragged.

    ``before``: the probabilities ``(classes,)`` without the square.
    """
    st.caption(
        _(
            "Drag the square, in the image's mean colour, or move it with the arrow keys (+ and − change its "
            "size): which part of the image does the answer depend on? The dark mark is the probability "
            "without the square."
        )
    )
    place = asked(st.session_state.get(key))
    covered = covered_by(seen, place)
    now = network.probabilities(covered[None])[0]
    classes = np.sort(np.argsort(-np.maximum(before, now), kind="stable")[:MOST_CLASSES])
    own_component("cnnlab.cover", "cover")(
        key=key,
        data={
            "image": base64.b64encode(images.encode_png(seen)).decode(),
            "alt": _("Network input"),
            "words": words_of("cover"),
            "size": SIZE,
            "fill": "rgb({} {} {})".format(*np.resize(_fill(seen), 3)),
            "number": place["number"],
            "classes": [network.classes[place] for place in classes],
            "before": [float(before[place]) for place in classes],
            "now": [float(now[place]) for place in classes],
        },
        on_covered_change=lambda: None,
    )
    if len(network.classes) > len(classes):
        st.caption(
            _("The {some} most probable of {all} classes.", some=len(classes), all=len(network.classes))
        )


def asked(state: Any) -> dict[str, float]:
    """Return where the square is: the middle, where a browser did not say or said what cannot be.

    ``row``, ``column`` and ``size`` are fractions of the image's side, ``number`` that of the question.
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
    """Return a copy of the image with a square in its mean colour."""
    height, width = seen.shape[:2]
    half = place["size"] / 2
    top, bottom = (round((place["row"] + way) * height) for way in (-half, half))
    left, right = (round((place["column"] + way) * width) for way in (-half, half))
    box = slice(max(0, top), max(0, bottom)), slice(max(0, left), max(0, right))
    return hidden(seen, box, _fill(seen))


def _fill(seen: np.ndarray) -> np.ndarray:
    return np.rint(mean_colour(seen)).astype(np.uint8)
