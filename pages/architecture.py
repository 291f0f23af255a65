"""Architecture: choose a network and its input, see what each layer does, costs and sees."""

from dataclasses import replace

import streamlit as st

from cnnlab import architectures, ui
from cnnlab.errors import CnnLabError

st.title("Architecture")
ui.need_tensorflow()
try:
    scene = ui.scene()
    ui.scene_form(scene)
    ui.options_form(scene)
    architecture = architectures.get(scene.architecture)
    st.caption(f"{architecture.summary} [The paper]({architecture.paper})")
    ui.offer_weights(architecture.name)
    network = ui.inspected(scene)
    ui.keep(scene)
except CnnLabError as error:
    st.error(ui.plain(str(error)))
    ui.way_back()
    st.stop()

chosen = network.row(scene.layer)
ui.totals(network.rows)
ui.drawing(network.rows, chosen.name)
table, details = st.columns([2, 1], gap="medium")
with table:
    ui.layer_table(network.rows, chosen.name, lambda name: ui.look_at(replace(scene, layer=name)))
    ui.wider(network.rows)
with details:
    st.subheader(f"{ui.plain(chosen.name)} · {chosen.type}", anchor=False)
    arithmetic, sight, edit = st.tabs(["Arithmetic", "What a unit sees", "What if"])
    with arithmetic:
        ui.layer_details(chosen, network.rows)
    with sight:
        ui.reach(network, chosen.name)
    with edit:
        ui.what_if(scene, network, chosen.name)

with st.expander("Side by side"):
    ui.side_by_side(scene)
with st.expander("About this network"):
    st.code(architecture.description, language=None)
with st.expander("Keras source"):
    ui.source(network)
