"""One thread of the server owns the queue: it starts waiting runs, oldest first, and notices dead workers.

Everything it knows stands in the run folders. A new server therefore adopts the runs of the last one by
looking, and two servers on one workspace share its slots: one at a time looks and fills them.
"""

import functools
import logging
import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from cnnlab import workspace
from cnnlab.errors import CnnLabError, RunError
from cnnlab.runs import run as run_folder
from cnnlab.runs import status
from cnnlab.runs.creation import create
from cnnlab.runs.launchers import Launcher
from cnnlab.runs.run import Run
from cnnlab.runs.status import Status

POLL_SECONDS = 0.2
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Seen:
    """A run as it was at the last look; runs that are over are not read again until their status changes."""

    written_ns: int
    status: Status


class Supervisor:
    """The queue of one server: ``slots`` runs at a time (one for each GPU, or one on the CPU).

    A run on all GPUs waits until all are free.
    """

    def __init__(self, launcher: Launcher, slots: int = 1):
        self._launcher = launcher
        self.slots = slots
        self._seen: dict[Run, _Seen] = {}
        self._lock = threading.Lock()
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

    def submit(self, config: dict[str, Any]) -> Run:
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
        return [run.id for run, now in self._look().items() if now.state == "queued"]

    def running(self) -> list[str]:
        """Return the ids of the runs that have a worker, the oldest first."""
        return [run.id for run, now in self._look().items() if now.state in status.WORKING]

    def position(self, run_id: str) -> int | None:
        """Return a waiting run's place in the queue (1 starts next), or None when it does not wait."""
        waiting = self.queue()
        return waiting.index(run_id) + 1 if run_id in waiting else None

    def tick(self) -> None:
        """Do one round: bury dead workers, start waiting runs, keep the launcher's house."""
        runs = self._look()
        for run, now in runs.items():
            if now.state == "interrupted" and status.read(run.folder / "status.json").is_orphaned():
                run.write_status(now)
        waiting, taken = self._waiting_and_taken(runs)
        if waiting and len(taken) < self.slots:
            self._fill_slots()
            waiting, taken = self._waiting_and_taken(self._look())
        self._launcher.tick(soon=bool(waiting) or len(taken) < self.slots)

    def _fill_slots(self) -> None:
        """Start waiting runs, unless another server of this workspace is just doing so."""
        with workspace.locked("queue", wait=False) as mine:
            waiting, taken = self._waiting_and_taken(self._look()) if mine else ([], [])
            for run in waiting:
                free = sorted(set(range(self.slots)) - set(taken))
                wanted = self.slots if _takes_all(run) else 1
                if len(taken) + wanted > self.slots:  # a run of the command line is in no slot of ours
                    break
                run.release_if_abandoned()
                if run.claim():
                    self._launch(run, free[0])
                    taken += free[:wanted]

    def _waiting_and_taken(self, runs: dict[Run, Status]) -> tuple[list[Run], list[int]]:
        """Return the waiting runs, the next one first, and the slots that have a worker."""
        waiting = [run for run, now in runs.items() if now.state == "queued"]
        taken = []
        for run, now in runs.items():
            if now.state in status.WORKING:
                taken += range(self.slots) if _takes_all(run) else [now.slot]
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

    def _look(self) -> dict[Run, Status]:
        """Return every run with its status, the oldest first, reading only what may have changed."""
        with self._lock:
            seen: dict[Run, _Seen] = {}
            for run in run_folder.every():
                try:
                    written = (run.folder / "status.json").stat().st_mtime_ns
                except OSError:  # deleted while we look
                    continue
                old = self._seen.get(run)
                if old and old.written_ns == written and not old.status.is_active:
                    seen[run] = old
                else:
                    seen[run] = _Seen(written, run.status())
            self._seen = dict(sorted(seen.items(), key=lambda item: item[1].status.created))
            return {run: look.status for run, look in self._seen.items()}

    def _work(self) -> None:
        while not self._closing.is_set():
            self._round()
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()

    def _round(self) -> None:
        try:
            self.tick()
        except (OSError, CnnLabError):
            _log.exception("The supervisor will try again.")


@functools.lru_cache(maxsize=1024)  # the settings of a run never change, and every round asks
def _takes_all(run: Run) -> bool:
    """Whether a run shares each batch among all GPUs, so that nothing else can train beside it."""
    try:
        return run.config.get("devices") == "all"
    except RunError:  # damaged: its worker will say so
        return False
