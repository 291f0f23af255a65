"""The metrics log of a run: appended by the worker, read again and again by pages without starting over."""

import json
import math
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from operator import itemgetter
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from cnnlab import strict_json
from cnnlab.runs import reading
from cnnlab.runs.reading import DamagedError
from cnnlab.runs.score import rounded
from cnnlab.shelf import replacing

BATCH_COLUMNS = ("step", "epoch", "loss", "accuracy", "seconds")
EPOCH_COLUMNS = (
    *("epoch", "step", "loss", "accuracy", "val_loss", "val_accuracy"),
    *("learning_rate", "seconds"),
)
RATE_COLUMNS = ("step", "epoch", "learning_rate", "factor")
COLUMNS = {"batch": BATCH_COLUMNS, "epoch": EPOCH_COLUMNS, "rate": RATE_COLUMNS}
MOST_ROWS = 8192
"""Batch rows that a page keeps of a run, however long it trains: 320 KB."""
PIECE_BYTES = 2**20
MOST_BYTES = 2**30
"""No more is read of a log; ten million steps write less."""
LARGEST = 1e15
Columns = dict[str, np.ndarray]


def _empty(names: tuple[str, ...]) -> Columns:
    return {name: np.empty(0) for name in names}


@dataclass(frozen=True)
class Metrics:
    """The history of a run as columns of equal length, float64; what is missing is NaN.

    ``batches``: step, epoch (from 1), loss, accuracy, seconds; each row is the mean since the row before.
    ``epochs``: epoch, step, loss, accuracy, val_loss, val_accuracy, learning_rate, seconds.
    ``rates``: step, epoch, learning_rate, factor; a row for each time somebody changed the rate by
    hand, after that step, to ``factor`` times what the schedule says.
    """

    batches: Columns
    epochs: Columns
    rates: Columns = field(default_factory=lambda: _empty(RATE_COLUMNS))

    def downsample(self, points: int = 600) -> "Metrics":
        """Return at most ``points`` batch rows, spread evenly over the steps; see ``thinned``."""
        return replace(self, batches=thinned(self.batches, points))


