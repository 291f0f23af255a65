"""Ends a worker that is asked to stop before it can look: while it imports, loads, builds or compiles.

Nothing is learned before the first batch is done, so nothing is lost; from there on the callbacks look.
Standard library only: it must be at work before TensorFlow is imported, which takes seconds.
"""

import os
import threading

from cnnlab.runs.job import Job

LOOK_SECONDS = 0.1


class Watchdog:
    """Watches for a stop from a thread of its own until it is called off."""

    def __init__(self, job: Job):
        self._job = job
        self._called_off = threading.Event()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def call_off(self) -> None:
        """The first batch is done, or the job is over: whoever works looks for a stop now."""
        self._called_off.set()

    def _watch(self) -> None:
        while not self._called_off.wait(LOOK_SECONDS):
            if self._job.stop_requested():
                self._end()

    def _end(self) -> None:
        self._job.write_status(self._job.stopped(self._job.status()))
        os._exit(0)
