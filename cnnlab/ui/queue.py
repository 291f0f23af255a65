"""The queue of runs: each one's place and when it will begin; the teacher moves and stops what waits."""

import threading
import time

import streamlit as st

from cnnlab import access, runs
from cnnlab.languages import _, _n, _p
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import DEVICE
from cnnlab.training import queue_wait
from cnnlab.ui import visitors
from cnnlab.ui.attempt import attempt, complain
from cnnlab.ui.engine import supervisor
from cnnlab.ui.wording import plain

PLACE = "queue"
KEPT_SECONDS = 2.0
"""An estimate is made once in this time for all who look."""
MOST_SHOWN = 20
_lock = threading.Lock()
_kept: list[tuple[float, dict[str, float | None]]] = []


def _waits(job_id: str) -> dict[str, float | None]:
    """Return in how many seconds each job that waits for the device begins; None where that is not known.

    Where ``job_id`` has come since they were looked up, they are looked up anew.
    """
    with _lock:
        if not _kept or job_id not in _kept[0][1] or time.monotonic() - _kept[0][0] > KEPT_SECONDS:
            found = queue_wait.waits(supervisor().slots, runs.overview())
            _kept[:] = [(time.monotonic(), found)]
        return _kept[0][1]


def when(job_id: str) -> str:
    """Say when what waits for the device will begin: ``begins in about 4 min``, or that nobody knows yet."""
    if job_id not in (known := _waits(job_id)):
        return ""
    seconds = known[job_id]
    return _("no estimate yet") if seconds is None else _("begins in {time}", time=roughly(seconds))


def roughly(seconds: float) -> str:
    """Say a waiting time as roughly as it is known: ``a few seconds``, ``about 40 s``, ``about 4 min``."""
    if seconds < 5:
        return _("a few seconds")
    if seconds < 90:
        return _("about {seconds} s", seconds=max(1, round(seconds / 10)) * 10)
    if seconds < 90 * 60:
        return _("about {minutes} min", minutes=round(seconds / 60))
    return _("about {hours} h", hours=f"{seconds / 3600:.1f}")


def waiting(job: Job) -> str:
    """Say how many are before a job that waits, and when it will begin."""
    ahead = supervisor().ahead(job)
    if not ahead:
        return _("Queued, starts now")
    wait = when(job.id) if job.kind.lane == DEVICE else ""  # light work does not wait for long
    if not wait:
        return _("Queued ({n} ahead)", n=ahead)
    return _("Queued ({n} ahead), {wait}", n=ahead, wait=wait)


def show() -> None:
    """List the runs that wait, in their order; nothing where none does."""
    known = {seen.run.id: seen for seen in runs.overview()}
    line = [known[name] for name in supervisor().queue() if name in known]
    if not line:
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(_("Queue ({n})", n=len(line)), anchor=False, width="content")
        if access.current().has_all_rights:
            st.button(
                _("Clear the queue"),
                key="clear_queue",
                icon=":material/clear_all:",
                type="tertiary",
                help=_("Stops every run that waits; runs in training go on."),
                on_click=attempt,
                args=(PLACE, supervisor().clear_queue),
            )
    complain(PLACE)
    for number, seen in enumerate(line[:MOST_SHOWN]):
        _row(number, seen, len(line))
    if len(line) > MOST_SHOWN:
        st.caption(_n("and {n} more", "and {n} more", len(line) - MOST_SHOWN))


def _row(number: int, seen: runs.Overview, count: int) -> None:
    more = " · ".join(filter(None, (visitors.whose(seen.owner), when(seen.run.id))))
    label = f"{number + 1}\\. {plain(seen.title)}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"queue-{seen.run.id}"):
        with st.container(gap=None, width="stretch"):
            st.page_link("pages/train.py", label=label, query_params={"run": seen.run.id})
            st.caption(plain(more))
        if not access.current().has_all_rights:
            return
        with st.container(horizontal=True, gap="small", width="content"):
            _moves(number, seen.run.id, count)


def _moves(number: int, run_id: str, count: int) -> None:
    for where, said, useless in (
        ("first", _p("in the queue", "First"), number == 0),
        ("up", _p("in the queue", "Up"), number == 0),
        ("down", _p("in the queue", "Down"), number == count - 1),
    ):
        st.button(
            said,
            type="tertiary",
            disabled=useless,
            on_click=attempt,
            args=(PLACE, supervisor().move, run_id, where),
            key=f"queue-{where}-{run_id}",
        )
    st.button(
        _("Stop"),
        icon=":material/stop:",
        type="tertiary",
        on_click=attempt,
        args=(PLACE, supervisor().stop, run_id),
        key=f"queue-stop-{run_id}",
    )
