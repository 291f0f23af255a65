"""One run: a folder with a name that only the server makes."""

import os
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from cnnlab import strict_json, workspace
from cnnlab.errors import RunError, RunNotFoundError
from cnnlab.runs import facts, metrics, notes, reading, status
from cnnlab.runs.facts import Document
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.metrics import Metrics
from cnnlab.runs.reading import DamagedError
from cnnlab.runs.status import Status
from cnnlab.shelf import Shelf

SHELF = Shelf("runs", in_trash="{name}")
RUN_ID = re.compile(r"[a-z0-9][a-z0-9-]{7,39}")
BIRTH_SECONDS = 10.0
"""A folder that has settings but no status for so long is no run in the making: it is a damaged one."""
_LOG_BYTES = 20_000

Read = TypeVar("Read")


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
    def config(self) -> Document:
        """The settings the run was started with; a setting that is missing and asked for raises as well.

        Raises:
            RunError: config.json is missing or damaged.
        """
        return self._read(lambda: facts.settings(self.folder).settings)

    @property
    def model_facts(self) -> Document:
        """What the worker wrote about the model: architecture, classes, preprocessing, input_shape, split.

        Raises:
            RunError: the run has not come so far, or the file is damaged; a fact is asked for that it lacks.
        """
        return self._read(lambda: facts.model(self.folder))

    @property
    def imported(self) -> bool:
        """Whether the run was trained elsewhere and opened here.

        Raises:
            RunError: config.json is missing or damaged.
        """
        return self._read(lambda: facts.settings(self.folder).imported)

    @property
    def title(self) -> str:
        """What people call the run: the name they gave it later, or the one it was started with.

        Of a run whose settings cannot be read it is the id.
        """
        try:
            return notes.read(self.folder).name or facts.title(self.config)
        except RunError:
            return self.id

    @property
    def damage(self) -> str:
        """What of the folder cannot be read, in one sentence; empty where all is well.

        A damaged run is never started. What can be read of it stays readable.
        """
        odd = status.checked(self.folder / "status.json")[1] or facts.damage(self.folder)
        return damage_in_words(odd)

    @property
    def starred(self) -> bool:
        """Whether somebody marked the run with a star."""
        return notes.read(self.folder).starred

    @property
    def notes(self) -> str:
        """The text that people noted on the run; empty where there is none."""
        return notes.read(self.folder).text

    def note(self, text: str) -> None:
        """Replace the text that people noted on the run."""
        notes.write(self.folder, replace(notes.read(self.folder), text=text))

    def rename(self, name: str) -> None:
        """Call the run something else; an empty name gives it its first one back."""
        notes.write(self.folder, replace(notes.read(self.folder), name=name))

    def star(self, starred: bool) -> None:
        """Mark the run with a star, or take the star away."""
        notes.write(self.folder, replace(notes.read(self.folder), starred=starred))

    def status(self) -> Status:
        """Return the state now: a dead worker reads as interrupted, a stop asked for as stopping.

        A damaged run that waits reads as failed: nobody may start it.
        """
        return self.judged(*status.checked(self.folder / "status.json"))

    def judged(self, now: Status, odd: str) -> Status:
        """Return a status that was read from the file as it is to be understood; ``odd``: see ``checked``."""
        if now.state == "queued" and (said := damage_in_words(odd or facts.damage(self.folder))):
            return replace(now, state="failed", message=said)
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
            with reading.opened(self.folder / "log.txt") as file:
                file.seek(max(0, file.seek(0, 2) - _LOG_BYTES))
                return file.read(_LOG_BYTES).decode(errors="replace")
        except (OSError, DamagedError):
            return ""

    def stop_requested(self) -> bool:
        """Whether somebody asked this run to stop."""
        return os.path.exists(self.folder / "control" / "stop")  # noqa: PTH110 - no error, whatever is there

    def request_stop(self) -> None:
        """Ask the run to stop: a waiting one ends at once, a working one after the batch in hand.

        Raises:
            RunError: the run is over, or its folder cannot be written.
        """
        now = self.status()
        if not now.is_active:
            raise RunError(f"The run {self.id} is already {now.state}; there is nothing to stop.")
        try:
            (self.folder / "control").mkdir(exist_ok=True)
            (self.folder / "control" / "stop").touch()
            if now.state == "queued" and self.claim():
                message, ended = "Stopped before it began.", time.time()
                self.write_status(replace(now, state="stopped", message=message, ended=ended))
        except OSError as error:
            raise self._unwritable(error) from error

    def resume(self, epochs: int | None = None) -> None:
        """Put a run that is over back into the queue, to go on from its last weights.

        Args:
            epochs: the total to reach; by default what the run was started for.

        Raises:
            RunError: it still waits or works, has trained for so many epochs already, or cannot be written.
        """
        now = self.status()
        if now.is_active:
            raise RunError(f"The run {self.id} is still {now.state}; there is nothing to resume.")
        if said := self.damage:
            raise RunError(said)
        total = epochs or now.epochs or int(self.config["epochs"])
        if total <= now.epoch:
            raise RunError(
                f"The run {self.id} has trained for {now.epoch} epochs already; ask for more in total."
            )
        waiting = replace(now, state="queued", message="Waiting to go on.", error=None, ended=None)
        try:
            (self.folder / "control").mkdir(exist_ok=True)
            for wish in ("stop", "claim"):
                (self.folder / "control" / wish).unlink(missing_ok=True)
            self.write_status(replace(waiting, epochs=total))
        except OSError as error:
            raise self._unwritable(error) from error

    def claim(self) -> bool:
        """Take a queued run for this process; of any number of callers exactly one gets True."""
        try:
            with (self.folder / "control" / "claim").open("x") as file:
                file.write(strict_json.dumps(vars(ProcessId.of(os.getpid()))))
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
            age = time.time() - path.stat().st_mtime
            claimer = ProcessId.from_json(reading.data(path, 10_000).decode())
        except OSError:
            return
        except ValueError:
            claimer = None
        alive = claimer.is_alive() if claimer else None
        if alive is False or (alive is None and age > status.SILENCE_SECONDS):
            path.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> RunError:
        return RunError(
            f"The folder of the run {self.id} cannot be written ({error.strerror}); free some space."
        )

    def _read(self, read: Callable[[], Read]) -> Read:
        try:
            return read()
        except DamagedError as error:
            raise RunError(damage_in_words(str(error))) from error
        except FileNotFoundError as error:
            name = Path(error.filename).name
            raise RunError(f"{name} of the run {self.id} is missing; start a new run.") from error


def damage_in_words(odd: str) -> str:
    """Say what is odd about a run's folder in one sentence; of nothing odd an empty text."""
    return odd and f"This run is damaged: {odd}; delete it, or start it again."


def is_run(folder: Path) -> bool:
    """Whether a folder is that of a run, damaged or not; one that is just being made is none yet."""
    if os.path.lexists(folder / "status.json"):
        return True
    try:
        return time.time() - (folder / "config.json").lstat().st_mtime > BIRTH_SECONDS
    except OSError:
        return False


def get(run_id: str) -> Run:
    """Return the run with this id.

    Raises:
        RunNotFoundError: there is none, or the text cannot be an id.
    """
    if isinstance(run_id, str) and RUN_ID.fullmatch(run_id):
        folder = workspace.runs_dir() / run_id
        if is_run(folder):
            return Run(folder)
    raise RunNotFoundError("There is no run with this id; choose one from the list of runs.")
