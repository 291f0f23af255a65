"""Architecture: choose a network and its input, see what each layer does, costs and sees."""

import streamlit as st

from cnnlab import architectures
from cnnlab.errors import ArchitectureError, CnnLabError
from cnnlab.languages import _
from cnnlab.ui import base_weights, option_notes, state, warm_up
from cnnlab.ui.architecture import diagram, explorer, inspected, own_networks, parts, scene
from cnnlab.ui.wording import refusal

state.lab()
st.title(_("Architecture"))
try:
    try:
        asked = scene.asked()
    except ArchitectureError as error:  # the address means nothing
        st.error(refusal(error))
        asked = scene.usual()
    facts = architectures.get(asked.architecture)
    head = st.container()
    scene.headline(facts)
    base_weights.offer_weights(facts.name)
    warm_up.need_tensorflow()
    view = inspected.viewed(asked)
    with head:
        own_networks.network_actions(asked, view.problem)
except CnnLabError as error:
    st.error(refusal(error))
    scene.way_back()
    st.stop()

diagram.diagram_place()
own_networks.edit_actions(asked, view.problem)
scene.input_form(asked)
if view.problem and view.scene.edits == asked.edits:
    st.error(refusal(view.problem))
option_notes.show(facts)
inspected.totals(view.network.rows)
explorer.show(asked, view, facts)
parts.further(view, facts)
