"""One run, while it trains and afterwards: what can be done, how it stands, and its tabs.

The part that changes polls the run's folder, so every browser sees the same. Only the tab that is open is
drawn.
"""

import streamlit as st

from cnnlab.errors import CnnLabError
from cnnlab.languages import _, texts
from cnnlab.runs import Run, Status
from cnnlab.training.overfitting import overfitting
from cnnlab.training.verdict import verdict
from cnnlab.ui import pulse
from cnnlab.ui.runs import heading
from cnnlab.ui.runs.confusion import confusion
from cnnlab.ui.runs.curves import curves
from cnnlab.ui.runs.inside import inside
from cnnlab.ui.runs.predictions import predictions
from cnnlab.ui.runs.projection import projection
from cnnlab.ui.runs.settings import settings_table
from cnnlab.ui.tabs import tabs_of
from cnnlab.ui.wording import refusal

POLL_SECONDS = 0.5
FIRST_SECONDS = 0.15
"""Between two looks while a worker prepares: everybody waits for the first point."""
TABS = texts(("Curves", "Inside", "Predictions", "Confusion", "Projection", "Settings"))


def show(run: Run) -> None:
    """Show a run."""
    _live(run, run.status().is_active)


@st.fragment
def _live(run: Run, was_active: bool) -> None:
    of = f"{pulse.RUN}{run.id}"
    word = pulse.word(of)
    try:
        _show(run, was_active)
    except CnnLabError as error:  # such as: somebody deleted the run while it was watched
        st.error(refusal(error))
    if was_active:  # last, so that the chart keeps its place when the run is over
        pulse.listen(of, word, _pause(run), key=f"pulse-{run.id}")


def _pause(run: Run) -> float:
    """Return how long a browser waits before it asks for news again."""
    prepares = run.status().state in {"starting", "running"} and not len(run.metrics().batches["step"])
    return FIRST_SECONDS if prepares else POLL_SECONDS


def _show(run: Run, was_active: bool) -> None:
    status = run.status()
    if was_active and not status.is_active:
        st.rerun()  # the whole page: nothing is listened for any more, and the lists elsewhere change
    judged = verdict(run)
    with st.container(gap="small"):  # one element whatever is in it, so that the chart keeps its place
        heading.title(run)
        heading.actions(run, status, judged)
        heading.state(run, status, judged, overfitting(run))
    tabs = tabs_of(TABS, f"run-tab-{run.id}")
    for tab, show in zip(tabs, (curves, _inside, predictions, confusion, projection, _settings), strict=True):
        if tab.open:
            with tab:
                show(run, status)


def _inside(run: Run, status: Status) -> None:
    inside(run)


def _settings(run: Run, status: Status) -> None:
    settings_table(run)
    st.caption(_("Settings without an effect on this run are left out."))
