"""Which runs a person looks at, and how: in the address of the page, for links, reloads and Back."""

from collections.abc import Collection, Mapping, Sequence

import streamlit as st

from cnnlab.ui.runs.table import CHOSEN, TABLE
from cnnlab.ui.state import lab

RUN, VIEW = "run", "view"
_WRITTEN = "runs_address"
Views = Mapping[str, Collection[str]]


def follow_address(known: Collection[str], views: Views) -> list[str]:
    """Select what the address names, where it was typed, opened as a link or reached with Back.

    Args:
        known: the ids of all runs.
        views: the names of the views by the key of the widget that chooses among them.

    Returns:
        What of the address is no run here; nothing is selected by it.
    """
    asked = st.query_params.get_all(RUN)
    unknown = [run_id for run_id in asked if run_id not in known]
    if unknown:
        lab().run_id = None
    just_entered = st.session_state.get(TABLE) not in st.session_state
    if (asked, _view()) == st.session_state.get(_WRITTEN) or (just_entered and not asked):
        return unknown
    st.session_state[CHOSEN] = [run_id for run_id in dict.fromkeys(asked) if run_id in known]
    st.session_state["runs_opened"] = st.session_state.get("runs_opened", 0) + 1
    for key, names in views.items():
        if view := next((name for name in names if _as_written(name) == _view()), None):
            st.session_state[key] = view
    return unknown


def write_address(chosen: Sequence[str], view: str | None) -> None:
    """Put the selection and the view of it into the address."""
    found = {RUN: list(chosen), VIEW: _as_written(view)} if chosen and view else {RUN: list(chosen)}
    now = (found[RUN], found.get(VIEW, ""))
    if now != (st.query_params.get_all(RUN), _view()):
        st.query_params.from_dict(found if chosen else {})
    st.session_state[_WRITTEN] = now


def _view() -> str:
    return st.query_params.get(VIEW, "")


def _as_written(name: str) -> str:
    return name.lower().replace(" ", "-")
