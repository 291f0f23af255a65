"""Tabs in the language of the page: the one that is open stays open when the language changes."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from cnnlab.languages import _


def tabs_of(names: Sequence[str], key: str) -> Sequence[Any]:
    """Show tabs with these English names, which are in the catalogues; each tells whether it is ``open``.

    Streamlit knows a tab by its label. ``st.session_state[key]`` may be set to a name or to a label.
    """
    labels, last = [_(name) for name in names], f"{key} name"
    known = dict(zip(names, labels, strict=True))
    if (asked := st.session_state.get(key)) not in (*labels, None):
        st.session_state[key] = known.get(str(asked), known.get(str(st.session_state.get(last)), labels[0]))
    tabs = st.tabs(labels, on_change="rerun", key=key)
    st.session_state[last] = next((name for name, tab in zip(names, tabs, strict=True) if tab.open), names[0])
    return tabs
