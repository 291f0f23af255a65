"""The parts of the Architecture page that run by themselves: a tab or a fold opened runs only its part."""

import streamlit as st

from cnnlab.architectures import Architecture
from cnnlab.errors import CnnLabError
from cnnlab.inspection.figures import LayerRow
from cnnlab.languages import _, texts
from cnnlab.ui.architecture.feature_sheet import feature_sheet
from cnnlab.ui.architecture.inspected import View, source
from cnnlab.ui.architecture.layer_details import layer_details
from cnnlab.ui.architecture.layer_table import layer_table
from cnnlab.ui.architecture.reach import reach
from cnnlab.ui.architecture.scene import Scene, follow_scene
from cnnlab.ui.architecture.side_by_side import side_by_side
from cnnlab.ui.architecture.what_if import what_if
from cnnlab.ui.concepts.notes import concept_links
from cnnlab.ui.wording import refusal

TABS = ARITHMETIC, FIELD, MAPS, EDIT = texts(("Arithmetic", "Receptive field", "Feature maps", "Edit"))
TAB, SHOWN_TABS = "layer_tab", "layer_tabs"
FURTHER = texts(
    {
        "layers": "All layers, all figures",
        "compare": "Compare networks",
        "about": "About this network",
        "source": "Keras source",
    }
)


@st.fragment
def layer_tabs(asked: Scene, view: View, chosen: LayerRow, layer: LayerRow, facts: Architecture) -> None:
    """Show a layer, or the block ``chosen`` whose last layer is ``layer``, from several sides.

    Where an edit of ``asked`` does not fit, the tab with its field comes to the front once.
    """
    follow_scene()
    problem = view.problem if view.scene.edits != asked.edits else ""
    if problem and st.session_state.get("edit_refused") != problem:
        st.session_state[TAB] = EDIT
    st.session_state.edit_refused = problem
    arithmetic, sight, maps, edit = st.tabs(_tabs(), on_change="rerun", key=TAB)
    try:
        if arithmetic.open:
            with arithmetic:
                layer_details(chosen, view.network.rows, facts.notes.get(chosen.name, ""))
                concept_links(layer, view.network)
        if sight.open:
            with sight:
                reach(view.scene, view.network, layer)
        if maps.open:
            with maps:
                feature_sheet(view.scene, view.network, layer)
        if edit.open:
            with edit:
                what_if(asked, view.network, layer.name, problem)
    except CnnLabError as error:
        st.error(refusal(error))


def _tabs() -> list[str]:
    """Return the labels of the tabs; the open one, which is known by its label, stays in another language."""
    labels, opened = [_(name) for name in TABS], st.session_state.get(TAB)
    for before in (TABS, st.session_state.get(SHOWN_TABS, TABS)):
        if opened in before and opened not in labels:
            st.session_state[TAB] = labels[before.index(opened)]
    st.session_state[SHOWN_TABS] = labels
    return labels


def _fold(key: str, label: str) -> str:
    """Return the label of a fold, by which Streamlit knows it; what is open stays so in any language."""
    label = _(label)
    if st.session_state.get(f"{key}_label", label) != label:
        st.session_state[key] = bool(st.session_state.get(key))
    st.session_state[f"{key}_label"] = label
    return label


@st.fragment
def further(view: View, facts: Architecture) -> None:
    """Show, behind folds, all layers in a table, networks compared, what this one is, and its source."""
    scene = view.scene
    folds = {f"further_{part}": label for part, label in FURTHER.items()}
    every, beside, about, code = (
        st.expander(_fold(key, label), on_change="rerun", key=key) for key, label in folds.items()
    )
    try:
        if every.open:
            with every:
                layer_table(view.network)
        if beside.open:
            with beside:
                side_by_side(scene)
        if about.open:
            about.code(_(facts.description), language=None)
        if code.open:
            with code:
                source(scene)
    except CnnLabError as error:
        st.error(refusal(error))
