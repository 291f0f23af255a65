"""What waits and works in the two lanes at one moment: what trains, and light work beside it."""

from dataclasses import dataclass

from cnnlab.runs import jobs, status
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import DEVICE, LIGHT
from cnnlab.runs.overview import at_work
from cnnlab.runs.status import Status


@dataclass(frozen=True)
class Seen:
    """A run or another job. ``over``: its worker is gone or it cannot begin, which nobody has written yet."""

    job: Job
    status: Status
    lane: str
    all_devices: bool = False
    over: bool = False

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
    found = [Seen(seen.run, seen.status, DEVICE, seen.devices == "all", seen.orphaned) for seen in at_work()]
    for job, now in jobs.unfinished(0):
        found.append(Seen(job, now, jobs.lane_of(job), over=not now.is_active))
    return sorted(found, key=lambda seen: seen.status.created)


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
