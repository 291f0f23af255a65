"""The evaluation of a run: what it is read from, and how one is made where there is none."""

import math
from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnlab import runs, training
from cnnlab.datasets import ImageSet
from cnnlab.datasets.own import corrections
from cnnlab.datasets.own.corrections import Correction
from cnnlab.errors import DatasetError, RunError
from cnnlab.inference import Evaluation, ImageCount, interval_in_words, percent, validation_count
from cnnlab.languages import _, _n
from cnnlab.runs import Run, reading
from cnnlab.runs.kinds import EVALUATE
from cnnlab.ui import jobs

MOST_BYTES = 64 * 2**20
"""No evaluation is larger."""


def evaluation_of(run: Run) -> Evaluation | None:
    """Return the last evaluation of a run, or None: there is none, or it cannot be read."""
    try:
        return _evaluation(run.id, version_of(run))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None


def version_of(run: Run) -> int:
    """Return what changes with the evaluation of a run.

    Raises:
        OSError: there is none.
    """
    return (run.folder / "evaluation.json").stat().st_mtime_ns


@st.cache_resource(max_entries=8, show_spinner=False)
def _evaluation(run_id: str, version: int) -> Evaluation:
    return Evaluation.from_dict(reading.document(runs.get(run_id).folder / "evaluation.json", MOST_BYTES))


def evaluated(run: Run, by_itself: bool = True) -> Evaluation | None:
    """Return the evaluation of a run, or say why there is none and how far it is.

    A run that was broken off has weights and no evaluation: it is made ``by_itself`` when somebody looks for
    it, or when somebody asks.
    """
    if run.status().is_active:
        st.caption(_("The best weights are evaluated on the validation set when training ends."))
        return None
    at_work, found = jobs.shown(EVALUATE, run=run.id), evaluation_of(run)
    if found:
        if said := _outdated_by(run, found):
            st.caption(said)
            if not at_work:
                evaluate_button(run, _("Evaluate again"))
        return found
    if not run.weights():
        st.caption(_("This run saved no weights, so there is nothing to evaluate."))
    elif not at_work:
        _begin(run, by_itself)
    return None


def _begin(run: Run, by_itself: bool) -> None:
    """Evaluate a run, by itself once in a session: where that fails, the button tries again."""
    key = f"evaluated by itself {run.id}"
    if by_itself and not st.session_state.get(key):
        st.session_state[key] = True
        jobs.ask(EVALUATE, run=run.id)
        st.rerun()
    st.caption(_("Not evaluated yet."))
    evaluate_button(run, _("Evaluate"))


def is_outdated(run: Run) -> bool:
    """Whether the weights of a run are newer than its evaluation."""
    weights = run.weights()
    return weights is not None and weights.stat().st_mtime_ns > version_of(run)


def _outdated_by(run: Run, found: Evaluation) -> str:
    """Say what has changed since a run was evaluated; nothing where nothing has."""
    if is_outdated(run):
        return f":material/history: {_('Of earlier weights: the run has trained on since.')}"
    moved = corrected_since(run, version_of(run) / 1e9)
    count = sum(said.name in moved for said in found.predictions)
    if not count:
        return ""
    said = _n(
        "{n} label has been corrected since this evaluation.",
        "{n} labels have been corrected since this evaluation.",
        count,
    )
    return f":material/edit: {said}"


def corrected_since(run: Run, moment: float | None = None) -> dict[str, Correction]:
    """Return the images of a run's dataset that have another label than at a moment, by their names then.

    The default is when the run began. Empty where its settings cannot be read.
    """
    try:
        if moment is None:
            moment = run.status().started or run.status().created
        return corrections.since(run.config.dataset, moment)
    except (RunError, KeyError, TypeError):
        return {}


def evaluate_button(run: Run, label: str) -> None:
    """Offer to evaluate the best weights of a run."""
    unready = run.status().is_active or not run.weights()
    if st.button(label, icon=":material/fact_check:", disabled=unready, key="evaluate"):
        jobs.ask(EVALUATE, run=run.id)
        st.rerun()


def figures(run: Run, found: Evaluation) -> None:
    """Show accuracy, loss and number of images of an evaluation in one line."""
    known = validation_count(run)
    with st.container(horizontal=True, gap="large", vertical_alignment="top"):
        st.metric(
            _("Validation accuracy"),
            percent(found.accuracy),
            interval_in_words(found.accuracy, ImageCount(found.n, known.leaked if known else 0)),
            delta_color="off",
            delta_arrow="off",
            width="content",
            help=_("Of the best epoch's weights, with the 95 % confidence interval (Wilson score)."),
        )
        st.metric(_("Errors"), f"{found.n - round(found.accuracy * found.n):,}", width="content")
        st.metric(
            _("Loss"),
            f"{found.loss:.4f}" if math.isfinite(found.loss) else _("not finite"),
            width="content",
            help=_("Mean cross-entropy of the true classes."),
        )


@dataclass(frozen=True, eq=False)
class Evaluated:
    """The images of a run's evaluation, in the order of its predictions.

    ``corrected`` tells of those whose label was corrected since, by the number of the prediction.
    """

    images: ImageSet
    corrected: dict[int, Correction]


def validation_images(run: Run, whole: Evaluation) -> Evaluated:
    """Return the images that were evaluated.

    Raises:
        CnnLabError: they are not there any more, or others are.
    """
    made = version_of(run)
    with st.spinner(_("Loading the validation images…")):
        images = _held_out(run.id, (run.folder / "model.json").stat().st_mtime_ns, made)
    moved = corrected_since(run, made / 1e9)
    names = [said.name for said in whole.predictions]
    corrected = {number: moved[name] for number, name in enumerate(names) if name in moved}
    now = [corrected[number].after if number in corrected else name for number, name in enumerate(names)]
    if len(images) != len(names) or any(
        there not in known for there, known in zip(images.names, zip(names, now, strict=True), strict=True)
    ):
        raise DatasetError("The dataset has changed since: evaluate again to see its images.")
    return Evaluated(images, corrected)


@st.cache_resource(max_entries=2, show_spinner=False)
def _held_out(run_id: str, version: int, evaluated: int) -> ImageSet:
    """Return the validation images of a run; the training set is let go."""
    part = training.images_of(runs.get(run_id)).validation
    return ImageSet(np.ascontiguousarray(part.images), part.labels, part.names)
