"""The state of a job, such as a run: a small JSON file, replaced as a whole so that no reader sees half."""

import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from cnnlab import strict_json
from cnnlab.languages import texts
from cnnlab.runs import reading
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.reading import LATEST, DamagedError, is_number, is_text, is_whole
from cnnlab.shelf import write_json

STATES = ("queued", "starting", "running", "stopping", "stopped", "finished", "failed", "interrupted")
ACTIVE = frozenset({"queued", "starting", "running", "stopping"})
WORKING = ACTIVE - {"queued"}
SILENCE_SECONDS = 30.0
"""A worker of another machine that has not written for this long counts as dead; of one here it is said."""

written: set[Path] = set()
"""Folders of runs whose status this process has written since ``overview`` looked last."""


class Phase(StrEnum):
    """What a worker is doing, for programs; the ``message`` beside it says the same to people."""

    NONE = ""
    LOADING = "loading"
    BUILDING = "building"
    COMPUTING_FEATURES = "computing_features"
    COMPILING = "compiling"
    TRAINING = "training"
    VALIDATING = "validating"
    EVALUATING = "evaluating"
    EXPORTING = "exporting"
    IMPORTING = "importing"
    PROJECTING = "projecting"


@dataclass(frozen=True)
class Status:
    """What is known of a job at one moment. Times are Unix seconds; ``seconds`` is training time so far.

    ``phase`` is one of ``Phase``, or a word of a later version; empty where none is told. ``progress`` is how
    much is done, 0 to 1, of work that has no steps. ``cluster_job`` names the job of a cluster that does it,
    empty on this machine; see ``handed_over``.
    """

    state: str = "queued"
    message: str = ""
    phase: str = Phase.NONE
    progress: float = 0.0
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
    cluster_job: str = ""
    heartbeat: float = 0.0
    created: float = 0.0
    started: float | None = None
    ended: float | None = None

    @property
    def is_active(self) -> bool:
        """Whether the job waits or works."""
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

    @property
    def waits_for_cluster(self) -> bool:
        """Whether it is handed over to a cluster on which no worker has begun yet."""
        return self.state in WORKING and bool(self.cluster_job) and self.process is None

    def silence(self, now: float | None = None) -> float:
        """Return for how many seconds the worker has not written; 0 where none should."""
        if self.state not in WORKING or not self.heartbeat or self.waits_for_cluster:
            return 0.0
        return max(0.0, (now or time.time()) - self.heartbeat)

    def is_orphaned(self, now: float | None = None, confirmed: float = 0.0) -> bool:
        """Whether the state says working although the worker is gone.

        Args:
            now: Unix seconds.
            confirmed: when a cluster last confirmed a worker of another machine.
        """
        if self.state not in WORKING:
            return False
        process = ProcessId.from_dict(self.process)
        alive = process.is_alive() if process else None
        if alive is None:
            return (now or time.time()) - max(self.heartbeat, confirmed) > SILENCE_SECONDS
        return not alive

    def interrupted(self, message: str) -> "Status":
        """Return this status as a dead worker leaves it."""
        return replace(
            self,
            state="interrupted",
            message=message,
            phase=Phase.NONE,
            seconds_left=None,
            ended=self.heartbeat or time.time(),
        )


def _is_simple(value: Any) -> bool:
    return value is None or isinstance(value, bool) or is_text(value) or is_number(value)


def _is_process(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and is_whole(value.get("pid"), 1, 2**31)
        and is_text(value.get("host"), 300)
        and is_text(value.get("started"), 300)
    )


def _is_error(value: Any) -> bool:
    return isinstance(value, dict) and all(
        is_text(name, 100) and _is_simple(said) for name, said in value.items()
    )


def _or_none(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def _is_time(value: Any) -> bool:
    return is_number(value, 0, LATEST)


def _is_amount(value: Any) -> bool:
    return is_number(value, 0)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "state": lambda value: is_text(value) and value in STATES,
    **dict.fromkeys(("message", "device"), is_text),
    "cluster_job": lambda value: is_text(value, 300),
    "phase": lambda value: is_text(value, 100),
    **dict.fromkeys(("epoch", "epochs", "step", "steps_per_epoch"), is_whole),
    **dict.fromkeys(("images_per_second", "seconds"), _is_amount),
    "seconds_left": _or_none(_is_amount),
    "best_epoch": _or_none(is_whole),
    "progress": lambda value: is_number(value, 0, 1),
    "best_val_accuracy": _or_none(lambda value: is_number(value, 0, 1)),
    "slot": _or_none(lambda value: is_whole(value, 0, 1023)),
    "error": _or_none(_is_error),
    "process": _or_none(_is_process),
    **dict.fromkeys(("heartbeat", "created"), _is_time),
    **dict.fromkeys(("started", "ended"), _or_none(_is_time)),
}
"""What each field of a status may hold; one that is not here, a simple value."""


def checked(path: Path) -> tuple[Status, str]:
    """Read a status file field by field.

    Returns:
        The status, in which a field that cannot be read is as at the start; and what is odd about the file,
        such as ``status.json has no usable created``, or an empty text. A file that cannot be read at all
        reads as interrupted, so that nothing waits for it.
    """
    try:
        values = reading.document(path)
    except (DamagedError, FileNotFoundError) as error:
        odd = str(error) if isinstance(error, DamagedError) else texts(f"{path.name} is missing")
        return Status(state="interrupted", message=texts("The status of this run cannot be read.")), odd
    known = [field.name for field in fields(Status) if field.name in values]
    odd_ones = [name for name in known if not _CHECKS.get(name, _is_simple)(values[name])]
    if "state" not in values:
        odd_ones.append("state")
    usable = {name: values[name] for name in known if name not in odd_ones}
    now = Status(**{"state": "interrupted"} | usable)
    return now, texts(f"{path.name} has no usable {odd_ones[0]}") if odd_ones else ""


def read(path: Path) -> Status:
    """Read a status file; what of it cannot be read is as at the start, see ``checked``."""
    return checked(path)[0]


def write(path: Path, status: Status) -> None:
    """Replace the status file atomically; on a full disk write it over the old one, which needs no space.

    A number that is not finite, which JSON has no word for, is written as at the start.
    """
    first = asdict(Status())
    values = {
        name: first[name] if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in asdict(status).items()
    }
    try:
        write_json(path, values)
    except OSError:
        with path.open("r+") as file:
            file.write(strict_json.dumps(values))
            file.truncate()
        os.utime(path.parent)  # as a replacement would: who looks at folders sees that something is new
    finally:
        written.add(path.parent)
