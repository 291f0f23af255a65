"""Workers that hang: a driver, a network disk or a signal holds them, and they answer no stop any more."""

import os
import signal
import sys
import time
from contextlib import suppress

from cnnlab.runs import status
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.run import Run
from cnnlab.runs.status import Status

STOP_SECONDS = 30.0
"""So long a worker may take to answer a stop."""
SAVE_SECONDS = 300.0
"""So long it may take, once it has answered, to keep its weights: while its heart beats."""
SILENT_SECONDS = 5.0
"""A worker writes its status twice a second; one that has not for so long does not look for a stop either."""
DEATH_SECONDS = 2.0


class StopDeadline:
    """Knows since when each run is asked to stop, by a clock that stands still while the machine sleeps."""

    def __init__(self, seconds: float = STOP_SECONDS):
        self._seconds = seconds
        self._since: dict[Run, float] = {}

    def is_over(self, run: Run, now: Status) -> bool:
        """Whether a run that is stopping has had its time; asked at each look at it."""
        if len(self._since) > 100:
            self._since = {known: since for known, since in self._since.items() if known.stop_requested()}
        since = self._since.setdefault(run, time.monotonic())
        waited = time.monotonic() - since
        over = waited >= self._allowed(run, now)
        if over:
            del self._since[run]
        return over

    def _allowed(self, run: Run, now: Status) -> float:
        if now.silence() > SILENT_SECONDS:
            return self._seconds
        if status.read(run.folder / "status.json").state == "stopping":  # the worker says so itself
            return max(self._seconds, SAVE_SECONDS)
        batch_seconds = now.seconds / now.step if now.step else 0.0
        return max(self._seconds, 2 * batch_seconds)


def ended(run: Run, now: Status) -> Status:
    """Return the status of a run whose worker was ended because it hung."""
    kept = (
        "the weights of the last epoch are kept" if run.checkpoint("last") else "it had not kept any weights"
    )
    return now.interrupted(
        f"The worker did not answer the stop and was ended in epoch {now.epoch + 1}; {kept}."
    )


def end_process(now: Status) -> bool:
    """End the worker of a run at once; return whether it is ended, and the slot free.

    Of a worker that a launcher started, which leads a session of its own, all processes are ended. A thread
    of this process cannot be, nor can a process of another machine, or one that this system does not know by
    its start time.
    """
    process = ProcessId.from_dict(now.process)
    if process is None or process.pid in (1, os.getpid()) or process.is_alive() is None:
        return False
    if process.is_alive():
        with suppress(ProcessLookupError):  # gone this very moment
            if sys.platform != "win32" and os.getsid(process.pid) == process.pid:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                os.kill(process.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        deadline = time.monotonic() + DEATH_SECONDS
        while process.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
    return True  # one that hangs in the system runs no more of its own code, should it ever wake
