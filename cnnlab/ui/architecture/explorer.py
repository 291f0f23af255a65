"""The part of the Architecture page that runs when a layer is chosen: diagram, details, layer list."""

from collections.abc import Callable

import streamlit as st

from cnnlab.architectures import Architecture
from cnnlab.errors import CnnLabError
from cnnlab.inspection.stages import in_words
from cnnlab.languages import _
from cnnlab.ui.architecture.diagram import diagram, list_place
from cnnlab.ui.architecture.inspected import View, wider
from cnnlab.ui.architecture.layer_table import WIDER, chosen_in, opened_around, toggle
from cnnlab.ui.architecture.parts import layer_tabs
from cnnlab.ui.architecture.scene import Scene, choose_layer, follow_scene, now, title_in_words
from cnnlab.ui.architecture.sizes import type_in_words
from cnnlab.ui.wording import plain, refusal


@st.fragment
def show(asked: Scene, view: View, facts: Architecture) -> None:
    """Show the chosen layer of a view in the diagram, from several sides, and in the list of all layers."""
    follow_scene()
    scene, network = now(asked), view.network
    chosen, layer = chosen_in(network, scene.layer, view.broken)
    opened = opened_around(network, chosen.name)
    choose = _chooser(scene, view, opened)
    diagram(network, title_in_words(facts), chosen.name, opened, choose, view.broken, _said(view))
    details, layers = st.columns([2, 1], gap="medium")
    with layers:
        st.header(_("Layers"), anchor=False)
        list_place()
        st.caption(_("RF: receptive field in pixels;{sign} where it is larger than the image.", sign=WIDER))
        try:
            wider(network.rows)
        except CnnLabError as error:
            st.error(refusal(error))
    with details:
        st.header(f"{plain(in_words(chosen.name))} · {plain(type_in_words(chosen.type))}", anchor=False)
        layer_tabs(scene, view, chosen, layer, facts)


def _chooser(scene: Scene, view: View, opened: frozenset[str]) -> Callable[[str, bool], None]:
    def choose(name: str, turned: bool) -> None:
        if turned:
            toggle(view.network, name, opened)
        choose_layer(scene, name)

    return choose


def _said(view: View) -> str:
    if not view.problem:
        return ""
    if view.broken:
        return _(
            "This network does not fit at {layer}. The diagram shows the last one that does.",
            layer=view.broken,
        )
    return _("This network does not fit. The diagram shows the last one that does.")
