"""All runs as a list shows them, looked up once for all who ask: threads of the server, pages, sessions.

A folder is read again when it, its status or its settings have changed. Two thousand runs that are over cost
a few milliseconds for each look at all of them, and nothing at all for a look at those that work.
"""

import math
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cnnlab import workspace
from cnnlab.errors import WorkspaceError
from cnnlab.languages import texts
from cnnlab.runs import facts, notes, status
from cnnlab.runs.last import OfLast
from cnnlab.runs.reading import DamagedError
from cnnlab.runs.run import RUN_ID, Run, damage_in_words, is_run
from cnnlab.runs.status import Status

AGE_SECONDS = 0.5
FOLDERS_SECONDS = 5.0
"""How long a run that is over is taken to be over, unless this process has written to it."""
_YOUNG_NS = 50_000_000
"""A file that was so young when it was read may have changed since without looking it: it is read again."""
_DOCUMENTS = ("config.json", "model.json", "notes.json")
_Stamp = tuple[int, ...]


@dataclass(frozen=True)
class Overview:
    """One run at one moment. ``damage`` says in one sentence what cannot be read; it is empty where all can.

    Of a damaged run ``title`` is the id, and ``architecture`` and ``dataset`` may be empty. ``images`` are
    the images it is validated on, ``leaked`` how many of them its weights were trained on, ``params`` the
    parameters of its network, each None while they are not known. ``dataset`` is the name in the library, or
    a path, ``notes`` the text that people noted, ``owner`` whose it is. ``has_weights``: it can be asked.
    ``orphaned``: its worker is gone, which nobody has written yet.
    """

    run: Run
    status: Status
    title: str
    damage: str = ""
    starred: bool = False
    notes: str = ""
    imported: bool = False
    architecture: str = ""
    dataset: str = ""
    devices: str = "one"
    owner: str = ""
    images: int | None = None
    leaked: int = 0
    params: int | None = None
    has_weights: bool = False
    orphaned: bool = False
    begun_ns: int = 0

    @property
    def state(self) -> str:
        """The state of the run, ``damaged`` where its folder cannot be read."""
        return "damaged" if self.damage else self.status.state


def overview(max_age: float = AGE_SECONDS) -> tuple[Overview, ...]:
    """Return all runs, the newest first, damaged ones included; cheap enough to ask for at every poll.

    The answer is at most ``max_age`` seconds old, and is the very same object while nothing has changed. What
    this process wrote itself is in it at once, and so are new runs and what becomes of those that work; what
    another process makes of a run that is over within five seconds. 0 looks at every file.

    Safe to call from any thread.

    Raises:
        WorkspaceError: the folder of runs cannot be made or read.
    """
    return _index_of(workspace.runs_dir()).look(max_age, thorough=max_age <= 0)


def at_work() -> tuple[Overview, ...]:
    """Return the runs that wait or work, or have just lost their worker, as they are this very moment."""
    index = _index_of(workspace.runs_dir())
    index.look(0.0, thorough=False)
    return index.live


def list_runs() -> list[Run]:
    """Return all runs, the newest first, damaged ones included."""
    return [seen.run for seen in overview(0)]


@dataclass
class _Known:
    """What was read of a folder, and by what one sees that it is so no more."""

    folder_stamp: _Stamp
    status_stamp: _Stamp
    documents_stamp: _Stamp
    read: tuple[Status, str]
    documents: Overview
    seen: Overview


