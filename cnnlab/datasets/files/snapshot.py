"""Whether files came or went below a folder since it was looked through, told without a look at each file."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

SETTLED_SECONDS = 2.0
"""The coarsest clock of a file system: within it a folder can change twice and show one time."""
GONE = -1


@dataclass(frozen=True)
class Snapshot:
    """When names last came or went in each folder: nanoseconds by path; a folder lists its files itself."""

    times: dict[str, int]
    is_settled: bool

    @classmethod
    def of(cls, folder: str | Path) -> "Snapshot":
        """Look at a folder and all folders below it; take it before the files are listed."""
        now = time.time()
        times = {parent: _time(parent) for parent, _, _ in os.walk(folder)}
        newest = max(times.values(), default=GONE) / 1e9
        return cls(times, now - newest > SETTLED_SECONDS)

    def holds(self) -> bool:
        """Say whether no name came or went since; never of a folder that had just changed."""
        return (
            self.is_settled
            and bool(self.times)
            and all(_time(path) == known for path, known in self.times.items())
        )


def _time(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116  many folders
    except OSError:
        return GONE
