"""A pad to draw a digit or a shape on, and the drawing as an image for the network."""

import base64
from typing import Any

import numpy as np
import streamlit as st

from cnnlab import images
from cnnlab.errors import ImageError
from cnnlab.inference.drawing import PREPARED
from cnnlab.languages import _
from cnnlab.ui.own_component import own_component, words_of

MOST_CHARACTERS = 200_000
MOST_PIXELS = 512


def drawn_image(dataset: str, key: str) -> np.ndarray | None:
    """Show the pad; return what is drawn on it, uint8 ``(H, W, 1)``, or None while it is empty.

    For a run on handwritten digits the drawing is cut out, scaled and centred as the images of that dataset
    are, light on dark; for another ``dataset`` it is dark ink on white, as drawn.
    """
    number, ink = received(st.session_state.get(key))
    own_component("cnnlab.draw", "draw")(
        key=key, data={"number": number, "words": words_of("draw")}, on_drawn_change=lambda: None
    )
    if ink is None:
        return None
    prepare = PREPARED.get(dataset)
    return prepare(ink) if prepare else 255 - ink[..., None]


def explained(dataset: str) -> str:
    """Say what is done to the drawing."""
    if dataset in PREPARED:
        return _("Cut out, scaled and centred as the images of this dataset are, light strokes on black.")
    return _("Dark ink on white, as drawn.")


def received(state: Any) -> tuple[int, np.ndarray | None]:
    """Return the number of a browser's last drawing, and its ink, uint8 ``(H, W)``, light on black.

    What is no drawing of the pad counts as an empty one.
    """
    sent = state.get("drawn") if hasattr(state, "get") else None
    match sent:
        case {"number": int(number), "png": str(png)} if 0 < number < 10**9:
            return number, _ink(png)
    return 0, None


def _ink(png: str) -> np.ndarray | None:
    try:
        data = base64.b64decode(png[:MOST_CHARACTERS], validate=True)
        if not data or max(images.size(data)) > MOST_PIXELS:
            return None
        ink = images.recolour(images.decode(data, "The drawing"), 1)[..., 0]
        return ink if ink.any() else None
    except (ValueError, ImageError):
        return None
