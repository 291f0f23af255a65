"""One thread of the server owns the queue: it starts what waits, in turn, and notices dead workers.

There are two lanes: what trains waits for a slot of the device, light work for one of few places beside it.
All that the supervisor knows stands in the folders of runs and jobs. A new server therefore adopts those of
the last one by looking, and two servers on one workspace share its slots: one at a time looks and fills them.
"""

import logging
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from cnnlab import access, workspace
from cnnlab.errors import RunError
from cnnlab.languages import texts
from cnnlab.runs import admission, jobs, turns
from cnnlab.runs import run as run_folder
from cnnlab.runs.creation import create
from cnnlab.runs.hanging import STOP_SECONDS, StopDeadline, end_process
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import DEVICE, LIGHT, TRAIN, Kind
from cnnlab.runs.lanes import Places, Seen, has_enough, look, queue
from cnnlab.runs.launchers import Launcher
from cnnlab.runs.limits import Watch
from cnnlab.runs.run import Run
from cnnlab.runs.status import Phase, Status
from cnnlab.settings import RunConfig

POLL_SECONDS = 0.2
MOST_FAULTS = 20
LIGHT_AT_ONCE = 1
"""Light jobs at work at a time: each loads TensorFlow, which takes 600 MB, on a server that thirty share."""
_log = logging.getLogger(__name__)


