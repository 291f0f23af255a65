"""What one student may ask for: looked at where a run or a job is made, so that no page can forget to."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cnnlab import access, workspace
from cnnlab.access import disk, limits
from cnnlab.access.visitor import TEACHER_ID
from cnnlab.runs.job import Job
from cnnlab.runs.overview import at_work
from cnnlab.runs.status import Status
from cnnlab.settings import RunConfig


@contextmanager
def asked_for(config: RunConfig) -> Iterator[None]:
    """Let the block put another run into the queue, unless that is more than the visitor may ask for.

    Of several tabs of one student that ask at the same moment each waits for the other: none slips through.

    Raises:
        AccessError: it is.
    """
    limits.check_settings(epochs=config.epochs, image_size=config.image_size)
    with another_waits():
        yield


@contextmanager
def another_waits() -> Iterator[None]:
    """Let the block add to what waits, new or resumed, unless the visitor has enough there, or on the disk.

    Raises:
        AccessError: they have.
    """
    if access.current().has_all_rights:
        yield
        return
    disk.check()
    workspace.runs_dir()
    with workspace.locked("admission"):
        owners = [seen.owner for seen in at_work() if seen.status.state == "queued"]
        mine = owners.count(access.current().owner)
        limits.check_queue(mine, sum(owner not in ("", TEACHER_ID) for owner in owners))
        yield


def check_job(unfinished: Iterable[tuple[Job, Status]], request: Mapping[str, Any]) -> None:
    """Refuse another job where the visitor has enough of those that are ``unfinished``, or on the disk.

    Each run of a race is held against the same limits as a run that is asked for alone.

    Raises:
        AccessError: they have.
    """
    if access.current().has_all_rights:
        return
    disk.check()
    mine = access.current().owner
    limits.check_jobs(sum(now.is_active and job.owner == mine for job, now in unfinished))
    for arm in request.get("arms", ()):
        config = arm["config"]
        limits.check_settings(epochs=config.get("epochs"), image_size=config.get("image_size"))
