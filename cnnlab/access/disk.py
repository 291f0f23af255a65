"""How much of the disk the workspace takes, in all and for each owner; and whether it is getting full.

Measured in the background, folder by folder: a folder that has not changed is not walked again.
"""

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cnnlab import workspace
from cnnlab.access import limits
from cnnlab.access.visitor import current, owner_in
from cnnlab.errors import AccessError
from cnnlab.languages import texts

PAUSE_SECONDS = 60.0
REST_SECONDS = 0.002
"""Between two folders: pages go first."""
WARN_FRACTION = 0.8
WARN_FREE, LEAST_FREE = 5 * 10**9, 10**9
"""Bytes that are free on the disk: below the first it is said, below the second students store no more."""
OWNED = {"runs": "config.json", "datasets": "dataset.json"}
"""The folders of what people own, and the document in each that says whose it is."""
MOST_BYTES = 4 * 2**20


@dataclass(frozen=True)
class Usage:
    """Bytes: of the workspace, of each owner's runs and datasets, and what is free on the disk."""

    used: int
    free: int
    of: Mapping[str, int] = field(default_factory=dict)

    def budget(self) -> int:
        """Return what the workspace may take in all: the limit, or as much as the disk can hold."""
        set_one = limits.read().server_disk_gb * 10**9
        return min(set_one or self.used + self.free, self.used + self.free)

    def is_full(self) -> bool:
        """Whether students store nothing more."""
        return self.free < LEAST_FREE or self.used >= self.budget()

    def warning(self) -> str:
        """Say in one sentence that the disk is getting full; empty while it is not."""
        most = self.budget()
        told = texts(f"{self.used / 1e9:,.1f} of {most / 1e9:,.1f} GB")
        if self.is_full():
            return texts(
                f"The disk space of this server is used up ({told}): students can store nothing more."
            )
        is_set = limits.read().server_disk_gb > 0
        if self.free < WARN_FREE or (is_set and self.used >= WARN_FRACTION * most):
            return texts(
                f"The disk space of this server is nearly used up ({told}); delete what is not needed."
            )
        return ""


class Gauge:
    """Measures a workspace, again and again in a thread of its own once it is started."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, int], int, str]] = {}
        self._wake, self._closing = threading.Event(), threading.Event()
        self.last: Usage | None = None

    def start(self) -> "Gauge":
        """Begin to measure."""
        threading.Thread(target=self._work, name="disk", daemon=True).start()
        return self

    def close(self) -> None:
        """Measure no more."""
        self._closing.set()
        self._wake.set()

    def measure(self, rest: float = 0.0) -> Usage:
        """Measure now; ``rest`` seconds between two folders."""
        home, of, used = workspace.home(), Counter[str](), 0
        known: dict[Path, tuple[tuple[int, int], int, str]] = {}
        for place in _entries(home):
            if place.name not in OWNED:
                used += _size(place)
                continue
            for thing in _entries(place):
                size, owner = self._of(thing, OWNED[place.name], known)
                used += size
                if owner:
                    of[owner] += size
                if rest:
                    time.sleep(rest)
        self._known = known
        self.last = Usage(used, workspace.free_bytes(), dict(of))
        return self.last

    def _of(
        self, thing: Path, document: str, known: dict[Path, tuple[tuple[int, int], int, str]]
    ) -> tuple[int, str]:
        stamp = (_changed(thing), _changed(thing / "metrics.jsonl"))
        old = self._known.get(thing)
        is_run = document == "config.json"
        if old is None or old[0] != stamp or not is_run:  # images come into the class folders of a dataset
            old = stamp, _size(thing), _owner(thing / document)
        known[thing] = old
        return old[1:]

    def _work(self) -> None:
        while not self._closing.is_set():
            with suppress(OSError):
                self.measure(REST_SECONDS)
            self._wake.wait(PAUSE_SECONDS)
            self._wake.clear()


_gauge: list[Gauge] = []


def watch() -> Gauge:
    """Begin to measure the workspace of this server."""
    _gauge[:] = [Gauge().start()]
    return _gauge[0]


def usage() -> Usage | None:
    """Return what was measured last; None while nothing was, as in programs without a server."""
    return _gauge[0].last if _gauge else None


def check(more_bytes: int = 0) -> None:
    """Refuse to store more for the current visitor where their space, or the server's, is used up.

    Raises:
        AccessError: it is.
    """
    visitor, known = current(), usage()
    if visitor.has_all_rights or known is None:
        return
    if known.is_full():
        raise AccessError("The disk space of this server is used up; ask the teacher to delete some runs.")
    most, mine = limits.read().disk_mb * 10**6, known.of.get(visitor.owner, 0)
    if mine + more_bytes > most:
        raise AccessError(
            f"A student's runs and datasets may take {most / 1e6:,.0f} MB, and yours take "
            f"{mine / 1e6:,.0f} MB; delete some first."
        )


def _entries(folder: Path) -> list[Path]:
    with suppress(OSError):
        return [Path(entry.path) for entry in os.scandir(folder) if not entry.is_symlink()]
    return []


def _size(path: Path) -> int:
    """Return the bytes of a file, or of all files below a folder; links are not followed."""
    size = 0
    with suppress(OSError):
        if not path.is_dir():
            return path.lstat().st_size
    for parent, _, files in os.walk(path):
        for file in files:
            with suppress(OSError):
                size += os.lstat(os.path.join(parent, file)).st_size  # noqa: PTH118 - many of them
    return size


def _owner(document: Path) -> str:
    with suppress(OSError, ValueError, RecursionError):
        if document.stat().st_size <= MOST_BYTES:
            values = json.loads(document.read_bytes())
            return owner_in(values) if isinstance(values, dict) else ""
    return ""


def _changed(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_mtime_ns
    return 0
