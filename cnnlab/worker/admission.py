"""May the worker begin that a cluster has started? It looks before TensorFlow is imported.

The folder is the probe: only on storage that all machines share does it hold a status that names this very
job. Two workers of one job, as a cluster that starts it again would make them, never work both, and one that
was taken for dead ends as soon as another has the run.
"""

import os
import sys
import time
from pathlib import Path

from cnnlab.runs import handed_over, status
from cnnlab.runs.status import WORKING, Status

SEEN_SECONDS = 10.0
"""So long a new folder may take to be seen through network storage."""


def admit(folder: Path) -> None:
    """Return if this process may work on the folder; else end it, with a code that tells why.

    A process that no cluster has started always may.
    """
    if not (mine := os.environ.get(handed_over.CLUSTER_JOB)):
        return
    if code := refusal(folder, mine):
        print(f"cnnlab: this worker does not begin on {folder} (code {code})", file=sys.stderr, flush=True)
        os._exit(code)


def refusal(folder: Path, mine: str, seconds: float = SEEN_SECONDS) -> int:
    """Return the exit code of a worker that may not begin, 0 for one that may.

    Args:
        folder: of the job.
        mine: the job of the cluster that this process is.
        seconds: how long to look for the folder.
    """
    deadline = time.monotonic() + seconds
    while not _names(folder, mine):
        if time.monotonic() >= deadline:
            there = (folder / "status.json").exists()
            return handed_over.NOT_WANTED if there else handed_over.FOLDER_NOT_THERE
        time.sleep(0.2)
    if _read(folder).state not in WORKING:
        return handed_over.NOT_WANTED
    taken = folder / "control" / f"taken-{mine.rpartition(':')[2]}"
    try:
        taken.open("x").close()
        apart = abs(time.time() - taken.stat().st_mtime)
    except FileExistsError:
        return handed_over.NOT_WANTED
    except OSError:
        return handed_over.FOLDER_NOT_WRITABLE
    return handed_over.CLOCK_WRONG if apart > handed_over.CLOCK_SECONDS else 0


def leave_to_others(folder: Path) -> None:
    """End this process at once if the run in the folder has been given to another job of the cluster."""
    if mine := os.environ.get(handed_over.CLUSTER_JOB):
        now, odd = status.checked(folder / "status.json")
        if not odd and now.cluster_job != mine:
            os._exit(handed_over.NOT_WANTED)


def _read(folder: Path) -> Status:
    return status.read(folder / "status.json")


def _names(folder: Path, mine: str) -> bool:
    return _read(folder).cluster_job == mine
