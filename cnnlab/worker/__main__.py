"""The process around one job: it may import TensorFlow first and wait for the job then.

python -m cnnlab.worker            wait for a job on standard input, TensorFlow loaded already
python -m cnnlab.worker FOLDER     do the job in that folder, such as a run
"""

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from cnnlab import machine, worker
from cnnlab.runs.limits import be_ended_first, limit_myself
from cnnlab.worker.admission import admit
from cnnlab.worker.watchdog import Watchdog

NICENESS = 10
"""Workers give way to the server: pages stay quick while a network trains on the same cores."""

Execute = Callable[[Path, int, Callable[[], None]], None]
"""Takes the folder of the job, the number of the GPU, and what to call once it looks for a stop by itself."""


class Order(threading.Thread):
    """Reads which job to do, while TensorFlow is imported: a stop is noticed even then."""

    folder: Path | None = None
    slot = 0
    watchdog: Watchdog

    def __init__(self) -> None:
        super().__init__(name="order", daemon=True)

    def run(self) -> None:
        """Take the job of the first argument, or wait for the one that standard input will name."""
        if len(sys.argv) > 1:
            self._take(Path(sys.argv[1]), 0)
        elif (line := sys.stdin.readline()).strip():  # else the server is gone, nobody needs this worker
            order = json.loads(line)
            self._take(Path(order["folder"]), int(order["slot"]))

    def _take(self, folder: Path, slot: int) -> None:
        admit(folder)
        self.folder, self.slot = folder, slot
        self.watchdog = Watchdog(worker.job_in(folder))


def main(load: Callable[[Callable[[], bool]], Execute]) -> None:
    """Do the job that is ordered.

    ``load`` imports what the work needs, and may warm up while the function it is given says that there is
    no order yet.
    """
    limit_myself()
    be_ended_first()
    machine.keep_to_granted_cores()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    order = Order()
    order.start()
    execute = load(lambda: order.is_alive())
    order.join()
    if order.folder is None:
        return
    with (order.folder / "log.txt").open("ab") as log:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(log.fileno(), stream.fileno())
    execute(order.folder, order.slot, order.watchdog.call_off)


def _load(is_waiting: Callable[[], bool]) -> Execute:
    import cnnlab.training.engine  # noqa: F401 - with TensorFlow, seconds before it is needed

    if is_waiting():
        from cnnlab.worker.warm_up import warm_up

        warm_up()
    return lambda folder, slot, responsive: worker.execute(folder, slot, responsive=responsive)


if __name__ == "__main__":
    main(_load)
