"""What becomes of jobs that a cluster has, and of those that it is to have.

All that is known of them stands in their folders, as everywhere: which job of the cluster each is, and
whether its worker has begun (then it has a ``process``). While a worker's heart beats, nobody is asked.

    not begun, not known to the cluster      submitted, again and again until it answers
    waits or works there                     confirmed, so that nobody takes it for dead
    over there, and here not                 failed where it had not begun, else interrupted
    begun, silent, and not known             the cluster was restarted: interrupted
"""

import logging
import time
from contextlib import suppress
from dataclasses import replace

from cnnlab.cluster.engine import Capacity, Engine, Found, Order, RefusedError, UnreachableError
from cnnlab.languages import texts
from cnnlab.runs import handed_over, status
from cnnlab.runs.hanging import STOP_SECONDS, StopDeadline
from cnnlab.runs.job import Job
from cnnlab.runs.lanes import look
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.run import Run
from cnnlab.runs.status import Phase, Status

QUIET_SECONDS = 5.0
"""A worker whose heart has beaten since needs no question to the cluster."""
FORGOTTEN_SECONDS = 15.0
"""One that has been silent for so long, and that the cluster does not know, is gone."""
LAST_WORDS_SECONDS = 2.0
"""So long the last status of a worker may take through shared storage, once its job is over."""
CAPACITY_SECONDS, AWAY_SECONDS = 30.0, 5.0
_SAYS = texts(
    {
        handed_over.FOLDER_NOT_THERE: "The node does not see the folder of this run; put CNNLAB_HOME on "
        "storage that all nodes share under the same path, then start the run again.",
        handed_over.FOLDER_NOT_WRITABLE: "The node cannot write the folder of this run; let the user of the "
        "cluster's jobs write to CNNLAB_HOME, then start the run again.",
        handed_over.CLOCK_WRONG: "The clock of the node and that of the storage differ; set both by NTP, "
        "then start the run again.",
        126: "The node cannot run this Python; set CNNLAB_WORKER_PYTHON to the nodes' one.",
        127: "The node has no Python at the path of this server's; set CNNLAB_WORKER_PYTHON to the nodes' "
        "one.",
    }
)
"""What a worker that ended before it began says by its exit code."""
_log = logging.getLogger(__name__)


