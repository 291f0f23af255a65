"""The process around one run: it may import TensorFlow first and wait for the run then.

python -m cnnlab.training.worker            wait for a run on standard input, TensorFlow loaded already
python -m cnnlab.training.worker FOLDER     train that run
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from cnnlab.training.engine import execute
from cnnlab.training.rehearsal import rehearse

NICENESS = 10
"""Workers give way to the server: pages stay quick while a network trains on the same cores."""


def main(work: Callable[[Path, int], None] = execute, rehearsing: bool = True) -> None:
    """Do the work of the run named by the first argument, or of the one that standard input will name."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    if len(sys.argv) > 1:
        order = {"run": sys.argv[1], "slot": 0}
    else:
        if rehearsing:
            rehearse()
        line = sys.stdin.readline()
        if not line.strip():
            return  # the server is gone, nobody needs this worker
        order = json.loads(line)
    folder = Path(order["run"])
    with (folder / "log.txt").open("ab") as log:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(log.fileno(), stream.fileno())
    work(folder, int(order["slot"]))


if __name__ == "__main__":
    main()
