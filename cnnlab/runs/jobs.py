"""The jobs that are no runs: asked for, found again, and gone a day after they are over.

They lie in ``jobs/`` of the workspace, a folder each, see ``job``. Whoever asks for what somebody has asked
for already watches the same job, unless each has one of their own; so a page finds its job by what it is
about, in any session and after a restart of the server.
"""

import hashlib
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from cnnlab import access, strict_json, workspace
from cnnlab.errors import RunError, RunNotFoundError, WorkspaceError
from cnnlab.runs import admission, status
from cnnlab.runs.job import Job, queued
from cnnlab.runs.kinds import LIGHT, Kind
from cnnlab.runs.last import OfLast
from cnnlab.runs.status import Status
from cnnlab.shelf import write_json

JOB_ID = re.compile(r"[a-z_]{3,30}-[0-9a-f]{16}")
MOST_WAITING = 20
"""Light jobs that may wait at a time; a run waits however many there are."""
LOOK_SECONDS = 0.1
Seen = tuple[Job, Status]


def jobs_dir() -> Path:
    """Return the folder of all jobs, created when missing.

    Raises:
        WorkspaceError: it cannot be created.
    """
    folder = workspace.home() / "jobs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(
            f"{folder} cannot be created ({error.strerror}); set CNNLAB_HOME to a folder you may write to."
        ) from error
    return folder


def ask(kind: Kind, request: Mapping[str, Any]) -> Job:
    """Put a job into the queue, or return the one that is asked for already and not over.

    Raises:
        RunError: too many wait already.
        WorkspaceError: the disk is full, or the folder for jobs cannot be written.
        AccessError: a student has enough of them at once, no disk space left, or asks for too large runs.
    """
    folder = _folder(kind, request)
    try:
        with workspace.locked("jobs"):
            if kind.shared and (old := Job(folder)).status().is_active:
                return old
            admission.check_job(unfinished(0), request)
            if kind.lane == LIGHT and len(_waiting(kind.lane)) >= MOST_WAITING:
                raise RunError(f"{MOST_WAITING} jobs wait already; try again when some of them are done.")
            _forget_old_ones()
            return _furnished(folder, kind, request)
    except OSError as error:
        raise workspace.unwritable(error) from error


def claimed(kind: Kind, request: Mapping[str, Any]) -> Job:
    """Make a job that this process does itself; supervisors leave it alone.

    Raises:
        WorkspaceError: the disk is full, or the folder for jobs cannot be written.
    """
    try:
        return _furnished(_folder(kind, request), kind, request, claimed=True)
    except OSError as error:
        raise workspace.unwritable(error) from error


def prepared(kind: Kind, request: Mapping[str, Any], message: str) -> Job:
    """Make a job that waits for somebody to ``resume`` it, with a sentence that says so.

    Raises:
        WorkspaceError: the disk is full, or the folder for jobs cannot be written.
        AccessError: a student has enough of them at once, no disk space left, or asks for too large runs.
    """
    try:
        admission.check_job(unfinished(0), request)
        begins = replace(queued(), state="stopped", message=message)
        return _furnished(_folder(kind, request), kind, request, begins=begins)
    except OSError as error:
        raise workspace.unwritable(error) from error


def resume(job: Job) -> None:
    """Put a job that is over back into its lane; what it has done so far stays in its folder.

    Raises:
        RunError: it still waits or works, or its folder cannot be written.
        AccessError: it is somebody else's.
    """
    access.require(job.owner, "start this again")
    now = job.status()
    if now.is_active:
        raise RunError(f"{job.called} is still {now.state}; there is nothing to resume.")
    job.requeue(replace(queued(now.progress), created=now.created))


def find(kind: Kind, request: Mapping[str, Any]) -> Job | None:
    """Return the job that was asked for last with this request, waiting, at work or over."""
    folder = _folder(kind, request)
    return Job(folder) if kind.shared and (folder / "status.json").is_file() else None


def get(job_id: str) -> Job:
    """Return the job with this id.

    Raises:
        RunNotFoundError: there is none, or the text cannot be an id.
    """
    if isinstance(job_id, str) and JOB_ID.fullmatch(job_id):
        folder = jobs_dir() / job_id
        if (folder / "status.json").is_file():
            return Job(folder)
    raise RunNotFoundError("There is no such work any more; ask for it again.")


