"""Runs that were deleted: kept for a day, so that a slip costs nothing."""

import os
from pathlib import Path

from cnnlab import workspace
from cnnlab.errors import RunError, RunNotFoundError
from cnnlab.runs.run import RUN_ID, Run


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
    """
    if not (RUN_ID.fullmatch(run_id) and (_bin() / run_id).is_dir()):
        raise RunNotFoundError("This run is gone for good; deleted runs are kept for a day.")
    return Run((_bin() / run_id).rename(workspace.runs_dir() / run_id))


def _bin() -> Path:
    folder = workspace.runs_dir() / ".deleted"
    folder.mkdir(exist_ok=True)
    return folder
