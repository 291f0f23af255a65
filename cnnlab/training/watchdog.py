"""Ends a worker that is asked to stop before it can look: while it imports, loads, builds or compiles.

Nothing is learned before the first batch is done, so nothing is lost; from there on the callbacks look.
Standard library only: it must be at work before TensorFlow is imported, which takes seconds.
"""

import os
import threading
import time
from dataclasses import replace

from cnnlab.runs import Phase, Run, Status

LOOK_SECONDS = 0.1


def stopped(run: Run, now: Status) -> str:
    """Say in one sentence how far a run came that was stopped."""
    kept = "its weights are kept" if run.checkpoint("last") else "it had not learned anything yet"
    return f"Stopped in epoch {now.epoch + 1}; {kept}."


class Watchdog:
    """Watches for a stop from a thread of its own until it is called off."""

    def __init__(self, run: Run):
        self._run = run
        self._called_off = threading.Event()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def call_off(self) -> None:
        """The first batch is done, or the run is over: whoever trains looks for a stop now."""
        self._called_off.set()

    def _watch(self) -> None:
        while not self._called_off.wait(LOOK_SECONDS):
            if self._run.stop_requested():
                self._end()

    def _end(self) -> None:
        now = self._run.status()
        over = replace(now, state="stopped", message=stopped(self._run, now), phase=Phase.NONE)
        self._run.write_status(replace(over, seconds_left=None, ended=time.time()))
        os._exit(0)
