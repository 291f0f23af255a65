"""Runs that were deleted: kept for a day, so that a slip costs nothing."""

from dataclasses import dataclass

from cnnlab import access
from cnnlab.errors import RunError, RunNotFoundError
from cnnlab.runs.run import SHELF, Run

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
    return [Deleted(Run(one.place), one.at) for one in SHELF.trashed()[:MOST_SHOWN]]


def delete(run: Run) -> None:
    """Take a run that is over off the list; ``restore`` brings it back within a day.

    Raises:
        RunError: it still waits or works, or its folder cannot be moved.
        AccessError: it is not the visitor's.
    """
    access.require(run.owner, "delete this run")
    if run.status().is_active:
        raise RunError(f"The run {run.id} is still {run.status().state}; stop it before you delete it.")
    try:
        SHELF.discard(run.id)
    except OSError as error:
        raise RunError(
            f"The run {run.id} cannot be deleted ({error.strerror}); see to its folder."
        ) from error


def restore(run_id: str) -> Run:
    """Bring a deleted run back.

    Raises:
        RunNotFoundError: it was not deleted, or more than a day ago.
        RunError: its folder cannot be moved.
        AccessError: it is not the visitor's.
    """
    if place := SHELF.place(run_id):
        access.require(Run(place).owner, "restore this run")
    try:
        return Run(SHELF.path(SHELF.restore(run_id)))
    except FileNotFoundError as error:
        raise RunNotFoundError("This run is gone for good; deleted runs are kept for a day.") from error
    except OSError as error:
        raise RunError(
            f"The run {run_id} cannot be brought back ({error.strerror}); see to its folder."
        ) from error
