"""Every job of a worker ends with a state and one sentence, whatever happened."""

import os
import time
import traceback
from collections.abc import Callable

from cnnlab.runs import Run, Status
from cnnlab.runs.liveness import ProcessId
from cnnlab.training.callbacks.stop import StopRequested
from cnnlab.training.failures import explain
from cnnlab.training.reporter import Reporter


def carry_out(run: Run, job: Callable[[Reporter], None], farewell: Callable[[Status], str]) -> None:
    """Do a job in the name of a run and write how it ended; never raises for the run's own fault."""
    me = vars(ProcessId.of(os.getpid()))
    begun = run.status().started or time.time()
    reporter = Reporter(run, state="starting", message="Reading the settings.", process=me, started=begun)
    try:
        job(reporter)
    except (StopRequested, KeyboardInterrupt):
        kept = "its weights are kept" if run.checkpoint("last") else "it had not learned anything yet"
        reporter.end("stopped", f"Stopped in epoch {reporter.status.epoch + 1}; {kept}.")
    except Exception as error:  # the page shows one sentence, the log keeps the traceback
        traceback.print_exc()
        failure = explain(error)
        reporter.end("failed", f"{failure['message']} {failure['hint']}".strip(), failure)
    else:
        reporter.end("finished", farewell(reporter.status))
