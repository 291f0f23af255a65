"""What surrounds every page beside its style: a folded sidebar, and what stays in the address."""

import functools
from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from cnnlab.streamlit_internals import ComponentRenderer
from cnnlab.ui.live_chart import serve_assets


def show(kept: Mapping[str, str] = MappingProxyType({})) -> None:
    """Fold the sidebar where the app is opened on a small screen; whoever unfolds it keeps it so.

    ``kept`` are arguments that stay in the address while pages change it.
    """
    serve_assets()
    with st.sidebar:
        _component()(data={"kept": dict(kept)}, key="frame", height=1)


@functools.cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("cnnlab.frame", js="frame.js", isolate_styles=False)
