"""The confusion matrix of a run, and beside it the images of the chosen cell."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from cnnlab.errors import CnnLabError
from cnnlab.inference import Evaluation, ImagePrediction, accuracy_in_words
from cnnlab.languages import _, _n, _p
from cnnlab.runs import Run, Status
from cnnlab.runs.kinds import EVALUATE
from cnnlab.ui import jobs
from cnnlab.ui.confusion_table import confusion_table
from cnnlab.ui.runs.calibration import calibration
from cnnlab.ui.runs.evaluation import evaluate_button, evaluated, figures
from cnnlab.ui.runs.image_sheet import sheet
from cnnlab.ui.runs.looked_at import LookedAt, in_order, looked_at
from cnnlab.ui.tables import table
from cnnlab.ui.wording import refusal

MOST_IMAGES = 24
MOST_CLASSES = 40
"""Of more classes the matrix shows those with the most errors."""
Cell = tuple[int | None, int | None]
NO_CELL: Cell = (None, None)


def evaluation_view(run: Run) -> None:
    """Show the evaluation of a run, or how far one is; a click on the matrix shows the images of a cell."""
    if found := evaluated(run, by_itself=False):
        figures(run, found)
        if not jobs.is_at_work(EVALUATE, run=run.id):
            evaluate_button(run, _("Evaluate again"))
        _matrix(LookedAt.all_of(run, found))


def confusion(run: Run, status: Status) -> None:
    """Show the confusion matrix of a run's best weights, or of those of another epoch."""
    if seen := looked_at(run):
        _matrix(seen)


@st.fragment
def _matrix(whole: LookedAt) -> None:
    run, seen = whole.run, _choose_group(whole)
    found = seen.found
    key = f"cell {run.id}"
    left, right = st.columns([3, 2], gap="large")
    with left:
        classes = most_confused(found.confusion_matrix)
        if picked := _table(run, found, classes, st.session_state.get(key, NO_CELL)):
            st.session_state[key] = picked
            st.rerun(scope="fragment")
        if len(classes) < len(found.classes):
            said = _("The {n} classes with the most errors of {all}.", n=len(classes), all=len(found.classes))
            st.caption(said)
        st.caption(
            _(
                "Rows: true, columns: predicted. Last column: recall, TP / (TP + FN). Last row: precision, "
                "TP / (TP + FP). Choose a cell for its images: click, or arrow keys and Enter."
            )
        )
    with right:
        cell = _choose_cell(found.classes, key)
        try:
            _images(seen, cell)
        except CnnLabError as error:
            st.caption(refusal(error))
    _per_class(found)
    calibration(found, run.id)
    if whole.groups:
        _per_group(whole)


def _choose_group(whole: LookedAt) -> LookedAt:
    """Let a person look at the images of one group, where they show several."""
    if not (groups := whole.groups):
        return whole
    chosen = st.selectbox(
        _("Group"),
        groups,
        index=None,
        placeholder=_("all groups"),
        key=f"group {whole.run.id}",
        width=220,
        help=_("Whom the images show, by their names: one person or recording is one group."),
    )
    return whole.of_group(chosen) if chosen in groups else whole


def _per_group(whole: LookedAt) -> None:
    fold = st.expander(_("Accuracy by group"), on_change="rerun", key="per-group")
    if not fold.open:
        return
    parts = [(group, whole.of_group(group).found) for group in whole.groups]
    parts.sort(key=lambda part: (part[1].accuracy, -part[1].n))
    with fold:
        table(
            [
                {
                    _("Group"): group,
                    _("Validation accuracy"): accuracy_in_words(found.accuracy, found.n),
                    _("Errors"): f"{found.n - round(found.accuracy * found.n):,}",
                }
                for group, found in parts
            ]
        )
        st.caption(_("The group with the lowest accuracy first."))


def _table(run: Run, found: Evaluation, classes: list[int], cell: Cell) -> Cell | None:
    """Show the matrix of some classes; return the cell that was just chosen, by the classes' own numbers."""
    matrix = np.asarray(found.confusion_matrix)
    places: dict[int | None, int] = {number: place for place, number in enumerate(classes)}
    recall, precision = [score.recall for score in found.per_class], _precision(found)
    picked = confusion_table(
        [found.classes[number] for number in classes],
        matrix[np.ix_(classes, classes)].tolist(),
        [recall[number] for number in classes],
        [precision[number] for number in classes],
        found.accuracy,
        (places.get(cell[0], -1), places.get(cell[1], -1)),
        key=f"confusion {run.id}",
    )
    return (classes[picked[0]], classes[picked[1]]) if picked else None


def _precision(found: Evaluation) -> list[float | None]:
    """Return the precision of each class; None where none was predicted: 0 / 0 is no fraction."""
    predicted = np.asarray(found.confusion_matrix).sum(0)
    return [score.precision if n else None for score, n in zip(found.per_class, predicted, strict=True)]


