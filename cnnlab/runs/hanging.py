"""Workers that hang: a driver, a network disk or a signal holds them, and they answer no stop any more."""

import os
import signal
import sys
import time
from contextlib import suppress

import psutil

from cnnlab.runs import status
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import LIGHT
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.status import Status

STOP_SECONDS = 30.0
"""So long a worker may take to answer a stop."""
LIGHT_STOP_SECONDS = 3.0
"""So long where there is nothing to keep: the watchdog ends it at once, unless all threads are held."""
SAVE_SECONDS = 300.0
"""So long it may take, once it has answered, to keep its weights: while its heart beats."""
SILENT_SECONDS = 5.0
"""A worker writes its status twice a second; one that has not for so long does not look for a stop either."""
DEATH_SECONDS = 2.0


class StopDeadline:
    """Knows since when each job is asked to stop, by a clock that stands still while the machine sleeps."""

    def __init__(self, seconds: float = STOP_SECONDS):
        self._seconds = seconds
        self._since: dict[Job, float] = {}

    def is_over(self, job: Job, now: Status) -> bool:
        """Whether a job that is stopping has had its time; asked at each look at it."""
        if len(self._since) > 100:
            self._since = {known: since for known, since in self._since.items() if known.stop_requested()}
        since = self._since.setdefault(job, time.monotonic())
        waited = time.monotonic() - since
        over = waited >= self._allowed(job, now)
        if over:
            del self._since[job]
        return over

    def _allowed(self, job: Job, now: Status) -> float:
        if job.kind.lane == LIGHT:
            return min(self._seconds, LIGHT_STOP_SECONDS)
        if now.silence() > SILENT_SECONDS:
            return self._seconds
        if status.read(job.folder / "status.json").state == "stopping":  # the worker says so itself
            return max(self._seconds, SAVE_SECONDS)
        batch_seconds = now.seconds / now.step if now.step else 0.0
        return max(self._seconds, 2 * batch_seconds)


def end_process(now: Status) -> bool:
    """End the worker of a job at once; return whether it is ended, and the slot free.

    All processes that it has started are ended, too; of a worker that a launcher started, which leads a
    session of its own, those that have let go of it as well. A thread of this process cannot be ended, nor
    can a process of another machine.
    """
    process = ProcessId.from_dict(now.process)
    if process is None or not process.is_here or process.is_alive() is None:
        return False
    if process.is_alive():
        with suppress(psutil.Error):
            for child in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.Error):
                    child.kill()
        with suppress(psutil.Error, ProcessLookupError):  # gone this very moment
            if sys.platform != "win32" and os.getsid(process.pid) == process.pid:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                psutil.Process(process.pid).kill()
        deadline = time.monotonic() + DEATH_SECONDS
        while process.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
    return True  # one that hangs in the system runs no more of its own code, should it ever wake