def unfinished(max_age: float = LOOK_SECONDS) -> tuple[Seen, ...]:
    """Return what waits and works, or has just lost its worker, each with its status; the oldest first.

    The answer is at most ``max_age`` seconds old. Safe to call from any thread.

    Raises:
        WorkspaceError: the folder of jobs cannot be made.
    """
    return _index_of(jobs_dir()).look(max_age)


def served(lane: str) -> dict[str, float]:
    """Return when jobs of each owner in a lane began last, in Unix seconds, of those that are there."""
    return dict(_index_of(jobs_dir()).served.get(lane, {}))


class _Index:
    """The jobs in one folder; those that are over are not looked at again until somebody asks anew."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._lock = threading.Lock()
        self._over: dict[str, tuple[int, int]] = {}
        self.served: dict[str, dict[str, float]] = {}
        self._answer: tuple[Seen, ...] = ()
        self._looked = -1e9

    def look(self, max_age: float) -> tuple[Seen, ...]:
        with self._lock:
            if max_age <= 0 or time.monotonic() - self._looked > max_age:
                self._answer = tuple(sorted(self._alive(), key=lambda seen: seen[1].created))
                self._looked = time.monotonic()
            return self._answer

    def _alive(self) -> list[Seen]:
        found, over = [], {}
        for entry in os.scandir(self._folder):
            if not JOB_ID.fullmatch(entry.name):
                continue
            with suppress(OSError):
                changed = entry.stat().st_mtime_ns, entry.inode()
                if self._over.get(entry.name) == changed:
                    over[entry.name] = changed
                    continue
                job = Job(self._folder / entry.name)
                read, odd = status.checked(job.folder / "status.json")
                now = job.judged(read, odd)
                if read.started:
                    began = self.served.setdefault(lane_of(job), {})
                    began[job.owner] = max(began.get(job.owner, 0.0), read.started)
                if read.is_active:  # on disk: what became of it since is written down by the supervisor
                    found.append((job, now))
                else:
                    over[entry.name] = changed
        self._over = over
        return found


_index_of = OfLast(_Index)


def _waiting(lane: str) -> list[Job]:
    return [job for job, now in unfinished(0) if now.state == "queued" and lane_of(job) == lane]


def lane_of(job: Job) -> str:
    """Return the lane of a job; of one that cannot be read the light one, where it is put aside."""
    with suppress(RunError):
        return job.kind.lane
    return LIGHT


def _folder(kind: Kind, request: Mapping[str, Any]) -> Path:
    if not kind.shared:
        return jobs_dir() / f"{kind.name}-{secrets.token_hex(8)}"
    asked = strict_json.dumps(dict(sorted(request.items())))
    return jobs_dir() / f"{kind.name}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}"


def _furnished(
    folder: Path,
    kind: Kind,
    request: Mapping[str, Any],
    claimed: bool = False,
    begins: Status | None = None,
) -> Job:
    """Make the folder of a job, in the place of one that is over; it appears whole."""
    new = folder.with_name(f".new-{secrets.token_hex(8)}")
    old = folder.with_name(f".old-{secrets.token_hex(8)}")
    try:
        (new / "control").mkdir(parents=True)
        write_json(new / "job.json", {"kind": kind.name, "request": dict(request), **access.mark()})
        Job(new).still_wanted()
        if claimed:
            Job(new).claim()
        status.write(new / "status.json", begins or queued())
        with suppress(FileNotFoundError):
            folder.rename(old)
        new.rename(folder)
    finally:
        shutil.rmtree(old, ignore_errors=True)
        shutil.rmtree(new, ignore_errors=True)
    return Job(folder)


def _is_kept(folder: Path) -> bool:
    with suppress(RunError):
        return Job(folder).kind.kept
    return False


def _forget_old_ones() -> None:
    alive = {job.folder for job, _ in unfinished(0)}
    for folder in jobs_dir().iterdir():
        with suppress(OSError):
            age = time.time() - folder.stat().st_mtime
            if folder not in alive and age > workspace.KEPT_SECONDS and not _is_kept(folder):
                shutil.rmtree(folder, ignore_errors=True)
