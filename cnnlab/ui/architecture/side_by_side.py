"""Networks compared, at one input or each at its own: one table of totals, one chart."""

from dataclasses import replace

import streamlit as st

from cnnlab import architectures, charts, inspection
from cnnlab.errors import ArchitectureError
from cnnlab.languages import _
from cnnlab.ui.architecture.inspected import inspected
from cnnlab.ui.architecture.scene import Scene, title_in_words
from cnnlab.ui.architecture.sizes import times
from cnnlab.ui.live_chart import still_chart
from cnnlab.ui.wording import refusal

SAME, OWN = "same", "own"


@st.fragment
def side_by_side(scene: Scene) -> None:
    """Show the networks that a person picks beside the one of the scene, with its edits."""
    picked = st.multiselect(
        _("Compare with"),
        [name for name in architectures.names() if name != scene.architecture],
        format_func=_title,
        placeholder=_("Choose options"),
        key="side_by_side",
    )
    here = {"shape": times(scene.input_shape), "classes": f"{scene.classes:,}"}
    labels = {
        SAME: _("All at {shape}, {classes} classes", **here),
        OWN: _("Each at the input of its paper or reference"),
    }
    at = st.segmented_control(
        _("Input"),
        list(labels),
        format_func=labels.__getitem__,
        default=SAME,
        required=True,
        key="side_by_side_input",
    )
    found = _fitting([scene, *map(Scene.of, picked)], scene if at == SAME else None)
    if not picked or len(found) < 2:
        return
    totals = [inspection.Totals.of(inspected(beside).rows) for beside in found]
    titles = [_title(beside.architecture) for beside in found]
    counts = {
        _("Parameters"): [each.params for each in totals],
        _("Trainable parameters"): [each.trainable_params for each in totals],
        _("MACs"): [each.macs for each in totals],
        _("Activations, kB"): [each.activation_bytes // 1000 for each in totals],
    }
    st.dataframe(
        {
            _("Network"): titles,
            _("Input"): [times(beside.input_shape) for beside in found],
            _("Classes"): [beside.classes for beside in found],
            **counts,
            _("Receptive field"): [times(each.receptive_field) for each in totals],
        },
        hide_index=True,
        column_config=dict.fromkeys(counts, st.column_config.NumberColumn(format="localized")),
    )
    drawn = [place for place, each in enumerate(totals) if each.macs is not None]
    still_chart(
        "comparison",
        charts.comparison,
        tuple(titles[place] for place in drawn),
        tuple(totals[place] for place in drawn),
    )


def _fitting(scenes: list[Scene], same: Scene | None) -> list[Scene]:
    """Return the scenes that fit, at one input or their own; say of the others why they do not."""
    found = []
    for beside in scenes:
        if same:
            beside = replace(beside, input_shape=same.input_shape, classes=same.classes)
        try:
            inspected(beside)
            found.append(beside)
        except ArchitectureError as error:
            st.caption(refusal(error))
    return found


def _title(name: str) -> str:
    return title_in_words(architectures.get(name))