class Supervisor:
    """The queue of one server: ``slots`` runs at a time (one for each GPU, or one on the CPU).

    A run on all GPUs waits until all are free. A worker that does not answer a stop within ``stop_seconds``
    is ended, and its run is interrupted. Of light jobs ``light`` work at a time, within their limits.
    """

    def __init__(
        self,
        launcher: Launcher,
        slots: int = 1,
        stop_seconds: float = STOP_SECONDS,
        light: int = LIGHT_AT_ONCE,
    ):
        self._launcher = self.launcher = launcher
        self.slots = slots
        self._places = Places(slots, light)
        self._deadline = StopDeadline(stop_seconds)
        self._watch = Watch()
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
        """Put a new run into the queue and return it.

        Raises:
            WorkspaceError: the disk is full, or the workspace cannot be written.
            AccessError: it is more than a student may ask for.
        """
        run = create(config)
        self._wake.set()
        return run

    def ask(self, kind: Kind, request: Mapping[str, Any]) -> Job:
        """Put a job at the end of its lane, unless the same is asked for already; see ``jobs.ask``.

        Raises:
            RunError: too many wait already.
            WorkspaceError: its folder cannot be written.
            AccessError: a student has enough of them.
        """
        job = jobs.ask(kind, request)
        self._wake.set()
        return job

    def stop(self, run_id: str) -> None:
        """Ask a run to stop.

        Raises:
            RunNotFoundError: there is no such run.
            RunError: it is over already.
            AccessError: it is not the visitor's.
        """
        run_folder.get(run_id).request_stop()
        self._wake.set()

    def resume(self, run_id: str, epochs: int | None = None) -> None:
        """Put a run that is over back into the queue; see ``Run.resume``.

        Raises:
            RunNotFoundError: there is no such run.
            RunError: it cannot go on.
            AccessError: it is not the visitor's, or more than a student may ask for.
        """
        with admission.another_waits():
            run_folder.get(run_id).resume(epochs)
        self._wake.set()

    def move(self, job_id: str, where: str) -> None:
        """Move what waits for the device ``up`` or ``down`` by one place, or to the ``first``.

        Raises:
            AccessError: only the teacher may.
            RunError: it does not wait any more, or the move cannot be written down.
        """
        turns.move(job_id, where, self.queue())

    def clear_queue(self) -> int:
        """Stop all runs that wait; return how many.

        Raises:
            AccessError: only the teacher may.
        """
        access.require(None, "clear the queue")
        stopped = 0
        for seen in look():
            if seen.waits and seen.lane == DEVICE:
                with suppress(RunError):  # it began or ended this very moment
                    seen.job.request_stop(texts("Stopped by the teacher, who cleared the queue."))
                    stopped += 1
        return stopped

    def queue(self, lane: str = DEVICE) -> list[str]:
        """Return the ids of what waits in a lane, the next one first."""
        return [seen.job.id for seen in queue(look(), lane)]

    def running(self, lane: str = DEVICE) -> list[str]:
        """Return the ids of what has a worker in a lane, the oldest first."""
        return [seen.job.id for seen in look() if seen.works and seen.lane == lane]

    def position(self, job_id: str) -> int | None:
        """Return the place in its lane of what waits (1 starts next), or None when it does not wait."""
        for lane in (DEVICE, LIGHT):
            if job_id in (waiting := self.queue(lane)):
                return waiting.index(job_id) + 1
        return None

    def ahead(self, job: Job) -> int:
        """Return how many work or wait before a job that waits; 0 where it starts now."""
        everything = look()
        lane = next((seen.lane for seen in everything if seen.job == job), DEVICE)
        mine = [seen for seen in everything if seen.lane == lane]
        waiting = [seen.job for seen in queue(everything, lane)]
        before = waiting.index(job) if job in waiting else 0
        return before + sum(seen.works for seen in mine)

    def tick(self) -> None:
        """Do one round: end who hangs, bury dead workers, start what waits, keep the launcher's house."""
        self._resize(getattr(self._launcher, "slots", self.slots))
        everything = look()
        buried = False
        for seen in everything:
            with self._surviving(seen.job.id):
                buried |= self._bury(seen)
        if buried:
            everything = look()
        if self._places.may_start(everything):
            self._fill()
            everything = look()
        waiting = any(seen.waits and seen.lane == DEVICE for seen in everything)
        self._launcher.tick(soon=waiting or len(self._places.taken(everything)) < self.slots)

    def _resize(self, slots: int) -> None:
        """Have as many slots as a cluster has room for, which grows and shrinks."""
        if slots != self.slots:
            self.slots = slots
            self._places = replace(self._places, slots=slots)

    def _bury(self, seen: Seen) -> bool:
        """Write what became of a job whose worker is gone, or hangs, or takes too much, or is not wanted.

        Returns whether it is over now.
        """
        job, now = seen.job, seen.status
        if seen.over:
            job.write_status(now)
        elif now.state == "stopping" and self._deadline.is_over(job, now) and end_process(now):
            job.write_status(job.ended(now))
        elif seen.waits and job.is_forgotten() and job.claim():
            said = texts(f"{job.kind.noun} was not begun: nobody waited for it any more.")
            self._put_aside(job, now, "stopped", said)
        elif seen.works and (said := self._watch.excess(now.process, job.kind.limits)) and end_process(now):
            self._put_aside(job, now, "failed", said)
        else:
            return False
        return True

    def _fill(self) -> None:
        """Start what waits, unless another server of this workspace is just doing so."""
        with workspace.locked("queue", wait=False) as mine:
            everything = look() if mine else []
            self._fill_slots(everything)
            for seen in queue(everything, LIGHT)[: self._places.free_beside(everything)]:
                self._start(seen.job, None)

    def _fill_slots(self, everything: list[Seen]) -> None:
        taken = self._places.taken(everything)
        for seen in queue(everything, DEVICE):
            if has_enough(seen, everything):
                continue
            free = sorted(set(range(self.slots)) - set(taken))
            wanted = self.slots if seen.all_devices else 1
            if len(taken) + wanted > self.slots:  # a run of the command line is in no slot of ours
                break
            if self._start(seen.job, free[0]):
                taken += free[:wanted]
                everything = look()

    def _start(self, job: Job, slot: int | None) -> bool:
        """Start a worker for a job that waits, unless somebody else has; return whether it is ours."""
        with self._surviving(job.id):
            job.release_if_abandoned()
            if job.claim():
                self._launch(job, slot)
                return True
        return False

    def _launch(self, job: Job, slot: int | None) -> None:
        try:
            self._launcher.launch(job, slot)
        except OSError as error:
            message = texts(
                f"No worker could be started ({error.strerror}); start the run again."
                if job.kind is TRAIN
                else f"No worker could be started ({error.strerror}); ask for it again."
            )
            self._put_aside(job, job.status(), "failed", message, "launch")

    def _put_aside(self, job: Job, now: Status, state: str, message: str, kind: str = "limits") -> None:
        failure = {"kind": kind, "message": message, "hint": ""} if state == "failed" else None
        over = replace(now, state=state, message=message, phase=Phase.NONE, error=failure, ended=time.time())
        job.write_status(over)

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
                self._faults[fault] = texts(f"The queue of runs goes on after a fault in {what}: {said}.")
                while len(self._faults) > MOST_FAULTS:
                    del self._faults[next(iter(self._faults))]
