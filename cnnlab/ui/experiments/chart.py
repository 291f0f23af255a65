"""The chart of a race, and the choice of its axes."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from cnnlab import charts, experiments
from cnnlab.charts.race import MEASURES
from cnnlab.experiments import Results
from cnnlab.experiments.results import Course
from cnnlab.languages import _, _p
from cnnlab.ui.experiments import wording
from cnnlab.ui.live_chart import live_chart
from cnnlab.ui.wording import plain

AXES = ("epoch", "seconds", "macs", "parameters")


def choose_axes(key: str, measure: str) -> tuple[str, str]:
    """Show what the axes can be, and return the measure and the axis."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom", width="content"):
        names = list(MEASURES)
        chosen = st.selectbox(
            _("Measure"),
            names,
            names.index(measure) if measure in names else 0,
            lambda name: _(MEASURES[name][0]).capitalize(),
            key=f"{key}-y",
            width=240,
        )
        axis = st.segmented_control(
            _p("the axis of a chart", "Against"),
            AXES,
            format_func=_axis,
            default="epoch",
            required=True,
            key=f"{key}-x",
        )
    return chosen, axis or "epoch"


def show(results: Results, measure: str, axis: str, key: str, epochs: int | None = None) -> None:
    """Show how the sides went, after so many epochs."""
    lines = [_named(experiments.course(side, measure, axis, epochs)) for side in results.sides]
    whole = [experiments.course(side, measure, axis) for side in results.sides]
    end = max((line.x[-1] for line in whole if len(line.x) and line.x[-1] == line.x[-1]), default=0)
    at_end = axis == "parameters"
    live_chart(charts.race(lines, _axis_title(axis), measure, 0 if at_end else end, at_end), key=key)
    if epochs is None and _differ(whole, axis) and (said := wording.at_equal(results, measure, axis)):
        st.caption(plain(said))


def _axis(name: str) -> str:
    words = {
        "epoch": _p("the axis of a chart", "epochs"),
        "seconds": _p("the axis of a chart", "seconds"),
        "macs": _p("the axis of a chart", "MACs"),
        "parameters": _p("the axis of a chart", "parameters"),
    }
    return words[name]


def _axis_title(name: str) -> str:
    words = {
        "epoch": _p("the axis of a chart", "epoch"),
        "seconds": _("training time in seconds"),
        "macs": _("MACs of the forward passes, per training image"),
        "parameters": _p("the axis of a chart", "parameters"),
    }
    return words[name]


def _named(line: Course) -> Course:
    """Return how a side went under the name that the page gives it."""
    return replace(line, label=wording.side(line.label))


def _differ(lines: Sequence[Course], axis: str) -> bool:
    """Whether the sides end at different places of the axis."""
    ends = [float(line.x[-1]) for line in lines if len(line.x)]
    return axis != "epoch" or len(set(ends)) > 1
