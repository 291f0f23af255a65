"""Runs that were deleted: kept for a day, so that a slip costs nothing."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cnnlab import workspace
from cnnlab.errors import RunError, RunNotFoundError
from cnnlab.runs.run import RUN_ID, Run

_BIN = ".deleted"
MOST_SHOWN = 30


@dataclass(frozen=True)
class Deleted:
    """A run that can still be brought back, and when it was deleted, in Unix seconds."""

    run: Run
    at: float


def list_deleted() -> list[Deleted]:
    """Return the runs that ``restore`` can bring back, whoever deleted them; the last one first.

    Of very many the last ``MOST_SHOWN``.
    """
    found = []
    with suppress(OSError):
        for folder in (workspace.runs_dir() / _BIN).iterdir():
            if RUN_ID.fullmatch(folder.name):
                found.append(Deleted(Run(folder), folder.stat().st_mtime))
    kept = [one for one in found if time.time() - one.at <= workspace.KEPT_SECONDS]
    return sorted(kept, key=lambda one: -one.at)[:MOST_SHOWN]


def delete(run: Run) -> None:
    """Take a run that is over off the list; ``restore`` brings it back within a day.

    Raises:
        RunError: it still waits or works, or its folder cannot be moved.
    """
    if run.status().is_active:
        raise RunError(f"The run {run.id} is still {run.status().state}; stop it before you delete it.")
    try:
        bin_ = _bin()
        workspace.purge(bin_)
        os.utime(run.folder)  # the day begins now
        run.folder.rename(bin_ / run.id)
    except OSError as error:
        raise RunError(
            f"The run {run.id} cannot be deleted ({error.strerror}); see to its folder."
        ) from error


def restore(run_id: str) -> Run:
    """Bring a deleted run back.

    Raises:
        RunNotFoundError: it was not deleted, or more than a day ago.
        RunError: its folder cannot be moved.
    """
    try:
        if not (RUN_ID.fullmatch(run_id) and (_bin() / run_id).is_dir()):
            raise RunNotFoundError("This run is gone for good; deleted runs are kept for a day.")
        return Run((_bin() / run_id).rename(workspace.runs_dir() / run_id))
    except OSError as error:
        raise RunError(
            f"The run {run_id} cannot be brought back ({error.strerror}); see to its folder."
        ) from error


def _bin() -> Path:
    folder = workspace.runs_dir() / _BIN
    folder.mkdir(exist_ok=True)
    return folder
