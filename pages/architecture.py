"""Architecture: choose a network and its input, see what each layer does, costs and sees."""

import streamlit as st

from cnnlab import architectures, ui
from cnnlab.errors import ArchitectureError, CnnLabError

ui.lab()
st.title("Architecture")
try:
    try:
        asked = ui.scene()
    except ArchitectureError as error:  # the address means nothing
        st.error(ui.plain(str(error)))
        asked = ui.usual()
    facts = architectures.get(asked.architecture)
    head = st.container()
    ui.headline(facts)
    ui.offer_weights(facts.name)
    ui.need_tensorflow()
    view = ui.viewed(asked)
    with head:
        ui.network_actions(asked, view.problem)
except CnnLabError as error:
    st.error(ui.plain(str(error)))
    ui.way_back()
    st.stop()

ui.diagram_place()
ui.edit_actions(asked, view.problem)
ui.input_form(asked)
if view.problem and view.scene.edits == asked.edits:
    st.error(ui.plain(view.problem))
ui.option_notes(facts)
ui.totals(view.network.rows)
ui.explorer(asked, view, facts)
ui.further(view.scene, facts)
