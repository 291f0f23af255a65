"""How good a run is on the pictures it was not trained on, and the pictures behind each number."""

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnlab import charts, runs, training
from cnnlab.datasets import ImageSet
from cnnlab.errors import CnnLabError
from cnnlab.inference import Evaluation, ImagePrediction, Pictures, interval_in_words, validation_pictures
from cnnlab.runs import Run, reading
from cnnlab.ui import chores
from cnnlab.ui.asking import shown
from cnnlab.ui.live_chart import picked_in_chart
from cnnlab.ui.wording import plain

MOST_PICTURES = 24
MOST_BYTES = 64 * 2**20
"""No evaluation is larger."""
PICTURE_PIXELS = 88


def evaluation_view(run: Run) -> None:
    """Show the evaluation of a run, or offer to make one; a click on the matrix shows the pictures."""
    at_work = chores.shown("evaluate", run.id)
    found = evaluation_of(run)
    if found is None:
        if not at_work:
            st.caption("Not evaluated yet: the best weights are asked about every validation picture.")
            _offer(run, "Evaluate")
        return
    _figures(run, found, at_work)
    _matrix(run, found)


def evaluation_of(run: Run) -> Evaluation | None:
    """Return the last evaluation of a run, or None: there is none, or it cannot be read."""
    try:
        version = (run.folder / "evaluation.json").stat().st_mtime_ns
        return _evaluation(run.id, version)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None


@st.cache_resource(max_entries=8, show_spinner=False)
def _evaluation(run_id: str, version: int) -> Evaluation:
    return Evaluation.from_dict(reading.document(runs.get(run_id).folder / "evaluation.json", MOST_BYTES))


def _offer(run: Run, label: str) -> None:
    unready = run.status().is_active or not run.weights()
    if st.button(label, icon=":material/fact_check:", disabled=unready, key="evaluate"):
        chores.begin("evaluate", run.id)
        st.rerun()


def _figures(run: Run, found: Evaluation, at_work: bool) -> None:
    weights, measured, pictures = run.weights(), run.folder / "evaluation.json", validation_pictures(run)
    with st.container(horizontal=True, gap="large", vertical_alignment="top"):
        st.metric(
            "Validation accuracy",
            f"{found.accuracy:.1%}",
            interval_in_words(found.accuracy, Pictures(found.n, pictures.leaked if pictures else 0)),
            delta_color="off",
            delta_arrow="off",
            width="content",
            help="The 95 % interval (Wilson) on so many pictures.",
        )
        st.metric(
            "Loss",
            f"{found.loss:.4f}" if math.isfinite(found.loss) else "not finite",
            width="content",
            help="Mean cross-entropy of the true classes.",
        )
        st.metric("Pictures", f"{found.n:,}", width="content")
        if not at_work:
            _offer(run, "Evaluate again")
    if weights and weights.stat().st_mtime_ns > measured.stat().st_mtime_ns:
        st.caption(":material/history: Figures of earlier weights: the run has learned on since.")


@st.fragment
def _matrix(run: Run, found: Evaluation) -> None:
    left, right = st.columns([3, 2], gap="large")
    cell_key = f"cell {run.id}"
    with left:
        figure = charts.confusion(found.classes, found.confusion_matrix)
        if picked := picked_in_chart(figure, key=f"confusion {run.id}"):
            st.session_state[cell_key] = (round(picked[1]), round(picked[0]))
        st.caption(
            "Each row is a true class, each column what it was taken for. Click a cell for its pictures."
        )
    with right:
        _per_class(found)
    truth, guess = _choose_cell(found.classes, cell_key)
    try:
        _pictures(run, found, truth, guess)
    except CnnLabError as error:
        st.caption(plain(str(error)))


