"""One run: a folder with a name that only the server makes."""

import contextlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from cnnlab import workspace
from cnnlab.errors import RunError, RunNotFoundError
from cnnlab.runs import metrics, notes, status
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.metrics import Metrics
from cnnlab.runs.status import Status

RUN_ID = re.compile(r"[a-z0-9][a-z0-9-]{7,39}")


class Run:
    """A handle on a run folder. It holds no state of its own: every call reads the folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __repr__(self) -> str:
        return f"Run({self.id!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and other.folder == self.folder

    def __hash__(self) -> int:
        return hash(self.folder)

    @property
    def id(self) -> str:
        """The run's name, as in the address of its page."""
        return self.folder.name

    @property
    def config(self) -> dict[str, Any]:
        """The settings the run was started with.

        Raises:
            RunError: config.json is missing or damaged.
        """
        return self._json("config.json")["config"]

    @property
    def model_facts(self) -> dict[str, Any]:
        """What the worker wrote about the model: architecture, classes, preprocessing, input_shape, split.

        Raises:
            RunError: the run has not come so far, or the file is damaged.
        """
        return self._json("model.json")

    @property
    def imported(self) -> bool:
        """Whether the run was trained elsewhere and opened here.

        Raises:
            RunError: config.json is missing or damaged.
        """
        return "imported" in self._json("config.json")

    @property
    def title(self) -> str:
        """What people call the run: the name they gave it later, or the one it was started with."""
        config = self.config
        return (
            notes.read(self.folder).name
            or config.get("title")
            or f"{config.get('architecture')} on {Path(config.get('dataset', '')).name}"
        )

    @property
    def starred(self) -> bool:
        """Whether somebody marked the run with a star."""
        return notes.read(self.folder).starred

    def rename(self, name: str) -> None:
        """Call the run something else; an empty name gives it its first one back."""
        notes.write(self.folder, replace(notes.read(self.folder), name=name))

    def star(self, starred: bool) -> None:
        """Mark the run with a star, or take the star away."""
        notes.write(self.folder, replace(notes.read(self.folder), starred=starred))

    def status(self) -> Status:
        """Return the state now: a dead worker reads as interrupted, a stop asked for as stopping."""
        now = status.read(self.folder / "status.json")
        if now.is_orphaned():
            return now.interrupted()
        if now.state in {"starting", "running"} and self.stop_requested():
            return replace(now, state="stopping")
        return now

    def write_status(self, new: Status) -> None:
        """Replace the status; only its creator, supervisor or worker may."""
        status.write(self.folder / "status.json", new)

    def metrics(self) -> Metrics:
        """Return the history so far."""
        return metrics.read(self.folder / "metrics.jsonl")

    def checkpoint(self, which: str = "best") -> Path | None:
        """Return the file of the ``"best"`` or ``"last"`` weights, or None while there is none."""
        path = self.folder / "checkpoints" / f"{which}.keras"
        return path if path.is_file() else None

    def weights(self, which: str = "best") -> Path | None:
        """Return the file to classify with: a run stopped in its first epoch has only its last weights."""
        return self.checkpoint(which) or self.checkpoint("last")

    def log(self) -> str:
        """Return the end of what the worker printed."""
        try:
            return (self.folder / "log.txt").read_text(errors="replace")[-20_000:]
        except OSError:
            return ""

    def stop_requested(self) -> bool:
        """Whether somebody asked this run to stop."""
        return (self.folder / "control" / "stop").exists()

    def request_stop(self) -> None:
        """Ask the run to stop: a waiting one ends at once, a working one after the batch in hand.

        Raises:
            RunError: the run is over.
        """
        now = self.status()
        if not now.is_active:
            raise RunError(f"The run {self.id} is already {now.state}; there is nothing to stop.")
        (self.folder / "control" / "stop").touch()
        if now.state == "queued" and self.claim():
            self.write_status(
                replace(now, state="stopped", message="Stopped before it began.", ended=time.time())
            )

    def resume(self, epochs: int | None = None) -> None:
        """Put a run that is over back into the queue, to go on from its last weights.

        Args:
            epochs: the total to reach; by default what the run was started for.

        Raises:
            RunError: it still waits or works, or it has trained for so many epochs already.
        """
        now = self.status()
        if now.is_active:
            raise RunError(f"The run {self.id} is still {now.state}; there is nothing to resume.")
        total = epochs or now.epochs or int(self.config["epochs"])
        if total <= now.epoch:
            raise RunError(
                f"The run {self.id} has trained for {now.epoch} epochs already; ask for more in total."
            )
        for wish in ("stop", "claim"):
            (self.folder / "control" / wish).unlink(missing_ok=True)
        self.write_status(
            replace(now, state="queued", message="Waiting to go on.", epochs=total, error=None, ended=None)
        )

    def claim(self) -> bool:
        """Take a queued run for this process; of any number of callers exactly one gets True."""
        try:
            with (self.folder / "control" / "claim").open("x") as file:
                json.dump(vars(ProcessId.of(os.getpid())), file)
        except FileExistsError:
            return False
        return True

    def release(self) -> None:
        """Give a claimed run back to the queue."""
        (self.folder / "control" / "claim").unlink(missing_ok=True)

    def release_if_abandoned(self) -> None:
        """Give a queued run back when whoever claimed it died before starting it."""
        path = self.folder / "control" / "claim"
        try:
            text, age = path.read_text(), time.time() - path.stat().st_mtime
        except OSError:
            return
        claimer = ProcessId.from_json(text)
        alive = claimer.is_alive() if claimer else None
        if alive is False or (alive is None and age > status.SILENCE_SECONDS):
            path.unlink(missing_ok=True)

    def _json(self, name: str) -> dict[str, Any]:
        try:
            return json.loads((self.folder / name).read_bytes())
        except (OSError, ValueError) as error:
            raise RunError(f"{name} of the run {self.id} is missing or damaged; start a new run.") from error


def get(run_id: str) -> Run:
    """Return the run with this id.

    Raises:
        RunNotFoundError: there is none, or the text cannot be an id.
    """
    if isinstance(run_id, str) and RUN_ID.fullmatch(run_id):
        folder = workspace.runs_dir() / run_id
        if (folder / "status.json").is_file():
            return Run(folder)
    raise RunNotFoundError("There is no run with this id; choose one from the list of runs.")


def list_runs() -> list[Run]:
    """Return all runs, the newest first."""
    born = {}
    for run in every():
        with contextlib.suppress(OSError):  # deleted while we look
            born[run] = (run.folder / "config.json").stat().st_mtime_ns
    return sorted(born, key=born.__getitem__, reverse=True)


def every() -> Iterator[Run]:
    """Yield all runs in no order; folders that are not runs are left out."""
    for folder in workspace.runs_dir().iterdir():
        if RUN_ID.fullmatch(folder.name) and (folder / "status.json").is_file():
            yield Run(folder)
