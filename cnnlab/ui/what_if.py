"""What if a layer were different: change its settings, and the whole network follows."""

import streamlit as st

from cnnlab.ui.inspected import Inspected
from cnnlab.ui.scene import LEFT_OUT, SETTINGS, Scene, look_at
from cnnlab.ui.wording import plain


def what_if(scene: Scene, network: Inspected, layer: str) -> None:
    """Show the settings of one layer to change; a change looks at the edited network at once."""
    config = network.model.get_layer(layer).get_config()
    settings = [name for name in SETTINGS if name in config and name != "rate"]
    left_out = scene.changes().get(layer, {}) is None
    if not settings and not left_out:
        st.caption("This layer has no settings that change shapes or parameters.")
    columns = st.columns(2)
    for place, name in enumerate(settings):
        with columns[place % 2]:
            _setting(scene, layer, name, config[name])
    if layer not in (network.rows[0].name, network.rows[-1].name):
        key = f"what_if_{layer}_{LEFT_OUT}"
        st.session_state[key] = left_out
        st.checkbox("Leave this layer out", key=key, on_change=_take, args=(scene, layer, LEFT_OUT, key))
    if scene.edits:
        edits = ", ".join(
            f"{name} {setting.replace('_', ' ')} {value}" for name, setting, value in scene.edits
        )
        st.caption(plain(f"Edited: {edits}").replace(f"{LEFT_OUT.replace('_', ' ')} 1", "left out"))
        st.button(
            "Take all edits back", icon=":material/undo:", on_click=look_at, args=(_without_edits(scene),)
        )


def _setting(scene: Scene, layer: str, name: str, value: object) -> None:
    key, label = f"what_if_{layer}_{name}", name.replace("_", " ").capitalize()
    st.session_state[key] = value[0] if isinstance(value, list | tuple) else value
    asked = {"key": key, "on_change": _take, "args": (scene, layer, name, key)}
    if name == "padding":
        st.segmented_control(label, ["valid", "same"], required=True, **asked)
    else:
        st.number_input(label, 1, 4096, step=1, **asked)


def _take(scene: Scene, layer: str, name: str, key: str) -> None:
    value = st.session_state[key]
    look_at(scene.edited(layer, name, (1 if value else None) if name == LEFT_OUT else value))


def _without_edits(scene: Scene) -> Scene:
    return Scene(scene.architecture, scene.input_shape, scene.classes, scene.layer, scene.options)