class Follower:
    """Follows the jobs of one engine; used by one thread, read by others."""

    def __init__(self, engine: Engine, stop_seconds: float | None = None):
        self._engine = engine
        self._prefix = f"{engine.name}:"
        self._deadline = StopDeadline(STOP_SECONDS if stop_seconds is None else stop_seconds)
        self._over_since: dict[str, float] = {}
        self._ask_capacity = 0.0
        self._faults: set[str] = set()
        self.capacity: Capacity | None = None

    def give_time(self) -> None:
        """Let nobody take for dead what an earlier server handed over, before the cluster is asked."""
        for job, _ in self._mine():
            handed_over.confirm(job.folder)

    def round(self) -> None:
        """Look at all jobs once; whatever goes wrong is logged, and the next round tries again."""
        try:
            self._look_at_capacity()
            self._follow()
        except Exception as error:
            if (fault := f"{type(error).__name__} {error}") not in self._faults and len(self._faults) < 20:
                self._faults.add(fault)
                _log.exception("The jobs of %s are followed on after a fault.", self._engine.called)

    def _look_at_capacity(self) -> None:
        if time.monotonic() >= self._ask_capacity:
            self._ask_capacity = time.monotonic() + AWAY_SECONDS
            with suppress(UnreachableError, RefusedError):
                self.capacity = self._engine.capacity()
                self._ask_capacity = time.monotonic() + CAPACITY_SECONDS

    def _mine(self) -> list[tuple[Job, Status]]:
        """Return what this engine has or is to have, each with its status as it is written."""
        found = [(seen.job, status.read(seen.job.folder / "status.json")) for seen in look()]
        return [
            (job, now)
            for job, now in found
            if now.state in status.WORKING and now.cluster_job.startswith(self._prefix)
        ]

    def _follow(self) -> None:
        due = [(job, now) for job, now in self._mine() if _is_due(job, now)]
        if not due:
            return
        names = {self._name(now): (job, now) for job, now in due}
        try:
            known = self._engine.look(list(names))
            for name, (job, now) in names.items():
                self._look_at(job, now, known.get(name))
        except UnreachableError as error:
            for job, now in due:
                self._wait(job, now, str(error))

    def _name(self, now: Status) -> str:
        return now.cluster_job.removeprefix(self._prefix)

    def _look_at(self, job: Job, now: Status, found: Found | None) -> None:
        begun = now.process is not None
        if found is None:
            if not begun:
                self._submit(job, now)
            elif now.silence() > FORGOTTEN_SECONDS:
                self._lost(job, now, texts(f"{self._engine.called} was restarted and does not know this run"))
        elif found.state == "over":
            self._over(job, now, found)
        else:
            handed_over.confirm(job.folder)
            if job.stop_requested() and (not begun or self._deadline.is_over(job, job.status())):
                self._engine.stop(self._name(now))
                if not begun:
                    job.write_status(job.stopped(now))
            elif not begun:
                waits = found.state == "waiting"
                _say(job, now, _waiting(self._engine) if waits else texts("A node starts the worker."))

    def _submit(self, job: Job, now: Status) -> None:
        if job.stop_requested():
            job.write_status(job.stopped(now))
            return
        all_devices = isinstance(job, Run) and job.config.devices == "all"
        try:
            self._engine.submit(Order(self._name(now), str(job.folder), all_devices))
        except RefusedError as error:
            _fail(job, now, str(error))
        else:
            handed_over.confirm(job.folder)
            _say(job, now, _waiting(self._engine))

    def _wait(self, job: Job, now: Status, said: str) -> None:
        """Keep what has not begun; whether the others live, their hearts tell."""
        if not now.waits_for_cluster:
            return
        if job.stop_requested():
            job.write_status(job.stopped(now))
        else:
            handed_over.confirm(job.folder)
            _say(job, now, f"{said} {texts('The run waits.')}")

    def _over(self, job: Job, now: Status, found: Found) -> None:
        """Write what became of a worker that the cluster says is gone, unless it has just done so itself."""
        name = self._name(now)
        if time.monotonic() - self._over_since.setdefault(name, time.monotonic()) < LAST_WORDS_SECONDS:
            return
        process = ProcessId.from_dict(now.process)
        latest = status.read(job.folder / "status.json")
        if latest.state not in status.WORKING or latest.cluster_job != now.cluster_job:
            del self._over_since[name]
            return
        if process and process.is_alive():
            return  # it ends in a moment, and says how
        del self._over_since[name]
        if process is None and found.again and not job.stop_requested():
            again = f"{name.partition('--')[0]}--{int(time.time())}"
            job.write_status(replace(now, cluster_job=f"{self._prefix}{again}"))
            return
        _keep(job, found.said)
        if job.stop_requested():
            job.write_status(job.stopped(now) if process is None else job.ended(now))
        elif process is None and found.exit_code is None:
            self._lost(job, now, texts("The node of this run was lost before it began"))
        elif process is None:
            said = texts("The worker ended before it began; the log tells more.")
            _fail(job, now, _SAYS.get(found.exit_code or 0, said))
        else:
            at = now.epoch + 1
            why = texts(f"The node of this run was lost, or its worker was ended there, in epoch {at}")
            self._lost(job, now, why)

    def _lost(self, job: Job, now: Status, why: str) -> None:
        kept = isinstance(job, Run) and job.checkpoint("last")
        said = texts(
            f"{why}; resume it to go on from its last epoch on another node."
            if kept
            else f"{why}; resume it to go on from the beginning on another node."
        )
        job.write_status(job.lost(now, said))


def _is_due(job: Job, now: Status) -> bool:
    """Whether the cluster has to be asked about a job."""
    return now.process is None or now.silence() > QUIET_SECONDS or job.stop_requested()


def _waiting(engine: Engine) -> str:
    return texts(f"Waiting for resources of the cluster ({engine.called}).")


def _say(job: Job, now: Status, message: str) -> None:
    """Tell people something about a job that no worker has begun."""
    latest = status.read(job.folder / "status.json")
    if latest.waits_for_cluster and latest.cluster_job == now.cluster_job and latest.message != message:
        job.write_status(replace(latest, message=message))


def _fail(job: Job, now: Status, message: str) -> None:
    failure = {"kind": "cluster", "message": message, "hint": ""}
    over = replace(now, state="failed", message=message, phase=Phase.NONE, error=failure, ended=time.time())
    job.write_status(over)


def _keep(job: Job, said: str) -> None:
    with suppress(OSError), (job.folder / "log.txt").open("a", encoding="utf-8") as log:
        log.write(f"{said}\n" if said else "")
