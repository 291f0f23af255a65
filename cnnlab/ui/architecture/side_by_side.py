"""Networks at the same input, side by side: one table of totals, one chart."""

from dataclasses import replace

import streamlit as st

from cnnlab import architectures, charts, inspection
from cnnlab.errors import ArchitectureError
from cnnlab.ui.architecture.inspected import inspected
from cnnlab.ui.architecture.layer_table import times
from cnnlab.ui.architecture.scene import Scene
from cnnlab.ui.live_chart import still_chart
from cnnlab.ui.wording import plain


@st.fragment
def side_by_side(scene: Scene) -> None:
    """Show the networks that a person picks beside the one of the scene, with its edits."""
    picked = st.multiselect(
        "Compare with",
        [name for name in architectures.names() if name != scene.architecture],
        format_func=_title,
        key="side_by_side",
    )
    same = {"input_shape": scene.input_shape, "classes": scene.classes}
    found: dict[str, inspection.Totals] = {}
    for beside in (scene, *(replace(Scene.of(name), **same) for name in picked)):
        try:
            found[_title(beside.architecture)] = inspection.Totals.of(inspected(beside).rows)
        except ArchitectureError as error:
            st.caption(plain(str(error)))
    if not picked or len(found) < 2:
        return
    number = st.column_config.NumberColumn(format="localized")
    st.dataframe(
        {
            "Network": list(found),
            "Parameters": [totals.params for totals in found.values()],
            "Trained": [totals.trainable_params for totals in found.values()],
            "MACs": [totals.macs for totals in found.values()],
            "Activations, kB": [totals.activation_bytes // 1024 for totals in found.values()],
            "Receptive field": [times(totals.receptive_field) for totals in found.values()],
        },
        hide_index=True,
        column_config=dict.fromkeys(("Parameters", "Trained", "MACs", "Activations, kB"), number),
    )
    still_chart("comparison", charts.comparison, tuple(found), tuple(found.values()))


def _title(name: str) -> str:
    return architectures.get(name).title
