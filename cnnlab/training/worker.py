"""The process around one run: it may import TensorFlow first and wait for the run then.

python -m cnnlab.training.worker            wait for a run on standard input, TensorFlow loaded already
python -m cnnlab.training.worker FOLDER     train that run
"""

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from cnnlab.runs import Run
from cnnlab.training.watchdog import Watchdog

NICENESS = 10
"""Workers give way to the server: pages stay quick while a network trains on the same cores."""

Work = Callable[[Path, int, Callable[[], None]], None]
"""Takes the folder of the run, the number of the GPU, and what to call once it looks for a stop by itself."""


class Order(threading.Thread):
    """Reads which run to work on, while TensorFlow is imported: a stop is noticed even then."""

    folder: Path | None = None
    slot = 0
    watchdog: Watchdog

    def __init__(self) -> None:
        super().__init__(name="order", daemon=True)

    def run(self) -> None:
        """Take the run of the first argument, or wait for the one that standard input will name."""
        line = json.dumps({"run": sys.argv[1], "slot": 0}) if len(sys.argv) > 1 else sys.stdin.readline()
        if line.strip():  # else the server is gone, nobody needs this worker
            order = json.loads(line)
            self.slot = int(order["slot"])
            self.folder = Path(order["run"])
            self.watchdog = Watchdog(Run(self.folder))


def main(load: Callable[[Callable[[], bool]], Work]) -> None:
    """Do the work of the run that is ordered.

    ``load`` imports what the work needs, and may rehearse while the function it is given says that there is
    no order yet.
    """
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    order = Order()
    order.start()
    work = load(lambda: order.is_alive())
    order.join()
    if order.folder is None:
        return
    with (order.folder / "log.txt").open("ab") as log:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(log.fileno(), stream.fileno())
    work(order.folder, order.slot, order.watchdog.call_off)


def _load(is_waiting: Callable[[], bool]) -> Work:
    from cnnlab.training.engine import execute

    if is_waiting():
        from cnnlab.training.rehearsal import rehearse

        rehearse()
    return lambda folder, slot, looking: execute(folder, slot, looking=looking)


if __name__ == "__main__":
    main(_load)
