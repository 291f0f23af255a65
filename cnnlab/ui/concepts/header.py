"""The row above a scene: which concept, which image, whose kernels."""

from typing import Any

import streamlit as st

from cnnlab.ui.concepts import address
from cnnlab.ui.concepts.catalogue import BY_NAME, CONCEPTS
from cnnlab.ui.concepts.concept import Concept
from cnnlab.ui.concepts.kernels import choose_kernels
from cnnlab.ui.concepts.pictures import choose_picture, picture

NAMES = [concept.name for concept in CONCEPTS]


def header(concept: Concept, hide: list[str]) -> dict[str, Any]:
    """Show the choices, and return what the scene of the concept begins with.

    Raises:
        CnnLabError: what the concept supplies cannot be had.
    """
    st.session_state.concept_seen = concept.name
    data: dict[str, Any] = {"hide": hide, "picture": None, "kernels": []}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="concept_header"):
        if "concepts" not in hide:
            _choose_concept(concept)
        if concept.image:
            data["picture"] = _picture(concept, hide)
        if concept.kernels and "run" not in hide:
            data["kernels"] = choose_kernels()
        data |= concept.supply()
    return data


def _choose_concept(concept: Concept) -> None:
    place = NAMES.index(concept.name)
    st.session_state.concept_name = concept.name
    st.selectbox(
        "Concept",
        NAMES,
        format_func=lambda name: f"{NAMES.index(name) + 1} · {BY_NAME[name].title}",
        key="concept_name",
        on_change=lambda: address.go_to(st.session_state.concept_name),
        label_visibility="collapsed",
        width=330,
    )
    for icon, said, step in (("arrow_back", "Previous concept", -1), ("arrow_forward", "Next concept", 1)):
        other = NAMES[(place + step) % len(NAMES)]
        st.button(
            " ",
            icon=f":material/{icon}:",
            help=f"{said}: {BY_NAME[other].title}",
            key=f"concept_{icon}",
            disabled=not 0 <= place + step < len(NAMES),
            on_click=address.go_to,
            args=(other,),
        )


def _picture(concept: Concept, hide: list[str]) -> dict[str, Any]:
    seen = picture(st.query_params.get(address.IMAGE), concept.image or "")
    if "image" not in hide and (chosen := choose_picture(seen)) and chosen != seen.id:
        address.put(image=chosen)
        seen = picture(chosen, concept.image or "")
    return seen.as_plain(concept.side)
