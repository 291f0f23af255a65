"""Every job of a worker ends with a state and one sentence, whatever happened."""

import os
import time
import traceback
from collections.abc import Callable

from cnnlab.runs import Run, Status
from cnnlab.runs.liveness import ProcessId
from cnnlab.training.callbacks.stop import StopRequested, StopWhenAsked
from cnnlab.training.failures import explain
from cnnlab.training.reporter import Reporter
from cnnlab.training.watchdog import stopped


def carry_out(
    run: Run,
    job: Callable[[StopWhenAsked, Reporter], None],
    farewell: Callable[[Status], str],
    looking: Callable[[], None],
) -> None:
    """Do a job in the name of a run and write how it ended; never raises for the run's own fault.

    Args:
        run: the run.
        job: what to do; it is given what to look for a stop with, and what to tell how far it is.
        farewell: the sentence on its end.
        looking: called when the first batch is done, and at the latest at the end: until then a stop that is
            asked for may have to wait for a long compilation, unless somebody else ends the process.
    """
    me = vars(ProcessId.of(os.getpid()))
    begun = run.status().started or time.time()
    reporter = Reporter(run, state="starting", message="Reading the settings.", process=me, started=begun)
    try:
        try:
            job(StopWhenAsked(run, looking, lambda: reporter.update(state="stopping")), reporter)
        finally:
            looking()
    except (StopRequested, KeyboardInterrupt):
        reporter.end("stopped", stopped(run, reporter.status))
    except Exception as error:  # the page shows one sentence, the log keeps the traceback
        traceback.print_exc()
        failure = explain(error)
        reporter.end("failed", f"{failure['message']} {failure['hint']}".strip(), failure)
    else:
        reporter.end("finished", farewell(reporter.status))
