"""The row above a scene: the title of the page, which concept, which image, whose kernels."""

from typing import Any

import streamlit as st

from cnnlab.languages import _, _p
from cnnlab.ui.concepts import address
from cnnlab.ui.concepts.catalogue import BY_NAME, CONCEPTS
from cnnlab.ui.concepts.concept import Concept
from cnnlab.ui.concepts.kernels import choose_kernels
from cnnlab.ui.concepts.scene_images import choose_image, scene_image
from cnnlab.ui.wording import plain

NAMES = [concept.name for concept in CONCEPTS]


def asked_concept() -> tuple[Concept, str]:
    """Return the concept of the address, and a sentence where there is none of that name."""
    name = st.query_params.get(address.CONCEPT, "")
    if name in BY_NAME:
        return BY_NAME[name], ""
    known = ", ".join(BY_NAME)
    usual = BY_NAME.get(st.session_state.get("concept_seen", ""), CONCEPTS[0])
    if not name:
        return usual, ""
    return usual, _("There is no concept {name}; choose one of {known}.", name=repr(name[:40]), known=known)


def header(concept: Concept, hide: list[str]) -> dict[str, Any]:
    """Show the title and the choices, and return what the scene of the concept begins with.

    Raises:
        CnnLabError: what the concept supplies cannot be had.
    """
    st.session_state.concept_seen = concept.name
    data: dict[str, Any] = {"hide": hide, "image": None, "run": None, "kernels": []}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="concept_header"):
        st.title(_("Concepts"), anchor=False, width="content")
        if "concepts" not in hide:
            _choose_concept(concept)
        if concept.image:
            data["image"] = _image(concept, hide)
        if concept.kernels and "run" not in hide:
            data |= choose_kernels()
        data |= concept.supply()
    return data


def _choose_concept(concept: Concept) -> None:
    place = NAMES.index(concept.name)
    key = f"concept_name_{address.turn()}"
    st.session_state[key] = concept.name
    st.selectbox(
        _("Concept"),
        NAMES,
        format_func=lambda name: f"{NAMES.index(name) + 1} · {_(BY_NAME[name].title)}",
        key=key,
        on_change=lambda: address.go_to(st.session_state[key]),
        label_visibility="collapsed",
        width=310,
    )
    back, forward = _p("to another concept", "Back"), _p("to another concept", "Next")
    for button, label, step in (("Back", back, -1), ("Next", forward, 1)):
        other = NAMES[(place + step) % len(NAMES)]
        st.button(
            plain(label),
            key=f"concept_{button}",
            disabled=not 0 <= place + step < len(NAMES),
            on_click=_turn_to,
            args=(other,),
        )


def _turn_to(concept: str) -> None:
    address.begin_anew()
    address.go_to(concept)


def _image(concept: Concept, hide: list[str]) -> dict[str, Any]:
    seen = scene_image(st.query_params.get(address.IMAGE), concept.image or "")
    if "image" not in hide and (chosen := choose_image(seen)):
        if chosen != seen.id:
            address.put(image=chosen)
        seen = scene_image(chosen, concept.image or "")
    return seen.as_plain(concept.side)
