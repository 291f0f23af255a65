"""One thread of the server owns the queue: it starts waiting runs, oldest first, and notices dead workers.

Everything it knows stands in the run folders. A new server therefore adopts the runs of the last one by
looking, and two servers on one workspace share its slots: one at a time looks and fills them.
"""

import logging
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from cnnlab import workspace
from cnnlab.runs import run as run_folder
from cnnlab.runs import status
from cnnlab.runs.creation import create
from cnnlab.runs.hanging import STOP_SECONDS, StopDeadline, end_process, ended
from cnnlab.runs.launchers import Launcher
from cnnlab.runs.overview import Overview, at_work
from cnnlab.runs.run import Run
from cnnlab.settings import RunConfig

POLL_SECONDS = 0.2
MOST_FAULTS = 20
_log = logging.getLogger(__name__)


class Supervisor:
    """The queue of one server: ``slots`` runs at a time (one for each GPU, or one on the CPU).

    A run on all GPUs waits until all are free. A worker that does not answer a stop within ``stop_seconds``
    is ended, and its run is interrupted.
    """

    def __init__(self, launcher: Launcher, slots: int = 1, stop_seconds: float = STOP_SECONDS):
        self._launcher = launcher
        self.slots = slots
        self._deadline = StopDeadline(stop_seconds)
        self._faults: dict[tuple[object, ...], str] = {}
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="supervisor", daemon=True)

    def start(self) -> "Supervisor":
        """Look at what is there (adopting running workers), then work in the background."""
        self._round()
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop looking; running workers go on."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._launcher.close()

    @property
    def troubles(self) -> list[str]:
        """What went wrong in the background and was survived, a sentence for each kind, the oldest first."""
        return list(self._faults.values())

    def submit(self, config: RunConfig) -> Run:
        """Put a new run at the end of the queue and return it."""
        run = create(config)
        self._wake.set()
        return run

    def stop(self, run_id: str) -> None:
        """Ask a run to stop.

        Raises:
            RunNotFoundError: there is no such run.
            RunError: it is over already.
        """
        run_folder.get(run_id).request_stop()
        self._wake.set()

    def resume(self, run_id: str, epochs: int | None = None) -> None:
        """Put a run that is over back into the queue; see ``Run.resume``.

        Raises:
            RunNotFoundError: there is no such run.
            RunError: it cannot go on.
        """
        run_folder.get(run_id).resume(epochs)
        self._wake.set()

    def queue(self) -> list[str]:
        """Return the ids of the waiting runs, the next one first."""
        return [seen.run.id for seen in self._look() if seen.status.state == "queued"]

    def running(self) -> list[str]:
        """Return the ids of the runs that have a worker, the oldest first."""
        return [seen.run.id for seen in self._look() if seen.status.state in status.WORKING]

    def position(self, run_id: str) -> int | None:
        """Return a waiting run's place in the queue (1 starts next), or None when it does not wait."""
        waiting = self.queue()
        return waiting.index(run_id) + 1 if run_id in waiting else None

    def tick(self) -> None:
        """Do one round: end who hangs, bury dead workers, start waiting runs, keep the launcher's house."""
        runs = self._look()
        for seen in runs:
            with self._surviving(seen.run.id):
                self._bury(seen)
        waiting, taken = self._waiting_and_taken(runs)
        if waiting and len(taken) < self.slots:
            self._fill_slots()
            waiting, taken = self._waiting_and_taken(self._look())
        self._launcher.tick(soon=bool(waiting) or len(taken) < self.slots)

    def _bury(self, seen: Overview) -> None:
        """Write what became of a run whose worker is gone, or was asked to stop and does not answer."""
        run, now = seen.run, seen.status
        if seen.orphaned:
            run.write_status(now)
        elif now.state == "stopping" and self._deadline.is_over(run, now) and end_process(now):
            run.write_status(ended(run, now))

    def _fill_slots(self) -> None:
        """Start waiting runs, unless another server of this workspace is just doing so."""
        with workspace.locked("queue", wait=False) as mine:
            waiting, taken = self._waiting_and_taken(self._look()) if mine else ([], [])
            for seen in waiting:
                free = sorted(set(range(self.slots)) - set(taken))
                wanted = self.slots if seen.devices == "all" else 1
                if len(taken) + wanted > self.slots:  # a run of the command line is in no slot of ours
                    break
                with self._surviving(seen.run.id):
                    seen.run.release_if_abandoned()
                    if seen.run.claim():
                        taken += free[:wanted]
                        self._launch(seen.run, free[0])

    def _waiting_and_taken(self, runs: list[Overview]) -> tuple[list[Overview], list[int | None]]:
        """Return the waiting runs, the next one first, and the slots that have a worker."""
        waiting = [seen for seen in runs if seen.status.state == "queued"]
        taken: list[int | None] = []
        for seen in runs:
            if seen.status.state in status.WORKING:
                taken += range(self.slots) if seen.devices == "all" else [seen.status.slot]
        return waiting, taken

    def _launch(self, run: Run, slot: int) -> None:
        try:
            self._launcher.launch(run, slot)
        except OSError as error:
            message = f"No worker could be started ({error.strerror}); start the run again."
            run.write_status(
                replace(
                    run.status(),
                    state="failed",
                    message=message,
                    error={"kind": "launch", "message": message, "hint": ""},
                    ended=time.time(),
                )
            )

    def _look(self) -> list[Overview]:
        """Return every run that waits or works or has just lost its worker, the oldest first."""
        return sorted(at_work(), key=lambda seen: seen.status.created)

    def _work(self) -> None:
        while not self._closing.is_set():
            self._round()
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()

    def _round(self) -> None:
        with self._surviving("queue"):
            self.tick()

    @contextmanager
    def _surviving(self, what: str) -> Iterator[None]:
        """Go on whatever happens in the block: one run's fault is no other's, and the thread must not end."""
        try:
            yield
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            fault = (what, type(error).__name__, where.filename, where.lineno)
            if fault not in self._faults:
                _log.exception("The supervisor goes on after a fault in %s.", what)
                said = " ".join(f"{type(error).__name__} {error}".split())[:200]
                self._faults[fault] = f"The queue of runs goes on after a fault in {what}: {said}."
                while len(self._faults) > MOST_FAULTS:
                    del self._faults[next(iter(self._faults))]
