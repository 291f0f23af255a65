"""Ends this process when it takes more memory than is good for the machine it shares with others."""

import os
import sys
import threading
import time

from cnnlab.runs.limits import Limits, excess

MOST_BYTES = 6 * 2**30
LOOK_SECONDS = 0.2


class Guard(threading.Thread):
    """Looks at the memory of this process a few times a second, by the rule for all work beside a server."""

    def __init__(self, most_bytes: int | None = None):
        super().__init__(name="guard", daemon=True)
        self._limits = Limits(memory_bytes=most_bytes or MOST_BYTES)

    def run(self) -> None:
        """Look until the process ends, or end it."""
        while not (said := excess(os.getpid(), self._limits, alone=True)):
            time.sleep(LOOK_SECONDS)
        print(said, file=sys.stderr, flush=True)
        os._exit(1)
