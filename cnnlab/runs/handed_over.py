"""Runs handed over to a cluster: who says that they are alive, for no process of this machine can be asked.

``cluster_job`` of a status names the job, such as ``ray:cnnlab-lenet5-digits-1a2b3c-d4e5``. The server that
asks the cluster confirms what lives with the time of a file, ``control/alive``. A worker that has begun is
taken to be alive while its heart beats or the cluster confirms it; one that has not begun, while the cluster
is asked at all.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

CLUSTER_JOB = "CNNLAB_CLUSTER_JOB"
"""In the environment of a worker: the job of the cluster that it is."""
FOLDER_NOT_THERE, FOLDER_NOT_WRITABLE, CLOCK_WRONG, NOT_WANTED = 81, 82, 83, 84
"""How a worker ends that may not begin: without the folder there is nowhere else to say so."""
CLOCK_SECONDS = 10.0
"""So far the clock of a node may be from that of the storage: heartbeats are read by other machines."""


def confirm(folder: Path) -> None:
    """Note that whoever asks the cluster knows no reason why the job in this folder should be dead."""
    now = time.time()  # of this machine, whatever the clock of the storage says
    with suppress(OSError):
        (folder / "control").mkdir(exist_ok=True)
        (folder / "control" / "alive").touch()
        os.utime(folder / "control" / "alive", (now, now))


def confirmed(folder: Path) -> float:
    """Return when the job in this folder was last confirmed, in Unix seconds; 0 where it never was."""
    try:
        return (folder / "control" / "alive").stat().st_mtime
    except OSError:
        return 0.0
