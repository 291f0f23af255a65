"""The worker's voice: keeps the status file fresh from a thread of its own."""

import contextlib
import threading
import time
from dataclasses import replace
from typing import Any

from cnnlab.runs import Phase, Run, Status

HEARTBEAT_SECONDS = 0.5


class Reporter:
    """Holds a run's status and writes it every half second, so that callers may update it at every step.

    A new state or epoch is written at once. A long silence of the main thread (loading, compiling, saving)
    still beats the heart.
    """

    def __init__(self, run: Run, **first: Any):
        self._run = run
        self._lock = threading.Lock()
        self._began = time.perf_counter() - run.status().seconds
        self._over = threading.Event()
        self.status: Status = run.status()
        self.update(**first)
        self._write()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {run.id}", daemon=True)
        self._thread.start()

    def update(self, **changes: Any) -> None:
        """Change fields of the status."""
        with self._lock:
            before = self.status
            self.status = replace(before, **changes)
            at_once = (self.status.state, self.status.epoch) != (before.state, before.epoch)
        if at_once:
            self._write()

    def end(self, state: str, message: str, error: dict[str, Any] | None = None) -> None:
        """Write the last status and fall silent."""
        self._over.set()
        self._thread.join()
        done = {"phase": Phase.NONE, "seconds_left": None, "ended": time.time(), "error": error}
        self.update(state=state, message=message, **done)

    def _beat(self) -> None:
        while not self._over.wait(HEARTBEAT_SECONDS):
            with contextlib.suppress(OSError):  # a full disk: the next beat may find room
                self._write()

    def _write(self) -> None:
        with self._lock:
            seconds = time.perf_counter() - self._began
            self.status = replace(self.status, heartbeat=time.time(), seconds=seconds)
            self._run.write_status(self.status)
