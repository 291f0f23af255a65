"""One dataset of the library on disk: its facts, and where its classes lie.

    my-hands/dataset.json         title, source, the images' shape if all have the same, what was skipped
    my-hands/rock/…               class folders, or train, validation and test with class folders in them

A class folder has a name that any disk takes; what its owner calls the class stands in ``dataset.json``.
A folder without ``dataset.json`` was put there by hand: it is read, but nothing is added to it.
"""

import contextlib
import json
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cnnlab import access
from cnnlab.datasets.files.facts import FACTS, names_in, parts_in
from cnnlab.datasets.files.names import alike, in_order
from cnnlab.datasets.files.parts import ROLES
from cnnlab.errors import DatasetError
from cnnlab.plain_text import one_line
from cnnlab.shelf import Shelf, nfc, safe, write_json

SHELF = Shelf("datasets", in_trash="{token}/whole/{name}")
MOST_FACTS_BYTES = 64 * 2**20
"""What was left out of 200,000 files has its names there."""
LATEST = 1e12
"""Seconds; what says to be later is no time."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)  # Windows takes no such names


@dataclass(frozen=True)
class DatasetFolder:
    """The folder of a dataset, as it is at this moment."""

    path: Path

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What was written down when it was made; nothing for a folder put there by hand."""
        return self._read()

    def _read(self) -> dict[str, Any]:
        path = self.path / FACTS
        try:
            known = path.stat()
            if not stat.S_ISREG(known.st_mode) or known.st_size > MOST_FACTS_BYTES:  # a pipe would hold us up
                return {}
            facts = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return facts if isinstance(facts, dict) else {}

    @property
    def title(self) -> str:
        """Its name for people."""
        return one_line(str(self.facts.get("title") or "")) or one_line(self.path.name)

    @property
    def is_ours(self) -> bool:
        """Whether it was made here, so that its classes are folders where we expect them."""
        return "added" in self.facts

    @property
    def owner(self) -> str:
        """Whose it is, see ``access``; nobody's where it was put there by hand."""
        return access.owner_in(self.facts)

    @property
    def is_open(self) -> bool:
        """Whether its owner lets everybody add images: others than these still change nothing."""
        return self.facts.get("open") is True

    @property
    def changed(self) -> float:
        """When images last came or went, in seconds since 1970."""
        added = self.facts.get("added")
        times = [float(added) if isinstance(added, (int, float)) and abs(added) < LATEST else 0.0]
        for folder in (self.path, *self.parts, *self.class_folders):
            with contextlib.suppress(FileNotFoundError):
                times.append(folder.stat().st_mtime)
        return max(times)

    @property
    def parts(self) -> list[Path]:
        """The folders that hold class folders, that of the training part first."""
        roles = parts_in(self.facts, [folder.name for folder in _folders(self.path)])
        names = sorted(roles, key=lambda name: ROLES.index(roles[name]))
        return [place for name in names if (place := self.path / name).is_dir()] or [self.path]

    def part(self, role: str) -> Path:
        """Return the folder of a part; where there is none, that of the training part."""
        return next((folder for folder in self.parts if folder.name == role), self.parts[0])

    @property
    def class_folders(self) -> list[Path]:
        """The folders of the classes to train on, in the order of the classes; some may be empty."""
        called = {self.class_name(folder): folder for folder in _folders(self.parts[0])}
        return [called[name] for name in in_order(called)]

    def class_name(self, folder: Path) -> str:
        """Return what the class of a folder is called."""
        return names_in(self.facts).get(folder.name) or nfc(folder.name)

    def class_folder(self, name: str) -> Path:
        """Return the folder of a class.

        Raises:
            DatasetError: there is no such class.
        """
        for folder in self.class_folders:
            if self.class_name(folder) == name:
                return folder
        raise DatasetError(f"There is no class {name} any more; choose one from the list.")

    def write(self, **facts: Any) -> None:
        """Write facts down beside those that are there."""
        with SHELF.lock():
            self._write(self._read() | facts)

    def call(self, names: Mapping[str, str]) -> None:
        """Write down what classes are called, by the names of their folders."""
        with SHELF.lock():
            facts = self._read()
            self._write(facts | {"names": names_in(facts) | dict(names)})

    def _write(self, facts: dict[str, Any]) -> None:
        write_json(self.path / FACTS, facts)
        self.__dict__.pop("facts", None)


def typed_name(text: str, length: int) -> str:
    """Return a name that a person typed: in one line, without spaces around it, and not too long."""
    return " ".join("".join(c if c.isprintable() else " " for c in nfc(text)).split())[:length].strip()


def dataset_folder(name: str) -> DatasetFolder:
    """Return the folder of a dataset of the library.

    Raises:
        DatasetError: there is none of this name.
    """
    if name in SHELF.names():
        return DatasetFolder(SHELF.path(name))
    raise DatasetError(f"There is no dataset of your own called {name}; choose one from the list.")


def every() -> list[DatasetFolder]:
    """Return the folders of all datasets of the library, ordered by name."""
    return [DatasetFolder(SHELF.path(name)) for name in SHELF.names()]


def class_folder_name(name: str, taken: Iterable[str]) -> str:
    """Return a name for the folder of a class that any disk takes, unlike those that are ``taken``."""
    base = safe(name, 50) or "class"
    if _RESERVED.match(base):
        base += "_"
    used = {alike(other) for other in taken}
    return next(
        found
        for found in (base, *(f"{base}-{number}" for number in range(2, len(used) + 3)))
        if alike(found) not in used
    )


def _folders(path: Path) -> list[Path]:
    return sorted(folder for folder in path.iterdir() if folder.is_dir() and not folder.name.startswith("."))
