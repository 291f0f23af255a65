"""Runs as links to the page that shows them."""

from collections.abc import Iterable

import streamlit as st

from cnnlab import runs
from cnnlab.errors import CnnLabError, RunError
from cnnlab.inference import validation_pictures
from cnnlab.training import devices
from cnnlab.ui import pulse
from cnnlab.ui.chores import background_work
from cnnlab.ui.engine import supervisor
from cnnlab.ui.wording import STATE_ICONS, created, plain, progress

SECONDS = 2.0
"""Between two looks at what the machine is doing."""


def run_links(some: Iterable[runs.Run]) -> None:
    """List runs, each with its state and a link to watch it; a damaged run folder is left out."""
    for run in some:
        try:
            status, title = run.status(), plain(run.title)
        except RunError:
            continue
        st.page_link(
            "pages/train.py",
            label=f"{title}  :gray[{progress(status, validation_pictures(run))} · {created(status)}]",
            icon=STATE_ICONS[status.state],
            query_params={"run": run.id},
        )


def active_runs() -> list[runs.Run]:
    """Return the runs at work, then those that wait, each in the order of their start."""
    now = supervisor()
    return [runs.get(run_id) for run_id in (*now.running(), *now.queue())]


@st.fragment
def machine_panel() -> None:
    """Show in few lines what this machine trains on, and what it is doing."""
    pulse.listen(pulse.MACHINE, SECONDS, key="machine-pulse")
    st.caption(f":material/memory: {devices.describe()}")
    try:
        active = active_runs()
        for run in active:
            _two_lines(run)
        background_work()
        if not active:
            st.caption(":material/bedtime: No run at work")
    except CnnLabError as error:
        st.error(plain(str(error)))


def _two_lines(run: runs.Run) -> None:
    status = run.status()
    with st.container(gap=None):
        st.page_link(
            "pages/train.py",
            label=plain(run.title),
            icon=STATE_ICONS[status.state],
            query_params={"run": run.id},
        )
        st.caption(progress(status, validation_pictures(run)))
