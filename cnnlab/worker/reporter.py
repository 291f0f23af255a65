"""The worker's voice: keeps the status file of a job fresh from a thread of its own."""

import contextlib
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from cnnlab.languages import texts
from cnnlab.runs import Phase
from cnnlab.runs.context import Context
from cnnlab.runs.job import Job
from cnnlab.runs.liveness import ProcessId
from cnnlab.worker.admission import leave_to_others

HEARTBEAT_SECONDS = 0.5


class Reporter(Context):
    """The context of a job in a worker: writes the status every half second, however often it is updated.

    A new state or epoch is written at once. A long silence of the main thread (loading, compiling, saving)
    still beats the heart.
    """

    def __init__(
        self,
        job: Job,
        slot: int = 0,
        own_process: bool = True,
        responsive: Callable[[], None] = lambda: None,
        turn_over: Callable[[], None] = lambda: None,
    ):
        super().__init__(job, slot, own_process, responsive, turn_over)
        self._lock = threading.Lock()
        self._began = time.perf_counter() - self.status.seconds
        self._over = threading.Event()
        me, begun = vars(ProcessId.of(os.getpid())), self.status.started or time.time()
        self.update(state="starting", message=texts("Reading the settings."), process=me, started=begun)
        self._write()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {job.id}", daemon=True)
        self._thread.start()

    def update(self, **changes: Any) -> None:
        """Change fields of the status."""
        with self._lock:
            before = self.status
            super().update(**changes)
            at_once = (self.status.state, self.status.epoch) != (before.state, before.epoch)
        if at_once:
            self._write()

    def wait_for_turn(self) -> float:
        """Let others have the device after an epoch; return their seconds, which are none of this job's."""
        paused = super().wait_for_turn()
        self._began += paused
        return paused

    def watching_memory(self, model: Any, batch_size: int) -> contextlib.AbstractContextManager[object]:
        """Let the block train a model.

        Raises:
            MemoryUsedUp: the device had no more memory.
        """
        from cnnlab.worker import memory  # needs TensorFlow, which is loaded by now

        return memory.watched(model, batch_size)

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
            super().update(heartbeat=time.time(), seconds=seconds)
            leave_to_others(self.job.folder)
            self.job.write_status(self.status)