@dataclass
class _Index:
    """The runs in one folder."""

    folder: Path
    lock: threading.Lock = field(default_factory=threading.Lock)
    known: dict[Path, _Known] = field(default_factory=dict)
    unborn: set[Path] = field(default_factory=set)
    listed_ns: int = -1
    looked: float = -math.inf
    looked_at_folders: float = -math.inf
    answer: tuple[Overview, ...] = ()
    live: tuple[Overview, ...] = ()

    def look(self, max_age: float, thorough: bool) -> tuple[Overview, ...]:
        with self.lock:
            now = time.monotonic()
            if thorough or now - self.looked >= max_age or status.written:
                try:
                    self._look(now, thorough)
                except OSError as error:
                    raise WorkspaceError(
                        f"{self.folder} cannot be read ({error.strerror}); set CNNLAB_HOME to another folder."
                    ) from error
                self.looked = time.monotonic()
            return self.answer

    def _look(self, now: float, thorough: bool) -> None:
        """Look at what may have changed, and sort anew if it has."""
        due = thorough or now - self.looked_at_folders >= FOLDERS_SECONDS
        changed = False
        listed_ns = self.folder.stat().st_mtime_ns
        some = {*self.known} if due else {seen.run.folder for seen in self.live}
        if due or listed_ns != self.listed_ns:
            there = {self.folder / entry for entry in os.listdir(self.folder) if RUN_ID.fullmatch(entry)}  # noqa: PTH208
            for gone in self.known.keys() - there:
                del self.known[gone]
                changed = True
            some &= there
            self.unborn = there - self.known.keys()
        mine = set()
        while status.written:
            mine.add(status.written.pop())
        mine = {folder for folder in mine if folder.parent == self.folder and RUN_ID.fullmatch(folder.name)}
        for folder in some | self.unborn | mine:
            changed |= self._look_at(folder, thorough or folder in mine)
        if due:
            self.looked_at_folders = now
        self.listed_ns = -1 if time.time_ns() - listed_ns < _YOUNG_NS else listed_ns
        if changed:
            known = sorted(self.known.values(), key=lambda known: -known.seen.begun_ns)
            self.answer = tuple(one.seen for one in known)
            self.live = tuple(seen for seen in self.answer if seen.status.is_active or seen.orphaned)

    def _look_at(self, folder: Path, thorough: bool) -> bool:
        """Keep what is in a folder, reading again what may have changed; return whether anything has."""
        old = self.known.get(folder)
        at_rest = old and not (old.seen.status.is_active or old.seen.orphaned)
        folder_stamp = old.folder_stamp if old and thorough else _stamp((str(folder),))
        if old and at_rest and not thorough and folder_stamp == old.folder_stamp:
            return False
        status_stamp = _stamp((f"{folder}/status.json",))
        documents_stamp = _stamp([f"{folder}/{name}" for name in _DOCUMENTS])
        stamps = (folder_stamp, status_stamp, documents_stamp)
        if old and at_rest and stamps == (old.folder_stamp, old.status_stamp, old.documents_stamp):
            return False
        try:
            new = _known(folder, stamps, old) if any(status_stamp) or is_run(folder) else None
        except Exception as error:  # whatever one folder is like, the others are listed
            new = _unreadable(folder, error)
        self.known.pop(folder, None)
        self.unborn.discard(folder)
        if new:
            self.known[folder] = new
        elif any(folder_stamp):
            self.unborn.add(folder)  # its status comes in a moment, or never
        return (new and new.seen) != (old and old.seen)


def _known(folder: Path, stamps: tuple[_Stamp, _Stamp, _Stamp], old: _Known | None) -> _Known:
    """Read a folder; of its files only those that are not as they were."""
    now = time.time_ns()
    folder_stamp, status_stamp, documents_stamp = stamps
    run = old.seen.run if old else Run(folder)
    same = old and old.status_stamp == status_stamp
    now_read = old.read if old and same else status.checked(folder / "status.json")
    same = old and old.documents_stamp == documents_stamp
    documents = old.documents if old and same else _documents(run)
    damage = damage_in_words(now_read[1]) or documents.damage
    begun_ns = documents_stamp[0] or (old.seen.begun_ns if old else folder_stamp[0])
    judged = run.judged(*now_read)
    orphaned = judged.state == "interrupted" and now_read[0].state in status.WORKING
    seen = replace(documents, status=judged, damage=damage, orphaned=orphaned, begun_ns=begun_ns)
    seen = replace(seen, has_weights=run.weights() is not None)
    of_folder, of_status, of_documents = (() if _is_young(now, stamp) else stamp for stamp in stamps)
    told = old.seen if old and seen == old.seen else seen
    return _Known(of_folder, of_status, of_documents, now_read, documents, told)


def _unreadable(folder: Path, error: Exception) -> _Known:
    """Return what is known of a folder that cannot even be looked at: that it is one."""
    run, now = Run(folder), Status(state="interrupted")
    said = damage_in_words(texts(f"it cannot be read ({type(error).__name__})"))
    seen = Overview(run, now, run.id, said, begun_ns=_stamp((str(folder),))[0])
    return _Known((), (), (), (now, said), seen, seen)


def _documents(run: Run) -> Overview:
    """Return what the documents of a folder say, without its status."""
    found: dict[str, Any] = {"damage": damage_in_words(facts.odd_control(run.folder))}
    title = run.id
    try:
        document = facts.settings(run.folder)
        title = facts.title(document.config)
        found |= {name: getattr(document.config, name) for name in ("architecture", "dataset", "devices")}
        found |= {"imported": document.imported, "owner": document.owner}
        known = facts.model(run.folder)
        found |= {"images": known.split.get("validation"), "params": known.params, "leaked": known.leaked}
    except FileNotFoundError as error:
        if Path(error.filename).name == "config.json":  # else its worker has not come so far
            found["damage"] = damage_in_words(texts("config.json is missing"))
    except DamagedError as error:
        found["damage"] = damage_in_words(str(error))
    noted = notes.read(run.folder)
    return Overview(run, Status(), noted.name or title, starred=noted.starred, notes=noted.text, **found)


def _stamp(paths: Sequence[str]) -> _Stamp:
    """Return what changes when one of some files is written or replaced."""
    found: list[int] = []
    for path in paths:
        try:
            known = os.stat(path)  # noqa: PTH116 - thousands of times
        except OSError:
            found += (0, 0, 0)
        else:
            found += (known.st_mtime_ns, known.st_size, known.st_ino)
    return tuple(found)


def _is_young(now: int, stamp: _Stamp) -> bool:
    """Whether one of the times of a stamp is not long before now."""
    return any(now - written < _YOUNG_NS for written in stamp[::3])


_index_of = OfLast(_Index)
