"""What stands above a run's curves: what can be done with it, each in its place, and how it stands.

The actions stand in one row that never moves, each always in it: a second click on Stop lands on the same
button, which can no longer be pressed.
"""

import contextlib
from typing import Any, Literal

import streamlit as st

from cnnlab import runs
from cnnlab.datasets.own import collection
from cnnlab.errors import DatasetError, RunError
from cnnlab.languages import _, joined, recognised
from cnnlab.runs import Run, Status
from cnnlab.runs.hanging import STOP_SECONDS
from cnnlab.runs.notes import LONGEST_NAME
from cnnlab.runs.status import SILENCE_SECONDS
from cnnlab.training.standing import standing
from cnnlab.training.verdict import Verdict
from cnnlab.ui.attempt import attempt, complain
from cnnlab.ui.engine import supervisor
from cnnlab.ui.jobs import told
from cnnlab.ui.runs import more_seeds
from cnnlab.ui.runs.labels import said_of_corrections
from cnnlab.ui.runs.next_steps import (
    additional_epochs,
    after_divergence,
    after_memory_ran_out,
    change_settings,
    fork_button,
    leave,
    resume_button,
)
from cnnlab.ui.runs.rate_control import rate_control
from cnnlab.ui.state import lab
from cnnlab.ui.visitors import of_run
from cnnlab.ui.wording import STATE_ICONS, duration, plain, refusal

PLACE = "watched run"
Chip = Literal["gray", "blue", "orange", "green", "red"]
_CHIPS: dict[str, Chip] = {
    "queued": "gray",
    "stopped": "gray",
    "starting": "blue",
    "running": "blue",
    "stopping": "orange",
    "interrupted": "orange",
    "finished": "green",
    "failed": "red",
}


def title(run: Run) -> None:
    """Show the name of a run, and the way back to the form."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(plain(run.title), anchor=False, width="content")
        if st.button(_("Train another"), icon=":material/add:", type="tertiary", key="train-another"):
            leave()


def actions(run: Run, status: Status, judged: Verdict | None) -> None:
    """Show what can be done with a run: use it, stop it, go on with it, fork it, and more behind a fold."""
    failed = bool(judged) or status.state == "failed"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _try_it(run, "secondary" if failed else "primary")
        over = not status.is_active or status.state == "stopping"
        may = of_run(run, "stop this run", over)
        what = (PLACE, _stop, run)
        st.button(_("Stop"), icon=":material/stop:", on_click=attempt, args=what, key="stop", **may)
        resume_button(run, status, PLACE)
        fork_button(run)
        with st.popover(_("More"), icon=":material/more_horiz:", key=f"more-{run.id}"):
            _more(run, status)
        if status.state in {"starting", "running"}:
            rate_control(run)
    complain(PLACE)


def _stop(run: Run) -> None:
    with contextlib.suppress(RunError):  # it ended by itself this very moment: the next look shows how
        supervisor().stop(run.id)


def _try_it(run: Run, kind: Any) -> None:
    """Offer the page that asks the network; with the camera open where its classes were held up to it."""
    icon, query = ":material/image_search:", {"run": run.id}
    with contextlib.suppress(DatasetError, RunError):
        if collection.get(run.config.dataset):
            icon, query["source"] = ":material/photo_camera:", "camera"
    known = run.weights() is not None
    # While it trains nobody asks why, and a pointer that has just started it would keep the words open.
    why = None if known or run.status().is_active else _("No weights are saved.")
    if st.button(_("Try it"), icon=icon, type=kind, disabled=not known, help=why, key=f"try-{run.id}"):
        lab().run_id = run.id
        st.switch_page("pages/classify.py", query_params=query)


def _more(run: Run, status: Status) -> None:
    additional_epochs(status)
    key = f"name {run.id}"
    st.session_state.setdefault(key, run.title[:LONGEST_NAME])  # once: somebody may be typing
    may = of_run(run, "rename this run")
    st.text_input(
        _("Name"), key=key, max_chars=LONGEST_NAME, on_change=attempt, args=(PLACE, _rename, run, key), **may
    )
    starred = run.starred
    st.button(
        _("Unstar") if starred else _("Star"),
        icon=":material/star:",
        on_click=attempt,
        args=(PLACE, run.star, not starred),
        key=f"star {run.id}",
        **of_run(run, "star this run"),
    )
    st.page_link(
        "pages/experiments.py",
        label=_("Two futures from these weights"),
        icon=":material/call_split:",
        query_params={"futures": run.id},
        disabled=run.checkpoint("last") is None,
    )
    more_seeds.button(run, status, PLACE)
    icon = ":material/stacked_line_chart:"
    st.page_link("pages/runs.py", label=_("All runs: compare, export, delete"), icon=icon)


def _rename(run: Run, key: str) -> None:
    run.rename(st.session_state[key])


def state(run: Run, status: Status, judged: Verdict | None, overfits: str | None) -> None:
    """Say in which state a run is and how good it is, and what is wrong where something is."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        chip: Chip = "orange" if judged else _CHIPS[status.state]
        st.badge(_(status.state), icon=STATE_ICONS[status.state], color=chip)
        if judged:
            st.badge(_("diverged") if judged.kind == "diverged" else _("at chance"), color="red")
        if said := standing(run, status, None if judged else bool(overfits)):
            said = recognised(said)
            so_far = _("Best so far {accuracy}", accuracy=plain(said))
            st.markdown(so_far if status.is_active else f"**{plain(said)}**")
    if status.is_active:
        fraction, words = told(run, status)
        told_too = filter(None, (recognised(words), recognised(status.device)))
        st.progress(fraction, plain(" · ".join(told_too)))
        _silence(status)
    else:
        _outcome(run, status, judged)
    _origin(run, status, judged)
    more_seeds.said(run)
    if overfits:
        st.warning(refusal(overfits), icon=":material/trending_down:")


