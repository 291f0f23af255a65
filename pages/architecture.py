"""Architecture: choose a network and its input, see what each layer does, costs and sees."""

from dataclasses import replace

import streamlit as st

from cnnlab import architectures, ui
from cnnlab.errors import CnnLabError

ui.lab()
st.title("Architecture")
try:
    scene = ui.scene()
    ui.scene_form(scene)
    ui.options_form(scene)
    architecture = architectures.get(scene.architecture)
    ui.headline(architecture)
    ui.option_notes(architecture)
    ui.offer_weights(architecture.name)
    ui.need_tensorflow()
    network = ui.inspected(scene)
    ui.keep(scene)
    ui.network_actions(scene)
except CnnLabError as error:
    st.error(ui.plain(str(error)))
    ui.way_back()
    st.stop()

chosen, layer = ui.chosen_in(network.rows, scene.layer)  # of a block, the layer at its end
ui.totals(network.rows)
ui.drawing(network.rows, layer.name)
table, details = st.columns([3, 2], gap="medium")
with table:
    ui.layer_table(network.rows, chosen.name, lambda name: ui.look_at(replace(scene, layer=name)))
    ui.wider(network.rows)
with details:
    st.subheader(f"{ui.plain(chosen.name)} · {chosen.type}", anchor=False)
    ui.layer_tabs(scene, network, chosen, layer, architecture)
ui.further(scene, architecture)
