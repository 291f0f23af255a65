"""One run as it happens: curves in place, figures beside them, redrawn twice a second until it is over."""

import contextlib

import streamlit as st

from cnnlab import charts, runs
from cnnlab.datasets import collection
from cnnlab.errors import CnnLabError, DatasetError, RunError
from cnnlab.inference import interval_in_words, validation_pictures
from cnnlab.runs import Run, Status
from cnnlab.runs.hanging import STOP_SECONDS
from cnnlab.runs.status import SILENCE_SECONDS
from cnnlab.training.overfitting import overfitting
from cnnlab.training.verdict import verdict
from cnnlab.ui import pulse
from cnnlab.ui.engine import supervisor
from cnnlab.ui.live_chart import live_chart, pack
from cnnlab.ui.runs.next_steps import after_divergence, after_memory_ran_out, go_on, offer_fork
from cnnlab.ui.runs.rate_control import rate_control
from cnnlab.ui.wording import STATE_ICONS, duration, epoch_at_work, plain

POLL_SECONDS = 0.5
POINTS = 600  # for each curve: more than a projector has pixels for
CHART_PIXELS = 520


def watch(run: Run) -> None:
    """Show a run; the part that changes polls the run folder, so every browser sees the same."""
    _live(run, run.status().is_active)


@st.fragment
def _live(run: Run, was_active: bool) -> None:
    try:
        _show(run, was_active)
    except CnnLabError as error:  # such as: somebody deleted the run while it was watched
        st.error(plain(str(error)))
    if was_active:  # last, so that the chart keeps its place when the run is over
        pulse.listen(pulse.RUN + run.id, POLL_SECONDS, key=f"pulse-{run.id}")


def _show(run: Run, was_active: bool) -> None:
    status = run.status()
    if was_active and not status.is_active:
        st.rerun()  # the whole page: nothing is listened for any more, and the lists elsewhere change
    _headline(run, status)
    _silence(status)
    with st.container():  # always here, so that the chart keeps its place when a remark comes
        _note(run)
        _remarks(run)
    curves, figures = st.columns([3, 1], gap="medium")
    with curves:
        live_chart(_curves(run, status.steps_per_epoch), key=f"curves-{run.id}", height=CHART_PIXELS)
    with figures:
        _figures(run, status)


def _remarks(run: Run) -> None:
    """Say where a fork comes from, how batch norm is measured, and when a run overfits."""
    if parent := runs.origin(run):
        st.caption(f":material/fork_right: Forked from {plain(parent.title)} at epoch {parent.epoch}.")
    with contextlib.suppress(RunError):
        if images := run.model_facts.get("batch_norm_images"):
            st.caption(
                f":material/functions: Batch norm's statistics are measured on {images:,} training images "
                "before each validation."
            )
    if hint := overfitting(run):
        st.warning(plain(hint), icon=":material/trending_down:")


def _curves(run: Run, steps_per_epoch: int) -> bytes:
    history = run.metrics()
    last_step = history.batches["step"].max(initial=0)
    changes = len(history.rates["step"])
    return _drawn(run.id, last_step, len(history.epochs["epoch"]) + changes, steps_per_epoch)


@st.cache_resource(max_entries=8, show_spinner=False)
def _drawn(run_id: str, last_step: int, rows: int, steps_per_epoch: int) -> bytes:
    """Draw the curves once for all who watch; the last step and the other rows say if they have changed."""
    history = runs.get(run_id).metrics().downsample(POINTS)
    pictures = validation_pictures(runs.get(run_id))
    return pack(charts.learning_curves(history, steps_per_epoch, pictures.mark if pictures else ""))


def _headline(run: Run, status: Status) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if status.is_active:
            share, said = _progress(run, status)
            st.progress(share, said)
            if st.button("Stop", icon=":material/stop:", disabled=status.state == "stopping"):
                _stop(run)
            rate_control(run)
        else:
            _outcome(run, status)


