"""Presentation mode: ``present=1`` in the address of any page, for a projector and a clicker.

The browser keeps it in the address while pages change; this session remembers it. ``hide=NAME,NAME`` leaves
parts of a page out, in either mode: those of ``concepts.address``, and on the other pages those made with
``part``.
"""

import re

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnlab.languages import _
from cnnlab.ui.concepts import address
from cnnlab.ui.own_component import FRONTEND
from cnnlab.ui.screen import PROJECTED, is_projected

PRESENT = "present"
_STYLE = FRONTEND / "present.css"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,29}")


def begin() -> None:
    """Read from the address whether this session presents; what it does not say stays. Style the page."""
    if (asked := st.query_params.get(PRESENT)) is not None:
        st.session_state[PROJECTED] = asked == "1"
        if asked != "1":
            st.query_params.pop(PRESENT)
    if is_projected():
        st.html(_STYLE)
    if names := [name for name in address.hidden() if _NAME.fullmatch(name)]:
        chosen = ", ".join(f".st-key-part_{name}" for name in names)
        st.html(f"<style>{chosen} {{ display: none !important }}</style>")


def part(name: str) -> DeltaGenerator:
    """Return a container that ``hide=name`` in the address leaves out."""
    return st.container(key=f"part_{name}")


def switch() -> None:
    """Show the button that begins the presentation; how to end it is shown while it is on."""
    if not is_projected():
        st.button(
            _("Present"),
            icon=":material/slideshow:",
            key="present",
            on_click=_set,
            args=(True,),
            help=_(
                "Large type and high contrast, without navigation. Right and Left, or Page Down and Page Up "
                "of a clicker, turn the steps of a lesson; Escape ends it."
            ),
        )


def kept() -> dict[str, str]:
    """Return what the browser keeps in the address of every page."""
    return {PRESENT: "1"} if is_projected() else {}


def for_script() -> dict[str, object]:
    """Return what the script of the page needs, to hear the clicker and Escape."""
    return {"on": is_projected(), "leave": _("End presentation"), "key": "Esc"}


def leave() -> None:
    """End the presentation."""
    _set(False)


def _set(on: bool) -> None:
    st.session_state[PROJECTED] = on
    if on:
        st.query_params[PRESENT] = "1"
    else:
        st.query_params.pop(PRESENT, None)
