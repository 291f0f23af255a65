"""Long work that a page asks for, of whatever kind: asked for, shown with a way to stop it, and its outcome.

It waits in the queue of the server and works in a process of its own: in the server it would make every page
slow for everybody. The page looks at the folder of the job, so every session sees the same.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import streamlit as st

from cnnlab import access, runs
from cnnlab.errors import RunError
from cnnlab.languages import _, recognised, texts
from cnnlab.runs import Phase, Status, jobs
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import TRAIN, Kind
from cnnlab.ui import queue
from cnnlab.ui.attempt import attempt
from cnnlab.ui.attempt import complain as complain_of
from cnnlab.ui.engine import supervisor
from cnnlab.ui.visitors import allowed
from cnnlab.ui.wording import duration, plain, refusal

POLL_SECONDS = 0.5
LONG_SECONDS = 120.0
"""After so long the list of all work offers to stop a job; the page that asked for it does at any time."""


def ask(kind: Kind, **request: Any) -> Job:
    """Ask for a job, unless the same one waits or is at work.

    Raises:
        RunError: too many wait already.
        WorkspaceError: the disk is full.
        AccessError: a student has enough of them.
    """
    return supervisor().ask(kind, request)


def is_at_work(kind: Kind, **request: Any) -> bool:
    """Whether a job waits or is at work, whoever asked for it."""
    job = jobs.find(kind, request)
    return job is not None and job.status().is_active


def shown(kind: Kind, done: Callable[[Job], None] = lambda job: None, **request: Any) -> bool:
    """Show the job with this request, if somebody asked for it; see ``show``."""
    job = jobs.find(kind, request)
    return job is not None and show(job, done)


def show(job: Job, done: Callable[[Job], None] = lambda job: None) -> bool:
    """Show how far a job is, with a button that stops it; return whether it waits or is at work.

    ``done`` is called when it has ended well. Why it failed is said until it is asked for again.
    """
    now = job.status()
    if now.is_active:
        st.fragment(_watched, run_every=POLL_SECONDS)(job)
        return True
    if now.state == "finished":
        done(job)
    else:
        complain(job, now)
    return False


def complain(job: Job, now: Status) -> None:
    """Say why a job is over that did not end well, unless who asked for it stopped it."""
    if now.state in {"failed", "interrupted"}:
        st.error(refusal(now.message))
    elif now.state == "stopped" and (job.stop_reason() or not job.stop_requested()):
        st.warning(refusal(now.message))


def bar(job: Job, now: Status) -> None:
    """Show how far a job is, with a button that stops it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        done, words = told(job, now)
        st.progress(done, plain(words))
        over = now.state == "stopping"
        icon, key = ":material/stop:", f"stop {job.id}"
        may = allowed(job.owner, job.to_stop, over)
        st.button(_("Stop"), icon=icon, on_click=attempt, args=("job", stop, job), key=key, **may)
    complain_of("job")


def told(job: Job, now: Status) -> tuple[float, str]:
    """Return how much of a job is done, from 0 to 1, and the same in words."""
    if now.state == "queued":
        return 0.0, queue.waiting(job)
    if now.state == "starting":
        return 0.0, recognised(now.message)
    steps = now.steps_per_epoch * max(1, now.epochs)
    done = min(1.0, now.step / steps if steps else now.progress)
    trains = job.kind is TRAIN
    if now.state == "stopping":
        return done, _("Stopping after this batch; the weights are kept.") if trains else _("Stopping.")
    if trains and now.phase != Phase.EVALUATING:
        return done, _("Training, {percent} % done", percent=f"{100 * done:.0f}")
    return done, recognised(now.message)


def stop(job: Job, why: str = "") -> None:
    """Ask a job to stop; ``why`` is a sentence for those who wait for it.

    Raises:
        AccessError: it is not the visitor's.
    """
    with suppress(RunError):  # it ended by itself this very moment
        job.request_stop(why)


def background_work() -> None:
    """List the jobs that are no runs, at work and waiting; who may stop them can where they take long.

    Draws nothing where nothing is; meant for a fragment that runs every few seconds on every page.
    """
    for job, now in jobs.unfinished():
        if not now.is_active:
            continue
        seconds = time.time() - (now.started or now.created)
        with st.container(gap=None):
            if now.state == "queued":
                waits = _("{work}: waits, {duration}", work=plain(_said(job)), duration=duration(seconds))
                st.caption(f":material/hourglass_empty: {waits}")
                continue
            words = f"{plain(_said(job))}: {duration(seconds)}, {told(job, now)[0] * 100:.0f} %"
            st.caption(f":material/manufacturing: {words}")
            mine = access.current().may_change(job.owner)
            if mine and seconds > LONG_SECONDS and now.state != "stopping":
                why, key = texts("Somebody stopped this work because it took long."), f"stop for all {job.id}"
                icon, what = ":material/stop:", ("job", stop, job, why)
                st.button(_("Stop"), icon=icon, on_click=attempt, args=what, key=key)


def _watched(job: Job) -> None:
    now = job.status()
    if not now.is_active:
        st.rerun()
    bar(job, now)


def _said(job: Job) -> str:
    """Say what a job does, and with which run."""
    with suppress(RunError):
        about = job.request.get("run")
        title = next((seen.title for seen in runs.overview() if seen.run.id == about), "")
        return f"{_(job.kind.verb)} {title}".strip()
    return _("Work that cannot be read")