def thinned(rows: Columns, points: int) -> Columns:
    """Return at most ``points`` batch rows: the first, the last, and the extremes of each stretch of steps.

    Stretches are equally long in steps, and each keeps its highest and lowest loss and accuracy.
    """
    count = len(rows["step"])
    if count <= points:
        return rows
    steps = rows["step"]
    edges = np.linspace(steps[0], steps[-1], max(1, (points - 2) // 4), endpoint=False)
    stretch = np.searchsorted(edges, steps, side="right")
    starts = np.flatnonzero(np.diff(stretch, prepend=-1))
    kept = [np.array([0, count - 1])]
    for name in ("loss", "accuracy"):
        for values in (rows[name], -rows[name]):
            kept.append(np.lexsort((values, stretch))[starts])  # the least of each stretch: NaN sorts last
    chosen = np.unique(np.concatenate(kept))
    return {name: column[chosen] for name, column in rows.items()}


class MetricsLog:
    """The writing end: one JSON object a line, flushed line by line. Used by one worker at a time."""

    def __init__(self, path: Path):
        self._file: TextIO = path.open("a", encoding="utf-8")
        if self._file.tell() and _last_byte(path) != b"\n":
            self._file.write("\n")  # a worker died within a line: its torn line must not swallow ours

    def append(self, kind: str, **values: float) -> None:
        """Append one row, rounded to 7 digits; NaN and infinity become null: JSON has no word for them."""
        finite = {k: rounded(v) if math.isfinite(v) else None for k, v in values.items()}
        self._file.write(strict_json.dumps({"kind": kind, **finite}) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> "MetricsLog":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def cut(path: Path, last_step: int) -> None:
    """Forget rows after a step: they belong to weights that were lost with their worker.

    A learning rate that somebody set by hand stays set: its row moves to that step.
    """
    if path.exists():
        with path.open("rb") as log, replacing(path) as aside, aside.open("wb") as kept:
            for line in log:  # of a million rows the memory would not take all at once
                kept.write(_cut_line(line, last_step))


def _cut_line(line: bytes, last_step: int) -> bytes:
    """Return what of a line of a log is kept, nothing of a row after ``last_step`` or of what is no row."""
    kept = b""
    for row in _parse([line]):
        if not reading.is_number(row.get("step", 0)):
            continue
        if row.get("kind") == "rate":
            row["step"] = min(row.get("step", 0), last_step)
        if row.get("step", 0) <= last_step:
            kept += strict_json.dumps(row).encode() + b"\n"
    return kept


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)


class _Reader:
    """Reads what was appended since the last call, a piece at a time, and keeps the columns.

    Of batch rows it keeps at most ``most_rows``: when there are more they are thinned to half as many.
    """

    def __init__(self, path: Path, most_rows: int | None = MOST_ROWS):
        self._path = path
        self._most_rows = most_rows
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._offset = self._inode = 0
        self._within_a_line = False
        self._columns = {kind: _empty(names) for kind, names in COLUMNS.items()}

    def read(self) -> Metrics:
        with self._lock:
            for lines in self._new_lines():
                self._take(lines)
            return Metrics(self._columns["batch"], self._columns["epoch"], self._columns["rate"])

    def _take(self, lines: list[bytes]) -> None:
        rows = _parse(lines)
        for kind, names in COLUMNS.items():
            if new := [row for row in rows if row.get("kind") == kind]:
                self._append(kind, _table(new, names))

    def _append(self, kind: str, fresh: np.ndarray) -> None:
        fresh = _usable(kind, fresh)
        self._columns[kind] = columns = {
            name: np.concatenate([column, fresh[:, place]])
            for place, (name, column) in enumerate(self._columns[kind].items())
        }
        if kind == "batch" and self._most_rows and len(columns["step"]) > self._most_rows:
            self._columns[kind] = thinned(columns, self._most_rows // 2)

    def _new_lines(self) -> Iterator[list[bytes]]:
        """Yield the whole lines that are new, a piece at a time; a line longer than a piece is left out."""
        try:
            with reading.opened(self._path) as file:
                inode = os.fstat(file.fileno()).st_ino
                if inode != self._inode or file.seek(0, 2) < self._offset:
                    self._forget()
                    self._inode = inode
                file.seek(self._offset)
                while (piece := file.read(PIECE_BYTES)) and self._offset < MOST_BYTES:
                    end = piece.rfind(b"\n") + 1
                    if not end and len(piece) < PIECE_BYTES:
                        return  # torn: the next call reads it again
                    self._offset += end or len(piece)
                    if end and not self._within_a_line:
                        yield piece[:end].splitlines(keepends=True)
                    elif end:
                        yield piece[piece.find(b"\n") + 1 : end].splitlines(keepends=True)
                    self._within_a_line = not end
                    file.seek(self._offset)
        except (OSError, DamagedError):
            self._forget()


def _parse(lines: list[bytes]) -> list[dict[str, Any]]:
    """Parse all lines at once, four times faster than one by one; what is not an object is left out."""
    try:
        rows = json.loads(b"[" + b",".join(lines) + b"]")
    except (ValueError, RecursionError):
        rows = []
        for line in lines:
            try:
                rows.append(json.loads(line))
            except (ValueError, RecursionError):
                continue
    return [row for row in rows if isinstance(row, dict)]


def _table(rows: list[dict[str, Any]], names: tuple[str, ...]) -> np.ndarray:
    """Return float64 ``(rows, names)``; what is missing or no number is NaN."""
    try:
        table = np.array(list(map(itemgetter(*names), rows)), float)  # None becomes NaN
        if table.ndim == 2:
            return table
    except (KeyError, TypeError, ValueError, OverflowError):
        pass  # not all rows are as a worker writes them
    return np.array([[_number(row.get(name)) for name in names] for row in rows], float)


def _number(value: Any) -> float:
    return float(value) if reading.is_number(value) else math.nan


def _usable(kind: str, table: np.ndarray) -> np.ndarray:
    """Return the rows that have their place in the history; infinite numbers become NaN."""
    names = COLUMNS[kind]
    table = np.where(np.abs(table) < LARGEST, table, np.nan)
    places = ("step",) if kind == "batch" else ("step", "epoch")
    places_known = (table[:, [names.index(name) for name in places]] >= 0).all(axis=1)
    return table[places_known]


_readers: OrderedDict[Path, _Reader] = OrderedDict()
_readers_lock = threading.Lock()
_MOST_READERS = 64


def read(path: Path) -> Metrics:
    """Return the history; a second call in the same process reads only what is new.

    Of a long history it has at most ``MOST_ROWS`` batch rows, spread over all steps, no extreme lost.
    """
    with _readers_lock:
        reader = _readers.setdefault(path, _Reader(path))
        _readers.move_to_end(path)
        while len(_readers) > _MOST_READERS:
            _readers.popitem(last=False)
    return reader.read()


def read_whole(path: Path) -> Metrics:
    """Return every row of the history: for a worker that goes on with it; pages use ``read``."""
    return _Reader(path, most_rows=None).read()
