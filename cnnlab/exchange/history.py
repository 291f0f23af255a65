"""The metrics log as a table for a spreadsheet."""

import csv
import json
from collections.abc import Iterator

from cnnlab.runs import Run

COLUMNS = (
    *("kind", "epoch", "step", "loss", "accuracy", "val_loss", "val_accuracy"),
    *("learning_rate", "seconds"),
)


def csv_lines(run: Run) -> Iterator[str]:
    """Yield metrics.csv line by line, whatever its length: ``kind`` is epoch, batch or rate.

    A row of kind batch is the mean since the row before; what a kind does not have is left empty.
    """
    line = csv.DictWriter(_Lines, COLUMNS, extrasaction="ignore", lineterminator="\n")
    yield line.writeheader()
    try:
        file = (run.folder / "metrics.jsonl").open("rb")
    except OSError:
        return
    with file:
        for text in file:
            try:
                yield line.writerow(json.loads(text))
            except (ValueError, AttributeError):  # a torn line of a worker that died
                continue


class _Lines:
    """A file for ``csv`` that gives each line back in place of keeping it."""

    @staticmethod
    def write(line: str) -> str:
        return line
