"""The curves of a run, and where training is, as they are this very moment."""

import contextlib

import streamlit as st

from cnnlab import charts, runs
from cnnlab.errors import RunError
from cnnlab.inference import validation_pictures
from cnnlab.runs import Run, Status
from cnnlab.training.standing import chance_of
from cnnlab.ui.live_chart import live_chart, pack
from cnnlab.ui.wording import duration, epoch_at_work

POINTS = 600  # for each curve: more than a projector has pixels for
CHART_PIXELS = 480
UNKNOWN = "–"
WHY_VALIDATION_LIES_ABOVE = (
    "Training (epoch mean) averages over an epoch, while the weights still change, with dropout and "
    "augmentation on. Validation is measured at the epoch's end with both off: it can lie above training."
)


def curves(run: Run, status: Status) -> None:
    """Show figures in one line, and below them accuracy and loss in one chart."""
    _figures(run, status)
    log = st.session_state.get(f"log-loss-{run.id}", True)
    live_chart(_curves(run, status, log), key=f"curves-{run.id}", height=CHART_PIXELS)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.toggle("Log scale for the loss", True, key=f"log-loss-{run.id}")
        st.caption(WHY_VALIDATION_LIES_ABOVE)
    with contextlib.suppress(RunError):
        if images := run.model_facts.get("batch_norm_images"):
            st.caption(
                f"Batch norm's statistics are measured on {images:,} training images before each validation."
            )


def _curves(run: Run, status: Status, log_loss: bool) -> bytes:
    history = run.metrics()
    images = validation_pictures(run)
    epochs = status.epochs if status.is_active else max(status.epoch, _reached(history, status))
    frame = charts.Frame(epochs, chance_of(run), log_loss, images.mark if images else "")
    last_step = history.batches["step"].max(initial=0)
    rows = len(history.epochs["epoch"]) + len(history.rates["step"])
    return _drawn(run.id, last_step, rows, status.steps_per_epoch, frame)


def _reached(history: runs.Metrics, status: Status) -> int:
    """Return the epoch that training had reached, the one that was broken off included."""
    return -int(-history.batches["step"].max(initial=0) // max(1, status.steps_per_epoch))


@st.cache_resource(max_entries=8, show_spinner=False)
def _drawn(run_id: str, last_step: int, rows: int, steps_per_epoch: int, frame: charts.Frame) -> bytes:
    """Draw the curves once for all who watch; the last step and the other rows say if they have changed."""
    return pack(charts.learning_curves(runs.get(run_id).metrics().downsample(POINTS), steps_per_epoch, frame))


def _figures(run: Run, status: Status) -> None:
    """Show where training is; how good it is stands above the tabs."""
    figures = {"Epoch": f"{epoch_at_work(status)} of {status.epochs}"}
    if status.is_active:
        left = status.seconds_left
        figures["Time left"] = UNKNOWN if left is None else duration(left)
    else:
        figures["Training time"] = duration(status.seconds)
    speed, since = status.images_per_second, status.epochs_since_best
    figures["Speed"] = f"{speed:,.0f} images/s" if speed else UNKNOWN
    figures["Best epoch"] = UNKNOWN if status.best_epoch is None else f"{status.best_epoch}"
    figures["Epochs since best"] = UNKNOWN if since is None else f"{since}"
    helps = {"Best epoch": "The weights of this epoch are kept: Classify and the evaluation use them."}
    with st.container(horizontal=True, gap="large"):
        for what, value in figures.items():
            st.metric(what, value, width="content", help=helps.get(what))
