"""Is the process that wrote this still there? A pid alone does not tell: the system uses pids again."""

import json
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil


@dataclass(frozen=True)
class ProcessId:
    """A process, named so that it cannot be mistaken: host, pid and start time as a text."""

    host: str
    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "ProcessId":
        """Return the identity of a process of this machine."""
        return cls(platform.node(), pid, _start_time(pid) or "")

    @classmethod
    def from_dict(cls, values: dict[str, Any] | None) -> "ProcessId | None":
        """Rebuild from JSON; anything malformed gives None."""
        try:
            return cls(str(values["host"]), int(values["pid"]), str(values["started"]))  # type: ignore[index]
        except (TypeError, KeyError, ValueError, OverflowError):
            return None

    @classmethod
    def from_json(cls, text: str) -> "ProcessId | None":
        """Rebuild from JSON text; anything malformed gives None."""
        try:
            return cls.from_dict(json.loads(text))
        except (ValueError, RecursionError):
            return None

    @property
    def is_here(self) -> bool:
        """Whether it is another process of this machine, which may be looked into and ended."""
        return self.host == platform.node() and self.pid not in (1, os.getpid())

    def is_alive(self) -> bool | None:
        """Return whether this very process runs, or None when this machine cannot know."""
        if self.host != platform.node():
            return None
        return bool(self.started) and _start_time(self.pid) == self.started


def _start_time(pid: int) -> str | None:
    """Return a process's start time, or None when it is gone (a zombie is gone).

    On Linux it is counted from the start of the machine, which psutil cannot tell to other processes: its
    start times are those of the clock on the wall, and move when that is set.
    """
    try:
        if sys.platform == "linux":
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            return None if fields[0] in "ZX" else f"{fields[19]}@{_boot_id()}"
        process = psutil.Process(pid)
        gone = process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return None if gone else f"{process.create_time():.3f}"
    except (psutil.Error, OSError, ValueError, OverflowError):
        return None


def _boot_id() -> str:
    """Return a text that changes when the machine restarts: start times count from there."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    except OSError:
        return ""
