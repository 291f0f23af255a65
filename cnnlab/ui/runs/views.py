"""What the Runs page shows of the runs that were selected: of one, and of several beside each other."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnlab import charts, runs
from cnnlab.charts.overlay import MOST_BANDS, shows_bands
from cnnlab.inference import validation_count
from cnnlab.languages import _, recognised, texts
from cnnlab.ui.live_chart import live_chart
from cnnlab.ui.runs.confusion import evaluation_view
from cnnlab.ui.runs.curves import intervals
from cnnlab.ui.runs.downloads import downloads
from cnnlab.ui.runs.settings import differences, settings_table
from cnnlab.ui.runs.table import told_apart
from cnnlab.ui.tables import table

Runs = list[runs.Run]
View = Callable[[Runs], None]
AXES = texts({"epoch": "Epoch", "step": "Step", "seconds": "Training time"})


def compare(chosen: Runs) -> None:
    """Draw the curves of runs over each other."""
    names = told_apart(chosen)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        asked: dict[str, Any] = {"required": True, "persist_state": "session"}
        measure = st.segmented_control(
            _("Metric"),
            list(charts.MEASURES),
            format_func=lambda name: _(charts.MEASURES[name][0]).capitalize(),
            default="val_accuracy",
            key="runs_measure",
            **asked,
            wrap=True,
        )
        axis = st.segmented_control(
            _("x axis"),
            list(AXES),
            format_func=lambda name: _(AXES[name]),
            default="epoch",
            key="runs_axis",
            **asked,
            wrap=True,
        )
        smoothing = st.slider(
            _("Smoothing"),
            0.0,
            0.95,
            step=0.05,
            key="runs_smoothing",
            persist_state="session",
            width=200,
            help=_("Weight of the past in an exponential moving average; the measured curve stays, pale."),
        )
    curves = [_curve(name, run) for name, run in zip(names, chosen, strict=True)]
    live_chart(charts.overlay(curves, measure, axis, smoothing), key="overlay")
    if shows_bands(curves, measure, smoothing):
        st.caption(
            _("Bands: 95 % confidence interval (Wilson) of the validation accuracy, for each run with its n.")
        )
    elif measure == "val_accuracy" and not smoothing:
        st.caption(_("95 % confidence intervals are drawn for up to {n} runs.", n=MOST_BANDS))


def _curve(name: str, run: runs.Run) -> charts.Curve:
    epochs, images = run.metrics().epochs, validation_count(run)
    return charts.Curve(name, epochs, intervals(epochs["val_accuracy"], images) if images else None)


def compare_settings(chosen: Runs) -> None:
    """Show the settings in which runs differ."""
    if different := differences(chosen):
        names = told_apart(chosen)
        table(
            [
                {_("Setting"): _(name), **dict(zip(names, map(recognised, row), strict=True))}
                for name, row in different.items()
            ]
        )
    else:
        st.caption(_("All settings are the same."))


def of_one(show: Callable[[runs.Run], None]) -> View:
    """Return the view of several runs that shows the first."""
    return lambda chosen: show(chosen[0])


ONE: dict[str, View] = {
    texts("Evaluation"): of_one(evaluation_view),
    texts("Curves"): compare,
    texts("Settings"): of_one(settings_table),
    texts("Downloads"): of_one(downloads),
}
SEVERAL: dict[str, View] = {"Curves": compare, texts("Compare settings"): compare_settings}
VIEWS: dict[str, dict[str, View]] = {"runs_view_one": ONE, "runs_view_several": SEVERAL}


def choose_view(chosen: Runs) -> str:
    """Ask which view of one run or of several is shown."""
    key = "runs_view_one" if len(chosen) == 1 else "runs_view_several"
    st.session_state.setdefault(key, next(iter(VIEWS[key])))
    shown = st.segmented_control(
        _("Show"),
        list(VIEWS[key]),
        format_func=_,
        required=True,
        key=key,
        label_visibility="collapsed",
        persist_state="session",
        wrap=True,
    )
    return shown or next(iter(VIEWS[key]))
