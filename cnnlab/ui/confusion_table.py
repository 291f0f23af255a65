"""A confusion matrix as a table whose cells can be chosen, with the mouse and with the keyboard."""

from collections.abc import Sequence

from cnnlab.charts import COLOURS
from cnnlab.languages import _, _p
from cnnlab.ui.own_component import own_component


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
        "words": _words(),
        "colours": {"right": COLOURS.training, "wrong": COLOURS.validation},
    }
    told = own_component("cnnlab.confusion_table", "confusion_table")(
        data=data, key=key, height="content", on_picked_change=lambda: None
    ).picked
    match told:
        case [int(row), int(column)] if 0 <= row < len(classes) and 0 <= column < len(classes):
            return row, column
    return None


def _words() -> dict[str, str]:
    """Return what the script says, whose file cannot fetch any words; it fills in the places."""
    return {
        "matrix": _("Confusion matrix: rows are true classes, columns predicted classes"),
        "above": _("predicted class"),
        "beside": _p("of a confusion matrix", "true"),
        "recall": _("recall %"),
        "precision": _("precision %"),
        "accuracy": _("accuracy in per cent"),
        "predicted": _("predicted {name}"),
        "right": _("{truth}, correct: {count}, {share} % of the row"),
        "wrong": _("true {truth}, predicted {guess}: {count}, {share} % of the row"),
    }


def _percent(fraction: float | None) -> str:
    return "–" if fraction is None else f"{100 * fraction:.1f}"
