"""The curves of a run, and where training is, as they are this very moment."""

import contextlib

import numpy as np
import streamlit as st

from cnnlab import charts, languages, runs
from cnnlab.errors import RunError
from cnnlab.inference import validation_count, wilson
from cnnlab.languages import _, _n, texts
from cnnlab.runs import Run, Status
from cnnlab.training.standing import chance_of
from cnnlab.ui.live_chart import live_chart, pack
from cnnlab.ui.wording import duration, epoch_at_work

POINTS = 600  # for each curve: more than a projector has pixels for
CHART_PIXELS = 480
WHY_VALIDATION_LIES_ABOVE = texts(
    "Training (epoch mean) averages over an epoch, while the weights still change, with dropout and "
    "augmentation on. Validation is measured at the epoch's end with both off: it can lie above training."
)

AVERAGED = texts(
    "Validation, the saved weights and predictions use the moving average (EMA) of the weights; the training "
    "curves are those of the weights themselves."
)


def curves(run: Run, status: Status) -> None:
    """Show where training is in one line, and below it accuracy and loss in one chart."""
    _figures(status)
    log = st.session_state.get(f"log-loss-{run.id}", True)
    live_chart(_curves(run, status, log), key=f"curves-{run.id}", height=CHART_PIXELS)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.toggle(_("Log scale for the loss"), True, key=f"log-loss-{run.id}")
        st.caption(_(WHY_VALIDATION_LIES_ABOVE))
    with contextlib.suppress(RunError):
        if images := run.model_facts.batch_norm_images:
            said = _(
                "Batch norm's statistics are measured on {images} training images before each validation.",
                images=f"{images:,}",
            )
            st.caption(said)
        if run.config.ema_momentum is not None:
            st.caption(_(AVERAGED))


def _curves(run: Run, status: Status, log_loss: bool) -> bytes:
    history = run.metrics()
    images = validation_count(run)
    epochs = status.epochs if status.is_active else max(status.epoch, _reached(history, status))
    frame = charts.Frame(epochs, chance_of(run), log_loss, images.mark if images else "")
    last_step = history.batches["step"].max(initial=0)
    rows = len(history.epochs["epoch"]) + len(history.rates["step"])
    return _drawn(run.id, last_step, rows, status.steps_per_epoch, frame, languages.current())


def _reached(history: runs.Metrics, status: Status) -> int:
    """Return the epoch that training had reached, the one that was broken off included."""
    return -int(-history.batches["step"].max(initial=0) // max(1, status.steps_per_epoch))


@st.cache_resource(max_entries=8, show_spinner=False)
def _drawn(
    run_id: str, last_step: int, rows: int, steps_per_epoch: int, frame: charts.Frame, language: str
) -> bytes:
    """Draw the curves once for all who watch in a language.

    The last step and the other rows say if they have changed.
    """
    run = runs.get(run_id)
    history, images = run.metrics().downsample(POINTS), validation_count(run)
    band = intervals(history.epochs["val_accuracy"], images) if images else None
    return pack(charts.learning_curves(history, steps_per_epoch, frame, band))


def intervals(accuracies: np.ndarray, images: int) -> charts.Band:
    """Return the ends of the 95 % interval (Wilson) of accuracies ``(N,)`` that were measured on images."""
    ends = [
        wilson(round(accuracy * images), images) if np.isfinite(accuracy) else (np.nan, np.nan)
        for accuracy in accuracies.tolist()
    ]
    low, high = np.array(ends, np.float64).reshape(-1, 2).T
    return low, high


def _figures(status: Status) -> None:
    """Say in one line where training is; how good it is stands above the tabs."""
    parts = [_("Epoch **{epoch} of {epochs}**", epoch=epoch_at_work(status), epochs=status.epochs)]
    if not status.is_active:
        parts.append(_("**{time}** of training", time=duration(status.seconds)))
    elif status.seconds_left is not None:
        parts.append(_("**{time}** left", time=duration(status.seconds_left)))
    if status.images_per_second:
        parts.append(_("**{n}** images/s", n=f"{status.images_per_second:,.0f}"))
    if (best := status.best_epoch) is not None:
        parts.append(_best(best, status.epochs_since_best or 0))
    st.markdown(" · ".join(parts), help=_("The weights of the best epoch are kept, and used by Classify."))


def _best(best: int, since: int) -> str:
    if not since:
        return _("best epoch **{best}**", best=best)
    return _n(
        "best epoch **{best}**, {n} epoch ago", "best epoch **{best}**, {n} epochs ago", since, best=best
    )