def most_confused(matrix: Sequence[Sequence[int]]) -> list[int]:
    """Return the numbers of the classes to show: all, or the ``MOST_CLASSES`` with the most errors."""
    counts = np.asarray(matrix)
    errors = counts.sum(0) + counts.sum(1) - 2 * counts.diagonal()
    return sorted(np.argsort(-errors, kind="stable")[:MOST_CLASSES].tolist())


def _per_class(found: Evaluation) -> None:
    fold = st.expander(_("Precision, recall, F1 by class"), on_change="rerun", key="per-class")
    if not fold.open:
        return
    precision, recall, support = _p("of a classifier", "Precision"), _("Recall"), _("Support")
    explained = {
        precision: _("TP / (TP + FP): of those predicted as this class, the fraction that is."),
        recall: _("TP / (TP + FN): of those of this class, the fraction that was predicted so."),
        "F1": _("2 · precision · recall / (precision + recall)."),
    }
    columns = {
        _("Class"): [score.class_name for score in found.per_class],
        precision: [_percent(one) for one in _precision(found)],
        recall: [_percent(score.recall) for score in found.per_class],
        "F1": [_percent(score.f1) for score in found.per_class],
        support: [score.support for score in found.per_class],
    }
    config = {
        name: st.column_config.NumberColumn(format="%.1f %%", help=said) for name, said in explained.items()
    }
    counted = st.column_config.NumberColumn(help=_("Images of this class in the validation set."))
    with fold:
        st.dataframe(
            columns,
            hide_index=True,
            column_config=config | {support: counted},
            placeholder="–",
            height="content" if len(found.classes) <= 12 else 460,
        )


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else 100 * fraction


def _choose_cell(classes: Sequence[str], key: str) -> Cell:
    """Show which cell of the matrix is looked at, to change; None is any class."""
    st.session_state.setdefault(key, NO_CELL)
    names: list[int | None] = [None, *range(len(classes))]

    def named(number: int | None) -> str:
        return _("any class") if number is None else classes[number]

    parts = ("true", "predicted")
    for part, place in zip(parts, st.session_state[key], strict=True):
        st.session_state[f"{part} {key}"] = place

    def take() -> None:
        st.session_state[key] = tuple(st.session_state[f"{part} {key}"] for part in parts)

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        asked: dict[str, Any] = {
            "format_func": named,
            "on_change": take,
            "width": 150,
            "placeholder": _("any class"),
        }
        st.selectbox(_("True class"), names, key=f"true {key}", **asked)
        st.selectbox(_("Predicted class"), names, key=f"predicted {key}", **asked)
        if st.session_state[key] != NO_CELL:
            st.button(
                _("All errors"),
                key=f"all errors {key}",
                on_click=lambda: st.session_state.update({key: NO_CELL}),
            )
    return st.session_state[key]


def _images(seen: LookedAt, cell: Cell) -> None:
    """Show the images of a cell, the most confident errors first, then the least confident hits."""
    numbers = of_cell(seen.found, *cell)
    if not numbers:
        st.caption(_("No image is in this cell.") if cell != NO_CELL else _("No errors."))
        return
    some = min(MOST_IMAGES, len(numbers))
    hits = cell[0] is not None and cell[0] == cell[1]
    many = _counted(some, len(numbers), cell == NO_CELL)
    if hits:
        st.caption(_("{images}, the least confident first. Click one to see why.", images=many))
    else:
        st.caption(_("{images}, the most confident errors first. Click one to see why.", images=many))
    label = _("The images of the chosen cell") if cell != NO_CELL else _("The most confident errors")
    sheet(seen, numbers, slice(some), f"cell-sheet-{seen.run.id}", label)


def _counted(some: int, of: int, errors: bool) -> str:
    """Say how many images are shown of how many there are: ``24 of 61 errors``."""
    if some < of and errors:
        return _("{some} of {of} errors", some=some, of=f"{of:,}")
    if some < of:
        return _("{some} of {of} images", some=some, of=f"{of:,}")
    return _n("{n} error", "{n} errors", some) if errors else _n("{n} image", "{n} images", some)


def of_cell(found: Evaluation, truth: int | None, guess: int | None) -> list[int]:
    """Return the numbers of the predictions in a cell, ordered as ``in_order``; None is any class.

    With neither class chosen, all errors.
    """
    label, predicted = (None if n is None else found.classes[n] for n in (truth, guess))

    def belongs(said: ImagePrediction) -> bool:
        if label is None and predicted is None:
            return said.label != said.predicted
        return label in (None, said.label) and predicted in (None, said.predicted)

    inside = [number for number, said in enumerate(found.predictions) if belongs(said)]
    return in_order(found.predictions, inside)
