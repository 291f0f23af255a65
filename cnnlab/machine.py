"""What this machine has: GPUs, processor cores and memory, within the limits of a container where it has any.

psutil tells what the machine has; a container (a cgroup of Linux) may get less, which only its own files
tell. No TensorFlow here.
"""

import math
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import psutil

from cnnlab.languages import texts

_GROUPS = Path("/proc/self/cgroup")
_MOUNT = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Device:
    """The device that training uses: ``count`` of them, each with ``memory_mb`` (None when unknown)."""

    kind: str
    name: str
    count: int
    cores: int
    memory_mb: int | None = None

    def __str__(self) -> str:
        if self.kind == "GPU":
            memory = f", {self.memory_mb / 1024:.0f} GB" if self.memory_mb else ""
            return f"{self.count if self.count > 1 else ''} GPU: {self.name}{memory}".strip()
        return texts(f"CPU, {self.cores} cores")


def describe() -> Device:
    """Return this machine's device, as the NVIDIA driver reports it, or the CPU; looked at once a minute."""
    return _described(int(time.monotonic() / 60))


@lru_cache(maxsize=1)
def _described(minute: int) -> Device:
    return device_of(nvidia_gpus())


def device_of(gpus: tuple[tuple[str, int | None], ...]) -> Device:
    """Return the device of GPUs given by name and memory in MB, the CPU where there are none."""
    if gpus:
        return Device("GPU", gpus[0][0], len(gpus), cores(), gpus[0][1])
    return Device("CPU", "CPU", 1, cores())


def cores() -> int:
    """Return how many processor cores this process may use, at least 1; part of a core counts as one."""
    return max(1, math.ceil(min([usable_cores(), *_processors_granted()])))


def keep_to_granted_cores() -> None:
    """Let libraries that are loaded later use as many threads as a container grants, not as there are cores.

    Threads beyond that wait for each other whenever the time granted is used up.
    """
    if (granted := cores()) < usable_cores():
        for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"):
            os.environ.setdefault(name, str(granted))


def usable_cores() -> int:
    """Return on how many cores this process may run, however short a time of each a container grants."""
    process = psutil.Process()
    if hasattr(process, "cpu_affinity"):  # not on macOS
        return len(process.cpu_affinity())
    return psutil.cpu_count() or 1


def memory_bytes() -> int:
    """Return the memory that all processes here may take together."""
    return min([psutil.virtual_memory().total, *(most for most, _ in _memory_granted())])


def free_bytes() -> int:
    """Return the memory that can still be taken before something has to give way."""
    left = (most - used for most, used in _memory_granted())
    return max(0, min([psutil.virtual_memory().available, *left]))


@cache
def nvidia_gpus() -> tuple[tuple[str, int | None], ...]:
    """Return (name, memory in MB) of each GPU that ``nvidia-smi`` lists."""
    command = shutil.which("nvidia-smi")
    if not command:
        return ()
    query = [command, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        listing = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    rows = [line.rsplit(",", 1) for line in listing.splitlines() if "," in line]
    return tuple((name.strip(), int(mb) if mb.strip().isdigit() else None) for name, mb in rows)


def _memory_granted() -> Iterator[tuple[int, int]]:
    """Yield (bytes granted, bytes used) of each group above this process that limits its memory.

    What a group has read from files and can drop at once does not count as used.
    """
    for folder in _folders("", "memory"):
        for most, used, cached in (
            ("memory.max", "memory.current", "inactive_file"),  # version 2
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),  # version 1
        ):
            with suppress(OSError, ValueError):  # "max": no limit
                granted = int((folder / most).read_text())
                taken = int((folder / used).read_text())
                yield granted, taken - _statistic(folder / "memory.stat", cached)


def _processors_granted() -> Iterator[float]:
    """Yield how many processors' time each group above this process is granted, where it is limited."""
    for folder in _folders("", "cpu"):
        with suppress(OSError, ValueError):  # version 2; "max": no limit
            quota, period = (folder / "cpu.max").read_text().split()
            yield int(quota) / int(period)
        with suppress(OSError, ValueError):  # version 1; -1: no limit
            quota, period = ((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
            if int(quota) > 0:
                yield int(quota) / int(period)


def _folders(*controllers: str) -> Iterator[Path]:
    """Yield the folders of the groups of this process and of those above, as far as they can be seen.

    Args:
        controllers: the hierarchies to look at; ``""`` is that of version 2.
    """
    try:
        lines = _GROUPS.read_text().splitlines()
    except OSError:  # another system than Linux
        return
    for line in lines:
        _, names, path = line.split(":", 2)
        for name in {*names.split(",")} & {*controllers}:
            mounts = [_MOUNT / names, _MOUNT / name] if name else [_MOUNT, _MOUNT / "unified"]
            for mount in mounts:
                inside = mount / path.lstrip("/")
                yield from (folder for folder in (inside, *inside.parents) if folder.is_relative_to(mount))


def _statistic(file: Path, name: str) -> int:
    for line in file.read_text().splitlines():
        if line.startswith(f"{name} "):
            return int(line.split()[1])
    return 0
