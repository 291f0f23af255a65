"""The parts of the Architecture page that run by themselves: a tab or a fold opened runs only its part."""

import streamlit as st

from cnnlab.architectures import Architecture
from cnnlab.errors import CnnLabError
from cnnlab.inspection.figures import LayerRow
from cnnlab.service import Inspected
from cnnlab.ui.architecture.feature_sheet import feature_sheet
from cnnlab.ui.architecture.inspected import source
from cnnlab.ui.architecture.layer_details import layer_details
from cnnlab.ui.architecture.reach import reach
from cnnlab.ui.architecture.scene import Scene, follow_scene
from cnnlab.ui.architecture.side_by_side import side_by_side
from cnnlab.ui.architecture.what_if import what_if
from cnnlab.ui.wording import plain

TABS = ("Arithmetic", "What a unit sees", "Maps", "What if")


@st.fragment
def layer_tabs(
    scene: Scene, network: Inspected, chosen: LayerRow, layer: LayerRow, facts: Architecture
) -> None:
    """Show a layer, or the block ``chosen`` whose last layer is ``layer``, from several sides."""
    follow_scene()
    arithmetic, sight, maps, edit = st.tabs(TABS, on_change="rerun", key="layer_tab")
    try:
        if arithmetic.open:
            with arithmetic:
                layer_details(chosen, network.rows, facts.notes.get(chosen.name, ""))
        if sight.open:
            with sight:
                reach(scene, network, layer)
        if maps.open:
            with maps:
                feature_sheet(scene, network, layer)
        if edit.open:
            with edit:
                what_if(scene, network, layer.name)
    except CnnLabError as error:
        st.error(plain(str(error)))


@st.fragment
def further(scene: Scene, facts: Architecture) -> None:
    """Show, behind folds, the network beside others, what it is, and its source."""
    beside, about, code = (
        st.expander(label, on_change="rerun", key=f"further_{number}")
        for number, label in enumerate(("Side by side", "About this network", "Keras source"))
    )
    try:
        if beside.open:
            with beside:
                side_by_side(scene)
        if about.open:
            about.code(facts.description, language=None)
        if code.open:
            with code:
                source(scene)
    except CnnLabError as error:
        st.error(plain(str(error)))
