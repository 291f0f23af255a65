"""What surrounds every page beside its style, in one script: what stays in the address, a folded sidebar,
the keys of a presentation, and who shares or follows a tab."""

import functools
from collections.abc import Mapping

import streamlit as st

from cnnlab import languages
from cnnlab.streamlit_internals import ComponentRenderer
from cnnlab.ui import following, presenting
from cnnlab.ui.live_chart import serve_assets

HTML_NAMES = {"en": "en", "zh": "zh-Hans"}
_KEY = "frame"


def show(kept: Mapping[str, str]) -> None:
    """Put the script on the page; once on a page.

    It folds the sidebar where the app is opened on a small screen; whoever unfolds it keeps it so. ``kept``
    are arguments that stay in the address while pages change it.
    """
    serve_assets()
    with st.sidebar:
        _component()(
            data={
                "kept": dict(kept),
                "language": HTML_NAMES[languages.current()],
                "presenting": presenting.for_script(),
                "following": following.for_script(),
            },
            key=_KEY,
            height=1,
            on_left_change=presenting.leave,
            on_lead_change=_lead_again,
        )


def _lead_again() -> None:
    following.lead_again(getattr(st.session_state.get(_KEY), "lead", None))


@functools.cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("cnnlab.frame", js="frame.js", isolate_styles=False)
