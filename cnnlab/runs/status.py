"""The state of a run: one small JSON file, replaced as a whole so that no reader sees half of it."""

import json
import os
import time
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from cnnlab.runs.liveness import ProcessId

STATES = ("queued", "starting", "running", "stopping", "stopped", "finished", "failed", "interrupted")
ACTIVE = frozenset({"queued", "starting", "running", "stopping"})
WORKING = ACTIVE - {"queued"}
SILENCE_SECONDS = 30.0
"""A worker of another machine that has not written for this long counts as dead."""


@dataclass(frozen=True)
class Status:
    """What is known of a run at one moment. Times are Unix seconds; ``seconds`` is training time so far."""

    state: str = "queued"
    message: str = ""
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps_per_epoch: int = 0
    images_per_second: float = 0.0
    seconds: float = 0.0
    seconds_left: float | None = None
    best_epoch: int | None = None
    best_val_accuracy: float | None = None
    device: str = ""
    slot: int | None = None
    error: dict[str, Any] | None = None
    process: dict[str, Any] | None = None
    heartbeat: float = 0.0
    created: float = 0.0
    started: float | None = None
    ended: float | None = None

    @property
    def is_active(self) -> bool:
        """Whether the run waits or works."""
        return self.state in ACTIVE

    @property
    def pid(self) -> int | None:
        """The worker's process number, once there is one."""
        process = ProcessId.from_dict(self.process)
        return process.pid if process else None

    @property
    def epochs_since_best(self) -> int | None:
        """Completed epochs after the best one, or None before the first epoch ended."""
        return None if self.best_epoch is None else self.epoch - self.best_epoch

    def is_orphaned(self, now: float | None = None) -> bool:
        """Whether the state says working although the worker is gone."""
        if self.state not in WORKING:
            return False
        process = ProcessId.from_dict(self.process)
        alive = process.is_alive() if process else None
        if alive is None:
            return (now or time.time()) - self.heartbeat > SILENCE_SECONDS
        return not alive

    def interrupted(self) -> "Status":
        """Return this status as a dead worker leaves it."""
        return replace(
            self,
            state="interrupted",
            message=f"The worker ended without a word in epoch {self.epoch + 1} of {self.epochs or '?'}.",
            seconds_left=None,
            ended=self.heartbeat or time.time(),
        )


def read(path: Path) -> Status:
    """Read a status file; a missing or foreign one reads as interrupted, so that nothing waits for it."""
    try:
        values = json.loads(path.read_bytes())
        known = {field.name for field in fields(Status)}
        status = Status(**{k: v for k, v in values.items() if k in known})
    except (OSError, ValueError, TypeError, AttributeError):
        return Status(state="interrupted", message="The status of this run cannot be read.")
    return status if status.state in STATES else replace(status, state="interrupted")


def write(path: Path, status: Status) -> None:
    """Replace the status file atomically; on a full disk write it over the old one, which needs no space."""
    try:
        write_json(path, asdict(status))
    except OSError:
        with path.open("r+") as file:
            file.write(json.dumps(asdict(status)))
            file.truncate()


def write_json(path: Path, value: Any) -> None:
    """Write JSON under a temporary name, then rename it: readers see the old file or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps(value, indent=1))
    temporary.replace(path)
