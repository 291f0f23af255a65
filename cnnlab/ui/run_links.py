"""Runs as links to the page that shows them."""

from collections.abc import Iterable

import streamlit as st

from cnnlab import access, runs
from cnnlab.errors import CnnLabError
from cnnlab.inference import ImageCount
from cnnlab.languages import _
from cnnlab.ui import classroom, following, pulse
from cnnlab.ui.engine import trains_on
from cnnlab.ui.jobs import background_work
from cnnlab.ui.wording import STATE_ICONS, created, plain, progress, refusal

SECONDS = 2.0
"""Between two looks at what the machine is doing."""


def show(some: Iterable[runs.Overview]) -> None:
    """List runs, each with its state and a link to watch it; a damaged one is left out."""
    for seen in some:
        if not seen.damage:
            said = f"{progress(seen.status, ImageCount.of(seen))} · {created(seen.status)}"
            _link(seen, f"  :gray[{said}]")


def active_runs() -> list[runs.Overview]:
    """Return the runs at work, then those that wait, each in the order of their start."""
    active = [seen for seen in runs.overview() if seen.status.is_active and not seen.damage]
    return sorted(active, key=lambda seen: (seen.status.state == "queued", seen.status.created))


@st.fragment
def machine_panel(page: str = "") -> None:
    """Show in few lines what this machine trains on, and what it is doing.

    Args:
        page: the name of the page beside it: what "train" shows of a run itself is not said twice, where one
            of the two would be behind.
    """
    pulse.listen(pulse.MACHINE, pulse.word(pulse.MACHINE), SECONDS, key="machine-pulse")
    if access.current().role is access.Role.TEACHER:
        st.caption(f":material/school: {_('Teacher')}")
    following.invitation()
    st.caption(f":material/memory: {refusal(trains_on())}")
    classroom.disk_warning()
    try:
        active = active_runs()
        for seen in active:
            with st.container(gap=None):
                _link(seen)
                here = page == "train" and st.query_params.get("run") == seen.run.id
                st.caption(_("shown on this page") if here else progress(seen.status, ImageCount.of(seen)))
        background_work()
        if not active:
            st.caption(f":material/bedtime: {_('No run in progress')}")
    except CnnLabError as error:
        st.error(refusal(error))


def _link(seen: runs.Overview, more: str = "") -> None:
    label, query = f"{plain(seen.title)}{more}", {"run": seen.run.id}
    icon = STATE_ICONS[seen.status.state]
    st.page_link("pages/train.py", label=label, icon=icon, query_params=query)
