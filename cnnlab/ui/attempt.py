"""Changes that may be refused, and deletions that can be undone: what was said is shown at the next look."""

from collections.abc import Callable

import streamlit as st

from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.ui.wording import plain, refusal


def attempt(place: str, change: Callable[..., object], *arguments: object) -> None:
    """Do something; keep the sentence of a refusal for ``complain`` at the same place, and lose nothing."""
    try:
        change(*arguments)
    except CnnLabError as error:
        st.session_state[f"{place}_problem"] = str(error)


def complain(place: str) -> None:
    """Say, once, why the last change at this place was refused."""
    if problem := st.session_state.pop(f"{place}_problem", None):
        st.error(refusal(problem))


def undo_row(place: str, words: str, undo: Callable[..., object], *arguments: object) -> None:
    """Say what was done, with a button that takes it back."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(plain(words), width="content")
        st.button(
            _("Undo"),
            icon=":material/undo:",
            type="tertiary",
            on_click=attempt,
            args=(place, undo, *arguments),
            key=f"{place}_bring_back",
        )
