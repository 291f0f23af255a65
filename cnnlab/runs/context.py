"""What the work of a job is given: its folder, how to say how far it is, and how to hear of a stop.

Standard library only, like all of ``runs``: what learns reports to this object and knows nothing of the
process around it. ``worker.reporter`` has the one that writes the status file.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from cnnlab.runs.job import Job


class StopRequested(Exception):  # noqa: N818 - a wish, not an error
    """Somebody asked the job to stop; not an error."""


class Context:
    """Handed down from the worker to whatever works for a job.

    Args:
        job: what is worked on.
        slot: the number of the GPU to use, where there are any.
        own_process: whether the process is the job's own, so that all its devices may be used.
        responsive: called once the work itself looks for a stop often; until then somebody else may have to
            end the process, for nothing is lost yet.
        turn_over: called after each epoch; it returns when the next one may begin, at once for a run alone.
    """

    def __init__(
        self,
        job: Job,
        slot: int = 0,
        own_process: bool = True,
        responsive: Callable[[], None] = lambda: None,
        turn_over: Callable[[], None] = lambda: None,
    ):
        self.job, self.slot, self.own_process = job, slot, own_process
        self.responsive = responsive
        self._turn_over = turn_over
        self.status = job.status()

    def update(self, **changes: Any) -> None:
        """Change fields of the status."""
        self.status = replace(self.status, **changes)

    def check(self, *_: object) -> None:
        """Raise if somebody asked for a stop; who waits for it sees that it was heard.

        Raises:
            StopRequested: somebody did.
        """
        if self.job.stop_requested():
            self.update(state="stopping")
            raise StopRequested

    def wait_for_turn(self) -> float:
        """Let others have the device after an epoch; return how many seconds they had it."""
        began = time.perf_counter()
        self._turn_over()
        return time.perf_counter() - began

    def watching_memory(self, model: Any, batch_size: int) -> AbstractContextManager[object]:
        """Let the block train a model: whoever runs the job may say what memory was wanted in vain."""
        return nullcontext()
