"""What a person can do with a run that is over: train on, fork it, or begin again with other settings."""

import contextlib

import streamlit as st

from cnnlab.errors import CnnLabError, DatasetError, RunError
from cnnlab.languages import _, _n
from cnnlab.runs import Run, Status
from cnnlab.training import dataset_here
from cnnlab.training.verdict import Verdict
from cnnlab.ui.attempt import attempt
from cnnlab.ui.engine import supervisor
from cnnlab.ui.state import lab
from cnnlab.ui.train.forks import begin_fork
from cnnlab.ui.train.submitting import submit
from cnnlab.ui.visitors import of_run
from cnnlab.ui.wording import refusal

MORE_EPOCHS = 5


def go_on(run: Run, status: Status, place: str) -> None:
    """Offer to train on, and for a run that is finished by how many epochs; or say why it cannot.

    ``place`` is where ``complain`` says why that was refused.
    """
    if why := _obstacle(run, status):
        st.caption(refusal(why))
        return
    resume_button(run, status, place)
    if status.state == "finished":
        with st.popover(_("Additional epochs"), icon=":material/tune:"):
            additional_epochs(status)


def resume_button(run: Run, status: Status, place: str) -> None:
    """Offer to train on with the optimizer as it was: to the end, or some epochs beyond it."""
    finished = status.state == "finished"
    more = int(st.session_state.get("more_epochs") or MORE_EPOCHS)
    what = _n("Train {n} more epoch", "Train {n} more epochs", more) if finished else _("Resume")
    obstacle = _obstacle(run, status)
    why = obstacle or _("From the last weights, with the optimizer as it was.")
    may = of_run(run, "resume this run", bool(obstacle), refusal(why))
    asked = (place, _resume, run, status.epoch + more if finished else None)
    if st.button(what, icon=":material/resume:", key="more", on_click=attempt, args=asked, **may):
        st.rerun()


def _resume(run: Run, epochs: int | None) -> None:
    with contextlib.suppress(RunError):  # another browser was quicker: the next look shows it
        supervisor().resume(run.id, epochs)


def _obstacle(run: Run, status: Status) -> str:
    """Say why training cannot go on; nothing where it can."""
    if status.is_active:
        return _("The run is still in progress.")
    if not run.checkpoint("last"):
        return _("No weights are saved that training could go on from.")
    try:
        dataset_here(run)
    except DatasetError as error:
        return str(error)
    return ""


def additional_epochs(status: Status) -> None:
    """Let a person choose for how many epochs a run that is finished trains on."""
    if status.state == "finished":
        st.session_state.setdefault("more_epochs", MORE_EPOCHS)
        st.number_input(_("Additional epochs"), 1, 10_000, step=1, key="more_epochs")


def fork_button(run: Run) -> None:
    """Offer to fill the form with this run's settings and begin with its weights."""
    why = _("Fine-tune from these weights: a new run with settings of your own; this one stays as it is.")
    possible = run.weights() is not None
    if st.button(_("Fork"), icon=":material/fork_right:", help=why, key="fork", disabled=not possible):
        begin_fork(run)
        leave()


def after_memory_ran_out(run: Run, status: Status) -> None:
    """Offer to begin again with a smaller batch where the memory was used up, or seems to have been."""
    batch_size = (status.error or {}).get("batch_size")
    batch_size = batch_size if isinstance(batch_size, int) and batch_size > 0 else None
    if status.state == "interrupted" and not run.checkpoint("last"):
        batch_size = run.config.batch_size // 2
    if batch_size and not status.error:
        st.caption(_("A system that runs out of memory ends a worker so. A smaller batch needs less of it."))
    if batch_size:
        _again(run, _("Start again with batch size {n}", n=batch_size), batch_size=batch_size)


def after_divergence(run: Run, status: Status, judged: Verdict | None) -> None:
    """Offer to begin again with a lower learning rate where training has diverged."""
    rate = judged.rate if judged else None
    if (status.error or {}).get("kind") == "diverged":
        rate = run.config.initial_learning_rate / 10
    if rate:
        _again(run, _("Start again with learning rate {rate}", rate=f"{rate:g}"), learning_rate=rate)


def change_settings(status: Status) -> None:
    """Offer the form with the settings of this run, where it failed: something in them must change."""
    if status.state == "failed" and st.button(_("Change settings"), icon=":material/tune:", key="change"):
        leave()


def leave() -> None:
    """Show the form in the place of the run; after a failure it holds the run's settings."""
    lab().run_id = None
    st.query_params.clear()
    st.rerun(scope="app")


def _again(run: Run, label: str, **settings: float) -> None:
    """Offer to begin a run anew with some settings changed, and watch that one."""
    if st.button(label, icon=":material/restart_alt:", type="primary", key=f"again {next(iter(settings))}"):
        changed = run.config.changed(**settings, recipe=None)
        try:
            lab().run_id = st.query_params["run"] = submit(changed).id
        except CnnLabError as error:
            st.error(refusal(error))
        else:
            st.rerun(scope="app")
