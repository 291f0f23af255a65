"""The metrics log as a table for a spreadsheet."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from cnnlab.runs import Run

COLUMNS = (
    *("kind", "epoch", "step", "loss", "accuracy", "val_loss", "val_accuracy"),
    *("learning_rate", "seconds"),
)


def csv_lines(run: Run) -> Iterator[str]:
    """Yield metrics.csv line by line, whatever its length: ``kind`` is epoch, batch or rate.

    A row of kind batch is the mean since the row before; what a kind does not have is left empty.
    """
    yield _line(COLUMNS)
    try:
        file = (run.folder / "metrics.jsonl").open("rb")
    except OSError:
        return
    with file:
        for text in file:
            try:
                row = json.loads(text)
                yield _line([_cell(row.get(name)) for name in COLUMNS])
            except (ValueError, AttributeError):  # a torn line of a worker that died
                continue


def _cell(value: object) -> object:
    return "" if value is None else value


def _line(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
