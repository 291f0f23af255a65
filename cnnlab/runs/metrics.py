"""The metrics log of a run: appended by the worker, read again and again by pages without starting over."""

import json
import math
import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

import numpy as np

BATCH_COLUMNS = ("step", "epoch", "loss", "accuracy", "seconds")
EPOCH_COLUMNS = (
    *("epoch", "step", "loss", "accuracy", "val_loss", "val_accuracy"),
    *("learning_rate", "seconds"),
)
RATE_COLUMNS = ("step", "epoch", "learning_rate", "factor")
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
        """Return at most ``points`` batch rows, keeping each bucket's extremes of loss and accuracy."""
        rows = len(self.batches["step"])
        if rows <= points:
            return self
        starts = np.linspace(0, rows, max(1, (points - 2) // 4), endpoint=False).astype(int)
        bucket = np.searchsorted(starts, np.arange(rows), side="right")
        kept = [np.array([0, rows - 1])]
        for name in ("loss", "accuracy"):
            for values in (self.batches[name], -self.batches[name]):
                kept.append(np.lexsort((values, bucket))[starts])  # the least of each bucket: NaN sorts last
        chosen = np.unique(np.concatenate(kept))
        return replace(self, batches={name: column[chosen] for name, column in self.batches.items()})


class MetricsLog:
    """The writing end: one JSON object a line, flushed line by line. Used by one worker at a time."""

    def __init__(self, path: Path):
        self._file: TextIO = path.open("a", encoding="utf-8")
        if self._file.tell() and not path.read_bytes().endswith(b"\n"):
            self._file.write("\n")  # a worker died within a line: its torn line must not swallow ours

    def append(self, kind: str, **values: float) -> None:
        """Append one row, rounded to 7 digits; NaN and infinity become null: JSON has no word for them."""
        finite = {k: _rounded(v) if math.isfinite(v) else None for k, v in values.items()}
        self._file.write(json.dumps({"kind": kind, **finite}) + "\n")
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
        rows = _parse(path.read_bytes().splitlines())
        for row in rows:
            if row.get("kind") == "rate":
                row["step"] = min(row.get("step", 0), last_step)
        kept = [row for row in rows if row.get("step", 0) <= last_step]
        temporary = path.with_suffix(".tmp")
        temporary.write_text("".join(json.dumps(row) + "\n" for row in kept))
        temporary.replace(path)


def _rounded(value: float) -> float:
    return value if isinstance(value, int) else float(f"{value:.7g}")


class _Reader:
    """Reads what was appended since the last call and keeps the columns."""

    def __init__(self, path: Path):
        self._path = path
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._offset = self._inode = 0
        self._columns = {
            "batch": _empty(BATCH_COLUMNS),
            "epoch": _empty(EPOCH_COLUMNS),
            "rate": _empty(RATE_COLUMNS),
        }

    def read(self) -> Metrics:
        with self._lock:
            lines = self._new_lines()
            rows = _parse(lines)
            for kind, columns in self._columns.items():
                new = [row for row in rows if row.get("kind") == kind]
                if new:
                    self._columns[kind] = {
                        name: np.concatenate([column, [_number(row.get(name)) for row in new]])
                        for name, column in columns.items()
                    }
            return Metrics(self._columns["batch"], self._columns["epoch"], self._columns["rate"])

    def _new_lines(self) -> list[bytes]:
        try:
            with self._path.open("rb") as file:
                inode = os.fstat(file.fileno()).st_ino
                if inode != self._inode or file.seek(0, 2) < self._offset:
                    self._forget()
                    self._inode = inode
                file.seek(self._offset)
                text = file.read()
        except OSError:
            self._forget()
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        return whole.splitlines()


def _parse(lines: list[bytes]) -> list[dict[str, Any]]:
    """Parse all lines at once, four times faster than one by one; what is not an object is left out."""
    try:
        rows = json.loads(b"[" + b",".join(lines) + b"]")
    except ValueError:
        rows = []
        for line in lines:
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue
    return [row for row in rows if isinstance(row, dict)]


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


_readers: OrderedDict[Path, _Reader] = OrderedDict()
_readers_lock = threading.Lock()
_MOST_READERS = 64


def read(path: Path) -> Metrics:
    """Return the whole history; a second call in the same process reads only what is new."""
    with _readers_lock:
        reader = _readers.setdefault(path, _Reader(path))
        _readers.move_to_end(path)
        while len(_readers) > _MOST_READERS:
            _readers.popitem(last=False)
    return reader.read()
