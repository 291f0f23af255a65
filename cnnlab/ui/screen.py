"""How much room a browser has: for what a style sheet cannot decide, such as the columns of a table."""

import streamlit as st

from cnnlab.ui.own_component import own_component

SIZES = ("wide", "medium", "narrow")
"""A window of 1200 CSS pixels and more, a tablet or an old projector, a phone of up to 640."""
PROJECTED = "presentation"
"""Under this name the session knows whether it presents, see ``presenting``."""
LARGER = 1.25
_KEPT = "screen_size"


def screen_size() -> str:
    """Return which of ``SIZES`` the browser has; a new one is taken for wide until it says otherwise.

    Call it once on a page: it leaves an element of no height there, which runs the page again when the window
    changes its size.
    """
    before = st.session_state.get(_KEPT, SIZES[0])
    heard = own_component("cnnlab_screen", "screen")(
        data=before, key="screen", height=1, on_size_change=lambda: None
    )
    now = getattr(heard, "size", None)
    st.session_state[_KEPT] = now if now in SIZES else before
    return st.session_state[_KEPT]


def is_projected() -> bool:
    """Whether this session is in presentation mode."""
    return bool(st.session_state.get(PROJECTED))


def larger(height: int) -> int:
    """Return the height of a chart in pixels: more of it in presentation mode, where its type is larger."""
    return round(height * LARGER) if is_projected() else height
