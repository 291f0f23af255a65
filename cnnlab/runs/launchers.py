"""Ways to start a worker: all of them end in the same ``worker.execute(folder)``."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from cnnlab import strict_json, workspace
from cnnlab.languages import texts
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import DEVICE, LIGHT
from cnnlab.runs.limits import CPU_SECONDS
from cnnlab.runs.liveness import ProcessId

WORKER_COMMAND = (sys.executable, "-m", "cnnlab.worker")


class Launcher(Protocol):
    """Starts workers for a supervisor; called from the supervisor's thread only."""

    def launch(self, job: Job, slot: int | None) -> None:
        """Start a worker for a claimed job and return at once.

        Args:
            job: a run, or another job.
            slot: the number of the GPU to use, where there are any; None for light work.
        """

    def tick(self, soon: bool) -> None:
        """Called a few times a second: keep house; ``soon`` says that a run may start at any moment."""

    def close(self) -> None:
        """Let go of what waits for work; running workers go on."""


class ProcessLauncher:
    """A process for each job, detached, so that it outlives the server.

    One worker that has already imported TensorFlow waits for the next run: it reads the run's folder from its
    standard input, and ends by itself when the server is gone and the pipe closes. Light work has a process
    that sees no GPU, whose memory a run may need, and that limits its own processor time.
    """

    PAUSE_SECONDS = 5.0
    """No worker is warmed for this long after another began: that one has the cores first."""

    def __init__(self, command: tuple[str, ...] = WORKER_COMMAND):
        self._command = command
        self._waiting: subprocess.Popen[bytes] | None = None
        self._working: list[subprocess.Popen[bytes]] = []
        self._not_before = 0.0

    def launch(self, job: Job, slot: int | None) -> None:
        """Hand the job to the waiting worker, or to a new one."""
        if job.kind.lane == LIGHT:
            worker = self._spawn(CUDA_VISIBLE_DEVICES="-1", **_own_limits(job))
        else:
            worker = self._waiting if self._waiting and self._waiting.poll() is None else self._spawn()
            self._waiting = None
        self._not_before = time.monotonic() + self.PAUSE_SECONDS
        _mark_starting(job, slot, worker.pid)
        assert worker.stdin is not None
        try:
            order = {"folder": str(job.folder), "slot": slot or 0}
            worker.stdin.write(strict_json.dumps(order).encode() + b"\n")
            worker.stdin.close()
        except OSError:
            pass  # it died this very moment: its status will read as interrupted
        self._working.append(worker)

    def tick(self, soon: bool) -> None:
        """Collect dead workers (else they stay zombies) and warm one when a run may start soon."""
        self._working = [worker for worker in self._working if worker.poll() is None]
        if self._waiting and self._waiting.poll() is not None:
            self._waiting = None
        if soon and self._waiting is None and time.monotonic() > self._not_before:
            with contextlib.suppress(OSError):  # a run will tell, if there is ever one to start
                self._waiting = self._spawn()

    def close(self) -> None:
        """End the waiting worker."""
        if self._waiting:
            self._waiting.kill()
            self._waiting.wait()
            self._waiting = None

    def _spawn(self, **environment: str) -> subprocess.Popen[bytes]:
        self._not_before = time.monotonic() + self.PAUSE_SECONDS
        with workspace.log("worker.log") as log:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=workspace.child_environment(**environment),
                start_new_session=True,
            )


class ThreadLauncher:
    """A thread of this process for each job: for debugging, and for hosts that forbid subprocesses.

    The interpreter lock makes training and pages several times slower, and a run dies with the server.
    """

    def __init__(self, execute: Callable[[Path, int], None]):
        self._execute = execute

    def launch(self, job: Job, slot: int | None) -> None:
        """Start the thread."""
        _mark_starting(job, slot, os.getpid())
        threading.Thread(target=self._execute, args=(job.folder, slot or 0), name=job.id, daemon=True).start()

    def tick(self, soon: bool) -> None:
        """Nothing waits, nothing is left over."""

    def close(self) -> None:
        """Nothing to let go of."""


def _own_limits(job: Job) -> dict[str, str]:
    most = job.kind.limits
    return {CPU_SECONDS: str(round(most.cpu_seconds))} if most and most.cpu_seconds else {}


def _mark_starting(job: Job, slot: int | None, pid: int) -> None:
    now = time.time()
    job.write_status(
        replace(
            job.status(),
            state="starting",
            message=texts("Starting." if job.kind.lane == DEVICE else "Loading TensorFlow."),
            process=vars(ProcessId.of(pid)),
            slot=slot,
            heartbeat=now,
            started=now,
        )
    )
