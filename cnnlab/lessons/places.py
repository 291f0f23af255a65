"""Where somebody stands in each lesson: the step, the time spent on it so far, and when that was.

One small file for each student, and one for whoever has all rights; a place is forgotten after half a year.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeGuard

from cnnlab import access, workspace
from cnnlab.errors import WorkspaceError
from cnnlab.runs import reading
from cnnlab.shelf import write_json

LONGEST_STEP = 30 * 60.0
"""Seconds between two looks at a lesson that count as time spent on it; a longer time was a break."""
KEPT_SECONDS = 180 * 24 * 3600.0
MOST_PLACES, MOST_FILES = 100, 5_000
_BYTES = 100_000
_LATEST = 1e11


@dataclass(frozen=True)
class Place:
    """A step, from 1; the seconds spent until ``at``, in Unix seconds; whether the end was reached."""

    step: int = 1
    seconds: float = 0.0
    at: float = 0.0
    is_over: bool = False

    def moved(self, step: int, is_over: bool = False) -> "Place":
        """Return the place after a move to a step; the time since the last one counts, a break does not."""
        now = time.time()
        passed = now - self.at
        spent = self.seconds + (passed if 0 <= passed <= LONGEST_STEP else 0.0)
        return Place(step, spent, now, is_over)


def all_places() -> dict[str, Place]:
    """Return where the current visitor stands, by the names of lessons, the latest last."""
    path = _path()
    try:
        found = reading.document(path, _BYTES) if path else {}
    except (FileNotFoundError, reading.DamagedError):
        return {}
    places = {name: place for name, value in found.items() if (place := _place(value))}
    return dict(sorted(places.items(), key=lambda item: item[1].at))


def keep(name: str, place: Place) -> None:
    """Write where the current visitor stands in a lesson; a disk that takes nothing keeps nothing."""
    path = _path()
    if not path:
        return
    try:
        folder = workspace.made(path.parent)
        if not path.exists() and len(list(folder.iterdir())) >= MOST_FILES:
            workspace.purge(folder, "*.json", KEPT_SECONDS)
            return
        known = all_places() | {name: place}
        latest = sorted(known.items(), key=lambda item: item[1].at)[-MOST_PLACES:]
        write_json(path, {name: asdict(place) for name, place in latest})
    except (OSError, WorkspaceError):
        return


def _path() -> Path | None:
    """Return the file of the current visitor; None of a browser that keeps no cookie."""
    visitor = access.current()
    if visitor == access.GUEST:
        return None
    return (
        workspace.home() / "lesson_places" / f"{'all-rights' if visitor.has_all_rights else visitor.id}.json"
    )


def _place(value: Any) -> Place | None:
    if not isinstance(value, Mapping):
        return None
    known: list[Any] = [value.get(name) for name in ("step", "seconds", "at", "is_over")]
    step, seconds, at, over = known
    if type(step) is not int or not 1 <= step <= 1000:
        return None
    if not (_is_seconds(seconds) and _is_seconds(at)):
        return None
    return Place(step, float(seconds), float(at), over is True)


def _is_seconds(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and 0 <= value < _LATEST
