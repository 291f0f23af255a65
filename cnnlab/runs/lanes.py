"""What waits and works in the two lanes at one moment: what trains, and light work beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnnlab.access import limits
from cnnlab.access.visitor import TEACHER_ID
from cnnlab.runs import jobs, status, turns
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import DEVICE, LIGHT
from cnnlab.runs.overview import FOLDERS_SECONDS, Overview, at_work, overview
from cnnlab.runs.status import Status


@dataclass(frozen=True)
class Seen:
    """A run or another job, and whose it is; ``over``: its worker is gone or it cannot begin.

    That it is over nobody has written yet.
    """

    job: Job
    status: Status
    lane: str
    all_devices: bool = False
    over: bool = False
    owner: str = ""

    @property
    def waits(self) -> bool:
        """Whether it waits for its turn."""
        return self.status.state == "queued"

    @property
    def works(self) -> bool:
        """Whether it has a worker."""
        return self.status.state in status.WORKING


def look() -> list[Seen]:
    """Return every job that waits or works or has just lost its worker, the oldest first."""
    found = [
        Seen(seen.run, seen.status, DEVICE, seen.devices == "all", seen.orphaned, seen.owner)
        for seen in at_work()
    ]
    for job, now in jobs.unfinished(0):
        found.append(Seen(job, now, jobs.lane_of(job), over=not now.is_active, owner=job.owner))
    return sorted(found, key=lambda seen: seen.status.created)


def queue(everything: Sequence[Seen], lane: str) -> list[Seen]:
    """Return what waits in a lane, in the order in which it begins; see ``turns``."""
    waiting = [seen for seen in everything if seen.waits and seen.lane == lane]
    if len(waiting) < 2:
        return waiting
    served = jobs.served(lane)  # races, too
    began = [
        (seen.owner, seen.status.started or 0.0) for seen in everything if seen.lane == lane and seen.works
    ]
    if lane == DEVICE:
        began += _began(overview(FOLDERS_SECONDS)).items()
    for owner, when in began:
        served[owner] = max(served.get(owner, 0.0), when)
    order = turns.in_turn(waiting, lambda seen: seen.owner, served)
    return turns.moved(order, lambda seen: seen.job.id, turns.moves())


def most_of(owner: str) -> float:
    """Return how many runs of one owner train at a time: of a student the limit, of others any number."""
    return math.inf if owner in ("", TEACHER_ID) else limits.read().running_runs


def has_enough(seen: Seen, everything: Sequence[Seen]) -> bool:
    """Whether as many runs of an owner train as may."""
    at_work = sum(one.works and one.lane == DEVICE and one.owner == seen.owner for one in everything)
    return at_work >= most_of(seen.owner)


def _began(known: tuple[Overview, ...]) -> dict[str, float]:
    """Return when something of each owner began last, of all runs; counted again once they have changed."""
    if not _counted or _counted[0][0] is not known:
        last: dict[str, float] = {}
        for seen in known:
            last[seen.owner] = max(last.get(seen.owner, 0.0), seen.status.started or 0.0)
        _counted[:] = [(known, last)]
    return _counted[0][1]


_counted: list[tuple[tuple[Overview, ...], dict[str, float]]] = []


@dataclass(frozen=True)
class Places:
    """How much may work at a time: ``slots`` on the device, ``light`` jobs beside them."""

    slots: int
    light: int

    def taken(self, everything: list[Seen]) -> list[int | None]:
        """Return the slots of the device that have a worker; None is one outside of ours."""
        taken: list[int | None] = []
        for seen in everything:
            if seen.works and seen.lane == DEVICE:
                taken += range(self.slots) if seen.all_devices else [seen.status.slot]
        return taken

    def free_beside(self, everything: list[Seen]) -> int:
        """Return how many more light jobs may work."""
        return max(0, self.light - sum(seen.works and seen.lane == LIGHT for seen in everything))

    def may_start(self, everything: list[Seen]) -> bool:
        """Whether something waits that may start."""
        waiting = {seen.lane for seen in everything if seen.waits}
        if DEVICE in waiting and len(self.taken(everything)) < self.slots:
            return True
        return LIGHT in waiting and self.free_beside(everything) > 0
