"""One run: a folder with a name that only the server makes."""

import os
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from cnnlab import access, workspace
from cnnlab.access import limits
from cnnlab.errors import RunError, RunNotFoundError
from cnnlab.languages import texts
from cnnlab.runs import facts, kinds, metrics, notes, status
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import Kind
from cnnlab.runs.metrics import Metrics
from cnnlab.runs.reading import DamagedError
from cnnlab.runs.status import Phase, Status
from cnnlab.settings import ModelFacts, RunConfig
from cnnlab.shelf import Shelf

SHELF = Shelf("runs", in_trash="{name}")
RUN_ID = re.compile(r"[a-z0-9][a-z0-9-]{7,39}")
BIRTH_SECONDS = 10.0
"""A folder that has settings but no status for so long is no run in the making: it is a damaged one."""

Read = TypeVar("Read")


class Run(Job):
    """A training: a job whose folder stays, and whose request are the settings of config.json."""

    @property
    def kind(self) -> Kind:
        """A training."""
        return kinds.TRAIN

    @property
    def request(self) -> dict[str, Any]:
        """The settings, as plain values."""
        return self.config.to_dict()

    @property
    def called(self) -> str:
        """What sentences call it."""
        return texts(f"The run {self.id}")

    @property
    def to_stop(self) -> str:
        """What whoever stops it does."""
        return texts("stop this run")

    @property
    def config(self) -> RunConfig:
        """The settings the run was started with.

        Raises:
            RunError: config.json is missing or damaged.
        """
        return self._read(lambda: facts.settings(self.folder).config)

    @property
    def model_facts(self) -> ModelFacts:
        """What the worker wrote about the model: classes, preprocessing, input shape, split and others.

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
    def owner(self) -> str:
        """Whose the run is, see ``access``; nobody's where its settings cannot be read."""
        try:
            return self._read(lambda: facts.settings(self.folder).owner)
        except RunError:
            return ""

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
        """Replace the text that people noted on the run.

        Raises:
            AccessError: it is not the visitor's.
        """
        access.require(self.owner, "write notes on this run")
        notes.write(self.folder, replace(notes.read(self.folder), text=text))

    def rename(self, name: str) -> None:
        """Call the run something else; an empty name gives it its first one back.

        Raises:
            AccessError: it is not the visitor's.
        """
        access.require(self.owner, "rename this run")
        notes.write(self.folder, replace(notes.read(self.folder), name=name))

    def star(self, starred: bool) -> None:
        """Mark the run with a star, or take the star away.

        Raises:
            AccessError: it is not the visitor's.
        """
        access.require(self.owner, "star this run")
        notes.write(self.folder, replace(notes.read(self.folder), starred=starred))

    def damage_of(self, odd: str) -> str:
        """Say in one sentence what cannot be read of the folder; ``odd`` is what is odd about its status."""
        return damage_in_words(odd or facts.damage(self.folder))

    def lost(self, now: Status, message: str = "") -> Status:
        """Return the status of a run whose worker has gone, with a message if there is more to say."""
        at, epochs = now.epoch + 1, now.epochs or "?"
        said = texts(f"The worker ended without a word in epoch {at} of {epochs}.")
        return now.interrupted(message or said)

    def when_stopped(self, now: Status) -> str:
        """Say in one sentence how far a run came that was stopped."""
        at = now.epoch + 1
        if self.checkpoint("last"):
            return texts(f"Stopped in epoch {at}; its weights are kept.")
        return texts(f"Stopped in epoch {at}; it had not learned anything yet.")

    def ended(self, now: Status) -> Status:
        """Return the status of a run whose worker answered no stop and was ended."""
        known, at = self.checkpoint("last"), now.epoch + 1
        said = texts(
            f"The worker did not answer the stop and was ended in epoch {at}; the weights of the last epoch "
            "are kept."
            if known
            else f"The worker did not answer the stop and was ended in epoch {at}; it had not kept any "
            "weights."
        )
        return now.interrupted(said)

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

    def resume(self, epochs: int | None = None) -> None:
        """Put a run that is over back into the queue, to go on from its last weights.

        Args:
            epochs: the total to reach; by default what the run was started for.

        Raises:
            RunError: it still waits or works, has trained for so many epochs already, or cannot be written.
            AccessError: it is not the visitor's, or more than a student may ask for.
        """
        access.require(self.owner, "resume this run")
        now = self.status()
        if now.is_active:
            raise RunError(f"The run {self.id} is still {now.state}; there is nothing to resume.")
        if said := self.damage:
            raise RunError(said)
        total = epochs or now.epochs or self.config.epochs
        if total <= now.epoch:
            raise RunError(
                f"The run {self.id} has trained for {now.epoch} epochs already; ask for more in total."
            )
        limits.check_settings(epochs=total)
        waiting = replace(
            now, state="queued", message=texts("Waiting to go on."), phase=Phase.NONE, error=None, ended=None
        )
        waiting = replace(waiting, process=None, cluster_job="")  # who worked for it before
        self.requeue(replace(waiting, epochs=total))

    def unwritable(self, error: OSError) -> RunError:
        """Return the error that says that the folder takes no files."""
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
            raise RunError(f"The run {self.id} has no {name}; start a new run.") from error


def damage_in_words(odd: str) -> str:
    """Say what is odd about a run's folder in one sentence; of nothing odd an empty text."""
    return odd and texts(f"This run is damaged: {odd}; delete it, or start it again.")


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