def _per_class(found: Evaluation) -> None:
    share = st.column_config.NumberColumn(format="%.1f %%")
    st.dataframe(
        {
            "Class": [score.class_name for score in found.per_class],
            "Precision": [_percent(score.precision) for score in found.per_class],
            "Recall": [_percent(score.recall) for score in found.per_class],
            "F1": [_percent(score.f1) for score in found.per_class],
            "Pictures": [score.support for score in found.per_class],
        },
        hide_index=True,
        column_config=dict.fromkeys(("Precision", "Recall", "F1"), share),
        placeholder="–",
        height="content" if len(found.classes) <= 12 else 460,
    )
    st.caption(
        "Precision: of those called so, how many were. Recall: of those that were, how many were found."
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _choose_cell(classes: Sequence[str], key: str) -> tuple[int | None, int | None]:
    """Show which cell of the matrix is looked at, to change; None is any class."""
    st.session_state.setdefault(key, (None, None))
    names: list[int | None] = [None, *range(len(classes))]

    def named(number: int | None) -> str:
        return "any class" if number is None else classes[number]

    for part, place in (("true", 0), ("taken", 1)):
        st.session_state[f"{part} {key}"] = st.session_state[key][place]

    def take() -> None:
        st.session_state[key] = tuple(st.session_state[f"{part} {key}"] for part in ("true", "taken"))

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        asked = {"format_func": named, "on_change": take, "width": 240}
        st.selectbox("In truth", names, key=f"true {key}", **asked)
        st.selectbox("Taken for", names, key=f"taken {key}", **asked)
        reset = st.session_state[key] != (None, None)
        if reset:
            st.button("All mistakes", on_click=lambda: st.session_state.update({key: (None, None)}))
    return st.session_state[key]


def _pictures(run: Run, found: Evaluation, truth: int | None, guess: int | None) -> None:
    """Show the pictures of a cell, those the network was surest of first; of no cell, its surest mistakes."""
    numbers = of_cell(found, truth, guess)
    if not numbers:
        st.caption("No picture is in this cell." if (truth, guess) != (None, None) else "No mistakes at all.")
        return
    pictures = _held_out(run.id, (run.folder / "model.json").stat().st_mtime_ns)
    if [said.name for said in found.predictions] != list(pictures.names):
        st.caption("The dataset has changed since: evaluate again to see the pictures.")
        return
    with st.container(horizontal=True, gap="small"):
        for number in numbers[:MOST_PICTURES]:
            with st.container(width=PICTURE_PIXELS, gap=None):
                image = shown(pictures.images[number], PICTURE_PIXELS)
                st.image(image, width=PICTURE_PIXELS, alt=pictures.names[number])
                st.caption(_in_words(found.predictions[number], in_a_cell=None not in (truth, guess)))
    if len(numbers) > MOST_PICTURES:
        st.caption(f"The {MOST_PICTURES} surest of {len(numbers):,}.")


def of_cell(found: Evaluation, truth: int | None, guess: int | None) -> list[int]:
    """Return the numbers of the predictions in a cell, the surest first; None is any class.

    With neither class chosen, all mistakes.
    """
    label, predicted = (None if n is None else found.classes[n] for n in (truth, guess))

    def belongs(said: ImagePrediction) -> bool:
        if label is None and predicted is None:
            return said.label != said.predicted
        return label in (None, said.label) and predicted in (None, said.predicted)

    inside = [number for number, said in enumerate(found.predictions) if belongs(said)]
    return sorted(inside, key=lambda number: -found.predictions[number].probability)


def _in_words(said: ImagePrediction, in_a_cell: bool) -> str:
    sure = f"{said.probability:.0%}"
    if in_a_cell:
        return sure
    if said.label == said.predicted:
        return f"{plain(said.label)} {sure}"
    return f"{plain(said.label)} → **{plain(said.predicted)}** {sure}"


@st.cache_resource(max_entries=2, show_spinner="Loading the pictures…")
def _held_out(run_id: str, version: int) -> ImageSet:
    """Return the validation pictures of a run; the training part is let go."""
    part = training.pictures_of(runs.get(run_id)).validation
    return ImageSet(np.ascontiguousarray(part.images), part.labels, part.names)
