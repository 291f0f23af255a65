"""What surrounds every page beside its style: a folded sidebar, and what stays in the address."""

import functools
from collections.abc import Mapping

import streamlit as st

from cnnlab import languages
from cnnlab.streamlit_internals import ComponentRenderer
from cnnlab.ui.live_chart import serve_assets

HTML_NAMES = {"en": "en", "zh": "zh-Hans"}


def show(kept: Mapping[str, str]) -> None:
    """Fold the sidebar where the app is opened on a small screen; whoever unfolds it keeps it so.

    ``kept`` are arguments that stay in the address while pages change it.
    """
    serve_assets()
    with st.sidebar:
        _component()(
            data={"kept": dict(kept), "language": HTML_NAMES[languages.current()]}, key="frame", height=1
        )


@functools.cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("cnnlab.frame", js="frame.js", isolate_styles=False)