def _silence(status: Status) -> None:
    """Say that a worker does not answer, and what becomes of it."""
    silent = status.silence()
    if silent <= SILENCE_SECONDS:
        return
    then = (
        f"it is ended {STOP_SECONDS:.0f} s after the stop" if status.state == "stopping" else "Stop ends it"
    )
    st.warning(
        f"The worker has not answered for {duration(silent)}; {then}, and the run can be resumed from its "
        "last weights.",
        icon=":material/heart_broken:",
    )


def _note(run: Run) -> None:
    """Say what is not as it was: a dataset that changed, pictures that the weights have seen before."""
    with contextlib.suppress(RunError):
        if note := run.model_facts.get("note"):
            st.caption(f":material/info: {plain(note)}")


def _progress(run: Run, status: Status) -> tuple[float, str]:
    """Return how much is done, from 0 to 1, and the same in words."""
    steps = max(1, status.steps_per_epoch * status.epochs)
    share = min(1.0, status.step / steps)
    if status.state == "queued":
        ahead = (supervisor().position(run.id) or 1) - 1 + len(supervisor().running())
        return 0.0, f"Waits behind {ahead} run{'s' if ahead != 1 else ''}." if ahead else "Starts now."
    if status.state == "starting":
        return 0.0, plain(status.message)
    if status.state == "stopping":
        return share, "Stopping after this batch; the weights are kept."
    if status.message.startswith("Evaluating"):
        return share, plain(status.message)
    return share, f"Training, {share:.0%} done"


def _outcome(run: Run, status: Status) -> None:
    icon = STATE_ICONS[status.state]
    judged = verdict(run)
    if judged:
        st.warning(f"{plain(status.message)} {plain(str(judged))}", icon=":material/warning:")
    elif status.state == "finished":
        st.success(plain(status.message), icon=icon)
    elif status.state == "failed":
        st.error(plain(status.message), icon=icon)
    elif status.state == "interrupted":
        st.warning(plain(status.message), icon=icon)
    else:
        st.info(plain(status.message), icon=icon)
    after_memory_ran_out(run, status)
    after_divergence(run, status, judged)
    if run.checkpoint("last"):
        go_on(run, status)
    if run.weights():
        offer_fork(run)
        _offer_to_ask(run)


def _offer_to_ask(run: Run) -> None:
    """Link to the page that asks the network; with the camera open where its classes were held up to it."""
    label, icon, query = "Classify a picture", ":material/image_search:", {"run": run.id}
    with contextlib.suppress(DatasetError):
        if collection.get(run.config["dataset"]):
            label, icon = "**Try it with the camera**", ":material/photo_camera:"
            query["source"] = "camera"
    st.page_link("pages/classify.py", label=label, icon=icon, query_params=query)


def _figures(run: Run, status: Status) -> None:
    known, unknown = status.best_epoch is not None, "–"
    since = status.epochs_since_best
    st.metric("Epoch", f"{epoch_at_work(status)} of {status.epochs}")
    if status.is_active:
        left = status.seconds_left
        st.metric("Time left", unknown if left is None else duration(left))
    else:
        st.metric("Training time", duration(status.seconds))
    st.metric("Speed", f"{status.images_per_second:,.0f} images/s" if status.images_per_second else unknown)
    pictures = validation_pictures(run)
    st.metric(
        "Best validation accuracy",
        f"{status.best_val_accuracy:.1%}" if known else unknown,
        interval_in_words(status.best_val_accuracy, pictures) if known and pictures else None,
        delta_color="off",
        delta_arrow="off",
        help="Below it the 95 % interval, and the number of validation pictures. The weights of this epoch "
        "are kept: Classify and Evaluate use them, not the last ones.",
    )
    st.metric("Best epoch", f"{status.best_epoch}" if known else unknown)
    st.metric("Epochs since best", f"{since}" if since is not None else unknown)
    st.caption(f":material/memory: {plain(status.device) or 'Device not known yet'}")


def _stop(run: Run) -> None:
    with contextlib.suppress(RunError):  # it ended by itself this very moment: the next look shows how
        supervisor().stop(run.id)
