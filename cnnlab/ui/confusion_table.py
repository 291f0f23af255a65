"""A confusion matrix as a table whose cells can be chosen, with the mouse and with the keyboard."""

import functools
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from cnnlab.charts import COLOURS

FRONTEND = Path(__file__).parent / "frontend"


def confusion_table(
    classes: Sequence[str],
    counts: Sequence[Sequence[int]],
    recall: Sequence[float | None],
    precision: Sequence[float | None],
    accuracy: float,
    chosen: tuple[int, int],
    key: str,
) -> tuple[int, int] | None:
    """Show rows of true classes and columns of predicted ones; return the cell that was chosen just now.

    Args:
        classes: their names.
        counts: row i counts the images of class i, column j those predicted as class j.
        recall: of each row, 0 to 1; None where it is not defined. It stands in the last column.
        precision: of each column, in the last row.
        accuracy: of all, in the corner.
        chosen: row and column of the cell that is marked; -1 where none is.
        key: of the element.
    """
    data = {
        "classes": list(classes),
        "counts": [list(row) for row in counts],
        "recall": [*map(_percent, recall)],
        "precision": [*map(_percent, precision)],
        "accuracy": _percent(accuracy),
        "chosen": list(chosen),
        "colours": {"right": COLOURS.training, "wrong": COLOURS.validation},
    }
    told = _component()(data=data, key=key, height="content", on_picked_change=lambda: None).picked
    match told:
        case [int(row), int(column)] if 0 <= row < len(classes) and 0 <= column < len(classes):
            return row, column
    return None


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


@functools.cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "cnnlab.confusion_table",
        js=(FRONTEND / "confusion_table.js").read_text("utf-8"),
        css=(FRONTEND / "confusion_table.css").read_text("utf-8"),
        isolate_styles=False,
    )
