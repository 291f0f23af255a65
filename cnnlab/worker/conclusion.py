"""Every job of a worker ends with a state and one sentence, whatever happened."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnlab.languages import texts
from cnnlab.runs.context import Context, StopRequested
from cnnlab.runs.job import Job
from cnnlab.shelf import write_json
from cnnlab.worker.failures import explain
from cnnlab.worker.reporter import Reporter


@dataclass(frozen=True)
class Done:
    """How a job ended well: a sentence for people, and what it answers, if anything, as plain values."""

    message: str = texts("Done.")
    outcome: dict[str, Any] | None = None


def carry_out(
    job: Job,
    work: Callable[[Context], Done],
    slot: int = 0,
    own_process: bool = True,
    responsive: Callable[[], None] = lambda: None,
    turn_over: Callable[[], None] = lambda: None,
) -> None:
    """Do a job and write how it ended; never raises for the job's own fault.

    Args:
        job: the job.
        work: what to do; it is given what to look for a stop with, and what to tell how far it is.
        slot: see ``worker.execute``, as for the others.
        own_process: whether seeds and devices of the whole process may be set.
        responsive: called when the first batch is done, and at the latest at the end: until then a stop that
            is asked for may have to wait for a long compilation, unless somebody else ends the process.
        turn_over: called after each epoch of a training, which goes on when it returns.
    """
    reporter = Reporter(job, slot, own_process, responsive, turn_over)
    try:
        try:
            reporter.check()
            done = work(reporter)
            if done.outcome is not None:
                write_json(job.folder / "outcome.json", done.outcome)
        finally:
            responsive()
    except (StopRequested, KeyboardInterrupt):
        reporter.end("stopped", job.when_stopped(reporter.status))
    except Exception as error:  # the page shows one sentence, the log keeps the traceback
        traceback.print_exc()
        failure = explain(error, job.kind)
        reporter.end("failed", f"{failure['message']} {failure['hint']}".strip(), failure)
    else:
        reporter.end("finished", done.message)
