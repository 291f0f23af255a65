"""How much time and memory a command beside the server may take, and a thread that ends what takes more.

Memory is watched as what is resident: TensorFlow maps several times what it uses, so a limit of the address
space would end honest work. The child limits its own processor time as well (``cnnlab.runs.limits``), for the
case that this server ends before it does.
"""

import contextlib
import subprocess
import threading
import time
from dataclasses import dataclass

import psutil

LOOK_SECONDS = 0.25
_GB = 2**30


@dataclass(frozen=True)
class Limits:
    """The most that a command may take: seconds by the clock and of all processors, bytes of memory."""

    seconds: float
    cpu_seconds: float
    memory_bytes: int


def of(verb: str) -> Limits:
    """Return the limits of a command: what its largest honest work needs several times over.

    Opening a VGG-16 with its optimizer takes 20 s and 3 GB; an evaluation may ask about 50,000 pictures.
    """
    memory = max(2 * _GB, psutil.virtual_memory().total // 2)
    if verb == "open":
        return Limits(300, 600, min(memory, 6 * _GB))
    return Limits(3600, 4 * 3600, memory)


class Watch(threading.Thread):
    """Watches a process until it ends or takes too much; then ``reason`` says in one sentence what."""

    def __init__(self, process: subprocess.Popen[str], limits: Limits):
        super().__init__(name=f"limits of {process.pid}", daemon=True)
        self._process, self._limits = process, limits
        self._over = threading.Event()
        self._began = time.monotonic()
        self.reason = ""

    def run(self) -> None:
        """Look until the process is over; a process that cannot be looked at is over."""
        with contextlib.suppress(psutil.Error):
            whole = psutil.Process(self._process.pid)
            while not self.reason and not self._over.wait(LOOK_SECONDS) and self._process.poll() is None:
                self.reason = self._excess(whole)
        if self.reason:
            end(self._process)

    def call_off(self) -> None:
        """The process has ended."""
        self._over.set()

    def _excess(self, whole: psutil.Process) -> str:
        limits, everybody = self._limits, [whole, *whole.children(recursive=True)]
        memory = cpu = 0.0
        for one in everybody:
            with contextlib.suppress(psutil.NoSuchProcess), one.oneshot():
                times = one.cpu_times()
                memory += one.memory_info().rss
                cpu += times.user + times.system
        taken = ""
        if time.monotonic() - self._began > limits.seconds:
            taken = f"{limits.seconds / 60:,.0f} minutes"
        elif cpu > limits.cpu_seconds:
            taken = f"{limits.cpu_seconds / 60:,.0f} minutes of processor time"
        elif memory > limits.memory_bytes:
            taken = f"{limits.memory_bytes / _GB:,.1f} GB of memory"
        return taken and f"The work took more than {taken} and was ended."


def end(process: subprocess.Popen[str]) -> None:
    """End a process and what it has started, at once, whatever it is doing."""
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                child.kill()
    with contextlib.suppress(OSError):
        process.kill()
