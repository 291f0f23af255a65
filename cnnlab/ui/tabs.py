"""Tabs in the language of the page: the one that is open stays open when the language changes."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from cnnlab.languages import LANGUAGES, _
from cnnlab.languages.catalogues import translated


def tabs_of(names: Sequence[str], key: str) -> Sequence[Any]:
    """Show tabs with these English names, which are in the catalogues; each tells whether it is ``open``.

    Streamlit knows a tab by its label. ``st.session_state[key]`` may be set to a name in any language;
    another word opens the first tab.
    """
    labels = [_(name) for name in names]
    if (asked := st.session_state.get(key)) not in (*labels, None):
        said = {translated(language, name): _(name) for name in names for language in LANGUAGES}
        st.session_state[key] = said.get(str(asked), labels[0])
    return st.tabs(labels, on_change="rerun", key=key)
