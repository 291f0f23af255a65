"""How much time and memory work beside the server may take, and what tells that it takes more.

Memory is watched as what is resident: TensorFlow maps several times what it uses, so a limit of the address
space would end honest work. A worker limits its own processor time as well, for a server that ends leaves
nobody to watch: the system then ends what never would.
"""

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from cnnlab import machine
from cnnlab.languages import texts
from cnnlab.runs.liveness import ProcessId

CPU_SECONDS = "CNNLAB_CPU_SECONDS"
"""In the environment: the processor time after which the process is ended."""
LARGEST_FILE_BYTES = 8 * 2**30
_GB = 2**30


@dataclass(frozen=True)
class Limits:
    """The most that a process may take: seconds by the clock and of all processors, bytes of memory.

    None where there is no limit. Of memory there is always one: half of the machine's, but 2 GB at least.
    """

    seconds: float | None = None
    cpu_seconds: float | None = None
    memory_bytes: int | None = None

    @property
    def most_memory(self) -> int:
        """The most memory, on this machine."""
        half = max(2 * _GB, machine.memory_bytes() // 2)
        return half if self.memory_bytes is None else min(half, self.memory_bytes)


def excess(pid: int, limits: Limits, seconds: float = 0.0, alone: bool = False) -> str:
    """Say in one sentence what a process takes too much of; else nothing.

    Args:
        pid: of the process; one that is gone takes nothing.
        limits: what it may take.
        seconds: for how long it has worked, by a clock that stands still while the machine sleeps.
        alone: that it has started no others, whose part counts: they are looked for among all processes.
    """
    memory = cpu = 0.0
    with contextlib.suppress(psutil.Error):
        whole = psutil.Process(pid)
        for one in (whole, *([] if alone else whole.children(recursive=True))):
            with contextlib.suppress(psutil.NoSuchProcess), one.oneshot():
                times = one.cpu_times()
                memory += one.memory_info().rss
                cpu += times.user + times.system
    taken = ""
    if limits.seconds is not None and seconds > limits.seconds:
        minutes = limits.seconds / 60
        taken = texts(f"The work took more than {minutes:,.0f} minutes and was ended.")
    elif limits.cpu_seconds is not None and cpu > limits.cpu_seconds:
        minutes = limits.cpu_seconds / 60
        taken = texts(f"The work took more than {minutes:,.0f} minutes of processor time and was ended.")
    elif memory > limits.most_memory:
        size = limits.most_memory / _GB
        taken = texts(f"The work took more than {size:,.1f} GB of memory and was ended.")
    return taken and f"{taken} {texts('Nothing of it is kept.')}"


class Watch:
    """Watches workers, by the time since it has looked at each first."""

    def __init__(self) -> None:
        self._since: dict[ProcessId, float] = {}

    def excess(self, worker: dict[str, Any] | None, most: Limits | None) -> str:
        """Say what a worker, as its status names it, takes too much of; see ``excess``."""
        process = ProcessId.from_dict(worker)
        if most is None or process is None or not process.is_here:
            return ""
        if len(self._since) > 100:
            self._since = {known: began for known, began in self._since.items() if known.is_alive()}
        began = self._since.setdefault(process, time.monotonic())
        return excess(process.pid, most, time.monotonic() - began)


def be_ended_first() -> None:
    """Ask the system to end this process before the server, where memory runs out for all of them."""
    with contextlib.suppress(OSError):  # only Linux knows of this
        Path("/proc/self/oom_score_adj").write_text("500")


def limit_myself() -> None:
    """Limit processor time and the size of files, where the environment asks for it and the system can."""
    seconds = os.environ.get(CPU_SECONDS, "")
    if not seconds.isdecimal():
        return
    try:
        import resource
    except ImportError:  # Windows: the server watches alone
        return
    for kind, most in ((resource.RLIMIT_CPU, int(seconds)), (resource.RLIMIT_FSIZE, LARGEST_FILE_BYTES)):
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(kind, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
