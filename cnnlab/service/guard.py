"""Ends a process that takes more memory than is good for the machine it shares with others."""

import os
import sys
import threading
import time

import psutil

SHARE = 0.5
"""Of the machine's memory."""
MOST_BYTES = 6 * 2**30
LOOK_SECONDS = 0.2


class Guard(threading.Thread):
    """Looks at the memory of this process a few times a second."""

    def __init__(self, most_bytes: int | None = None):
        super().__init__(name="guard", daemon=True)
        self._most = most_bytes or min(MOST_BYTES, int(SHARE * psutil.virtual_memory().total))

    def run(self) -> None:
        """Look until the process ends, or end it."""
        process = psutil.Process()
        while process.memory_info().rss <= self._most:
            time.sleep(LOOK_SECONDS)
        print(f"More than {self._most:,} bytes of memory: the process ends.", file=sys.stderr, flush=True)
        os._exit(1)