def _outcome(run: Run, status: Status, judged: Verdict | None) -> None:
    icon = STATE_ICONS[status.state]
    if status.state == "failed":
        st.error(refusal(status.message), icon=icon)
    elif status.state == "interrupted":
        st.warning(refusal(status.message), icon=icon)
    elif judged:
        said = (recognised(status.message), judged.happened, judged.advice)
        st.warning(plain(joined(said)), icon=":material/warning:")
    after_memory_ran_out(run, status)
    after_divergence(run, status, judged)
    change_settings(status)


def _origin(run: Run, status: Status, judged: Verdict | None) -> None:
    """Say in one line how a run ended, where it ran, what it was forked from, and what is not as it was."""
    words = []
    if status.state in {"finished", "stopped"} and not judged:
        words.append(refusal(status.message))
    if status.device and not status.is_active:
        words.append(f":material/memory: {refusal(status.device)}")
    if parent := runs.origin(run):
        said = _("Forked from {run} at epoch {epoch}.", run=plain(parent.parent_title), epoch=parent.epoch)
        words.append(f":material/fork_right: {said}")
    if changed := said_of_corrections(run):
        words.append(f":material/edit: {changed}")
    with contextlib.suppress(RunError):
        if note := run.model_facts.note:
            words.append(f":material/info: {refusal(note)}")
    if words:
        st.caption(" · ".join(words))


def _silence(status: Status) -> None:
    """Say that a worker does not answer, and what becomes of it."""
    silent = status.silence()
    if silent <= SILENCE_SECONDS:
        return
    if status.state == "stopping":
        said = _(
            "The worker has not answered for {time}; it is ended {seconds} s after the stop, and the run can "
            "be resumed from its last weights.",
            time=duration(silent),
            seconds=f"{STOP_SECONDS:.0f}",
        )
    else:
        said = _(
            "The worker has not answered for {time}; Stop ends it, and the run can be resumed from its last "
            "weights.",
            time=duration(silent),
        )
    st.warning(said, icon=":material/heart_broken:")
