"""What people keep under names: networks, recipes, datasets and runs, each on a shelf of the workspace.

One rule makes names of titles, one writes files whole or not at all, one brings deleted things back.
"""

import errno
import os
import re
import secrets
import shutil
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnlab import strict_json, workspace
from cnnlab.plain_text import showable

TRASH = ".deleted"
_TOKEN = re.compile(r"[a-z0-9][a-z0-9-]{7,39}")


def nfc(name: str) -> str:
    """Return a name with each letter in its one usual form, without what cannot be shown.

    A Mac writes ä in two characters.
    """
    return name if name.isascii() and name.isprintable() else unicodedata.normalize("NFC", showable(name))


def safe(text: str, longest: int = 60) -> str:
    """Return letters of any script, digits, ``_`` and ``-`` only: a name that any disk takes."""
    return re.sub(r"[^\w]+", "-", nfc(text)).strip("-")[:longest].strip("-")


def slug(title: str, longest: int = 40, noun: str = "") -> str:
    """Return the name of a thing with this title: small letters a to z, digits and hyphens.

    ä becomes a. A title in another script becomes ``noun`` and its first bytes, or nothing where there is no
    noun; so does one without any letter or digit.
    """
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    if name := re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:longest].strip("-"):
        return name
    return f"{noun}-{nfc(title).encode().hex()[:24]}" if noun and any(map(str.isalnum, title)) else ""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a hidden path beside ``path`` to write to; it replaces ``path`` when the block ends well.

    Readers see the old file or the new one, never half of one.

    Raises:
        OSError: the file cannot take that place.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        yield aside
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write JSON; readers see the old file or the new one.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    with replacing(path) as aside:
        aside.write_text(strict_json.dumps(value, indent=1), encoding="utf-8")


@dataclass(frozen=True)
class Trashed:
    """What lies in the trash under a token: where, and since when, in Unix seconds."""

    token: str
    place: Path
    at: float

    @property
    def seconds_left(self) -> float:
        """How long it can still be brought back; below 0 where it is too late."""
        return self.at + workspace.KEPT_SECONDS - time.time()


@dataclass(frozen=True)
class Shelf:
    """One folder of the workspace: a file or a folder for each thing, and the trash.

        networks/two-blocks.json                     of this ``ending``; without one, things are folders
        networks/.deleted/3fa9c1…/two-blocks.json    in the trash, under the token that ``restore`` takes

    ``in_trash`` says where in the trash: where names never come twice, as those of runs, just ``{name}``.
    """

    title: str
    ending: str = ""
    in_trash: str = "{token}/{name}"

    def folder(self) -> Path:
        """Return the folder, made when missing.

        Raises:
            WorkspaceError: it cannot be created.
        """
        return workspace.made(workspace.home() / self.title)

    def path(self, name: str) -> Path:
        """Return where a thing of this name lies, or would lie; nothing is made."""
        return workspace.home() / self.title / f"{name}{self.ending}"

    def names(self) -> list[str]:
        """Return the names of all things, in order; nothing is made."""
        try:
            found = sorted((workspace.home() / self.title).iterdir())
        except OSError:
            return []
        return [
            path.name.removesuffix(self.ending)
            for path in found
            if path.name.endswith(self.ending) and not path.name.startswith(".")
            if (path.is_file() if self.ending else path.is_dir())
        ]

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the only one, among the threads of all processes, who changes what is here; it may be nested."""
        self.folder()
        with workspace.locked(self.title, again=True):
            yield

    def write(self, name: str, value: Any, overwrite: bool = False) -> None:
        """Write JSON under a name; of two who take one name at the same time, one gets it.

        Raises:
            FileExistsError: the name is taken, and not to be overwritten.
            OSError: the disk is full, or the folder cannot be written.
        """
        with self.lock():
            if not overwrite and self.path(name).exists():
                raise FileExistsError(errno.EEXIST, "the name is taken", name)
            write_json(self.path(name), value)

    def discard(self, name: str) -> str:
        """Move a thing into the trash; return the token for ``restore``.

        Raises:
            OSError: there is none of this name, or it cannot be moved.
        """
        thing = self.path(name)
        thing.stat()  # no place is made for what is not there
        if "{token}" in self.in_trash:
            token = self.new_place().name
        else:
            token = name
            self.purge()
            os.utime(thing)  # the day begins now
        target = self._trash() / self.in_trash.format(token=token, name=thing.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        thing.rename(target)
        return token

    def restore(self, token: str) -> str:
        """Bring a thing back; return its name.

        Raises:
            FileNotFoundError: it was not deleted, or too long ago.
            FileExistsError: its name is taken by now.
            OSError: it cannot be moved.
        """
        self.purge()
        if not (place := self.place(token)):
            raise FileNotFoundError(errno.ENOENT, "it is gone", token)
        below = self.in_trash.format(token=token, name="*").partition("/")[2]
        [thing] = place.glob(below) if below else [place]
        target = workspace.home() / self.title / thing.name
        with self.lock():
            if target.exists():
                raise FileExistsError(errno.EEXIST, "the name is taken", thing.name.removesuffix(self.ending))
            thing.rename(target)
        if below:
            shutil.rmtree(place, ignore_errors=True)
        return thing.name.removesuffix(self.ending)

    def new_place(self) -> Path:
        """Return an empty folder in the trash, whose name is the token of what is moved there."""
        self.purge()
        place = self._trash() / secrets.token_hex(8)
        place.mkdir(parents=True)
        return place

    def place(self, token: str) -> Path | None:
        """Return the folder in the trash under a token, or None where there is none."""
        place = self._trash() / token if _TOKEN.fullmatch(token) else None
        return place if place and place.is_dir() else None

    def trashed(self) -> list[Trashed]:
        """Return what can be brought back, the last deletion first; nothing is made."""
        found = []
        with suppress(OSError):
            for place in self._trash().iterdir():
                with suppress(OSError):  # brought back this very moment
                    found.append(Trashed(place.name, place, place.stat().st_mtime))
        kept = [one for one in found if _TOKEN.fullmatch(one.token) and one.seconds_left >= 0]
        return sorted(kept, key=lambda one: -one.at)

    def purge(self) -> None:
        """Delete for good what was deleted more than a day ago."""
        workspace.purge(self._trash())

    def _trash(self) -> Path:
        return workspace.home() / self.title / TRASH
