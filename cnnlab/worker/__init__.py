"""The process that does a job: it starts, takes a device, reports, hears a stop, and ends with one sentence.

What is learned, measured or written is told elsewhere; ``work`` names it for each kind of job.
"""

from collections.abc import Callable
from pathlib import Path

from cnnlab.runs import Run
from cnnlab.runs.job import Job

__all__ = ["execute"]


def execute(
    folder: Path,
    slot: int = 0,
    own_process: bool = True,
    responsive: Callable[[], None] = lambda: None,
) -> None:
    """Do the job in this folder to its end, whatever that end is; never raises for the job's own fault.

    Args:
        folder: of a claimed run, or of another claimed job.
        slot: the number of the GPU to use, where there are any.
        own_process: whether seeds and devices of the whole process may be set. A thread of the server may
            not, so its runs do not repeat exactly.
        responsive: called once the work itself looks for a stop often, and at the latest at the end.
    """
    from cnnlab.worker.conclusion import carry_out
    from cnnlab.worker.work import WORK

    job = job_in(folder)
    carry_out(job, lambda context: WORK[job.kind.name](context), slot, own_process, responsive)


def job_in(folder: Path) -> Job:
    """Return the run or the other job in a folder."""
    return Job(folder) if (folder / "job.json").exists() else Run(folder)
