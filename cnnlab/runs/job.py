"""One piece of work that takes long: a folder that whoever asks, whoever works and whoever watches share.

job.json       what kind of work it is, and what was asked for; a run has its config.json instead
status.json    state, phase, progress, message, pid, heartbeat, error; replaced atomically
control/       files that ask for something: stop (please end), claim (who starts it), wanted (somebody
               waits for it)
outcome.json   what it answered, once it has ended well
log.txt        what the worker printed
"""

import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from cnnlab import access, strict_json
from cnnlab.errors import RunError
from cnnlab.languages import texts
from cnnlab.runs import handed_over, reading, status
from cnnlab.runs.kinds import KINDS, Kind
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.reading import DamagedError
from cnnlab.runs.status import Phase, Status

_LOG_BYTES = 20_000
_WORDS_BYTES = 1_000
OUTCOME_BYTES = 10**6


class Job:
    """A handle on the folder of a job. It holds no state of its own: every call reads the folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and other.folder == self.folder

    def __hash__(self) -> int:
        return hash(self.folder)

    @property
    def id(self) -> str:
        """The job's name: that of its folder."""
        return self.folder.name

    @property
    def kind(self) -> Kind:
        """What kind of work it is.

        Raises:
            RunError: job.json is missing or damaged.
        """
        return KINDS[self._document()["kind"]]

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain values.

        Raises:
            RunError: job.json is missing or damaged.
        """
        asked: dict[str, Any] = self._document()["request"]
        return asked

    @property
    def owner(self) -> str:
        """Who asked for it, see ``access``; nobody where that cannot be read."""
        with suppress(RunError):
            return access.owner_in(self._document())
        return ""

    @property
    def called(self) -> str:
        """What sentences call it."""
        return texts("The work")

    @property
    def to_stop(self) -> str:
        """What whoever stops it does, in the words of ``access.require``."""
        return texts("stop this work")

    def status(self) -> Status:
        """Return the state now: a dead worker reads as interrupted, a stop asked for as stopping."""
        return self.judged(*status.checked(self.folder / "status.json"))

    def judged(self, now: Status, odd: str) -> Status:
        """Return a status that was read from the file as it is to be understood; ``odd``: see ``checked``.

        A job that waits and cannot be read, as ``damage`` tells, reads as failed: nobody may start it.
        """
        if now.state == "queued" and (said := self.damage_of(odd)):
            return replace(now, state="failed", message=said)
        asked = now.cluster_job and now.state in status.WORKING
        if now.is_orphaned(confirmed=handed_over.confirmed(self.folder) if asked else 0.0):
            return self.lost(now)
        if now.state in {"starting", "running"} and self.stop_requested():
            return replace(now, state="stopping")
        return now

    def damage_of(self, odd: str) -> str:
        """Say in one sentence what cannot be read of the folder; ``odd`` is what is odd about its status."""
        with suppress(RunError):
            self._document()
            return ""
        return texts("This work cannot be read; ask for it again.")

    def lost(self, now: Status, message: str = "") -> Status:
        """Return the status of a job whose worker has gone, with a message if there is more to say."""
        return now.interrupted(message or texts("The work ended without a word; try again."))

    def when_stopped(self, now: Status) -> str:
        """Say in one sentence how a job ended that was stopped."""
        return self.stop_reason() or texts("Stopped.")

    def stopped(self, now: Status) -> Status:
        """Return the status of a job that was stopped."""
        over = replace(now, state="stopped", message=self.when_stopped(now), phase=Phase.NONE)
        return replace(over, seconds_left=None, ended=time.time())

    def ended(self, now: Status) -> Status:
        """Return the status of a job whose worker answered no stop and was ended."""
        return self.stopped(now)

    def write_status(self, new: Status) -> None:
        """Replace the status; only its creator, supervisor or worker may."""
        status.write(self.folder / "status.json", new)

    def outcome(self) -> dict[str, Any]:
        """Return what a job answered that has ended well; empty where that is nothing, or cannot be read."""
        try:
            return reading.document(self.folder / "outcome.json", OUTCOME_BYTES)
        except (OSError, DamagedError):
            return {}

    def log(self) -> str:
        """Return the end of what the worker printed."""
        try:
            with reading.opened(self.folder / "log.txt") as file:
                file.seek(max(0, file.seek(0, 2) - _LOG_BYTES))
                return file.read(_LOG_BYTES).decode(errors="replace")
        except (OSError, DamagedError):
            return ""

    def stop_requested(self) -> bool:
        """Whether somebody asked this job to stop."""
        return os.path.exists(self.folder / "control" / "stop")  # noqa: PTH110 - no error, whatever is there

    def stop_reason(self) -> str:
        """Return why somebody asked it to stop, in one sentence; empty where nobody said."""
        try:
            return reading.data(self.folder / "control" / "stop", _WORDS_BYTES).decode(errors="replace")
        except (OSError, DamagedError):
            return ""

    def request_stop(self, why: str = "") -> None:
        """Ask the job to stop: a waiting one ends at once, a working one as soon as it can.

        Args:
            why: a sentence for those who wait for it.

        Raises:
            RunError: it is over, or its folder cannot be written.
            AccessError: it is not the visitor's.
        """
        access.require(self.owner, self.to_stop)
        now = self.status()
        if not now.is_active:
            raise RunError(f"{self.called} is already {now.state}; there is nothing to stop.")
        try:
            (self.folder / "control").mkdir(exist_ok=True)
            (self.folder / "control" / "stop").write_text(why, "utf-8")
            if now.state == "queued" and self.claim():
                message = why or texts("Stopped before it began.")
                self.write_status(replace(now, state="stopped", message=message, ended=time.time()))
        except OSError as error:
            raise self.unwritable(error) from error

    def claim(self) -> bool:
        """Take a queued job for this process; of any number of callers exactly one gets True."""
        try:
            with (self.folder / "control" / "claim").open("x") as file:
                file.write(strict_json.dumps(vars(ProcessId.of(os.getpid()))))
        except FileExistsError:
            return False
        return True

    def release(self) -> None:
        """Give a claimed job back to the queue."""
        (self.folder / "control" / "claim").unlink(missing_ok=True)

    def release_if_abandoned(self) -> None:
        """Give a queued job back when whoever claimed it died before starting it."""
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

    def requeue(self, waiting: Status) -> None:
        """Put a job that is over back into the queue with this status, whatever was asked of it before.

        Raises:
            RunError: its folder cannot be written.
        """
        try:
            (self.folder / "control").mkdir(exist_ok=True)
            for wish in ("stop", "claim"):
                (self.folder / "control" / wish).unlink(missing_ok=True)
            self.write_status(waiting)
        except OSError as error:
            raise self.unwritable(error) from error

    def still_wanted(self) -> None:
        """Note that somebody waits for this job; see ``Kind.forgotten_seconds``."""
        with suppress(OSError):
            (self.folder / "control" / "wanted").touch()

    def is_forgotten(self) -> bool:
        """Whether nobody has waited for this job for so long that it need not begin."""
        if (most := self.kind.forgotten_seconds) is None:
            return False
        try:
            return time.time() - (self.folder / "control" / "wanted").stat().st_mtime > most
        except OSError:
            return True

    def unwritable(self, error: OSError) -> RunError:
        """Return the error that says that the folder takes no files."""
        return RunError(f"The folder {self.folder} cannot be written ({error.strerror}); free some space.")

    def _document(self) -> dict[str, Any]:
        try:
            known = reading.document(self.folder / "job.json")
        except (OSError, DamagedError) as error:
            raise RunError("This work cannot be read; ask for it again.") from error
        kind = known.get("kind")
        if not (isinstance(kind, str) and kind in KINDS and isinstance(known.get("request"), dict)):
            raise RunError("This work cannot be read; ask for it again.")
        return known


def queued(progress: float = 0.0) -> Status:
    """Return the status of a job that has just been asked for."""
    return Status(created=time.time(), message=texts("Waiting."), phase=Phase.NONE, progress=progress)
