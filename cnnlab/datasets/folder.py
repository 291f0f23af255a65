"""One dataset of the library on disk: its facts, and where its classes lie.

    my-hands/dataset.json         title, source, the pictures' shape if all have the same, what was skipped
    my-hands/rock/…               class folders, or train and test with class folders in them

A folder without ``dataset.json`` was put there by hand: it is read, but nothing is added to it.
"""

import contextlib
import json
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnlab import workspace
from cnnlab.datasets.listing import TEST_FOLDERS, TRAIN_FOLDERS
from cnnlab.errors import DatasetError

FACTS = "dataset.json"
_lock = threading.Lock()


@dataclass(frozen=True)
class DatasetFolder:
    """The folder of a dataset."""

    path: Path

    @property
    def facts(self) -> dict[str, Any]:
        """What was written down when it was made; nothing for a folder put there by hand."""
        try:
            facts = json.loads((self.path / FACTS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}

    @property
    def title(self) -> str:
        """Its name for people."""
        return str(self.facts.get("title") or self.path.name)

    @property
    def is_ours(self) -> bool:
        """Whether it was made here, so that its classes are folders where we expect them."""
        return "added" in self.facts

    @property
    def changed(self) -> float:
        """When pictures last came or went, in seconds since 1970."""
        times = [float(self.facts.get("added", 0.0))]
        for folder in (self.path, *self.parts, *self.class_folders):
            with contextlib.suppress(FileNotFoundError):
                times.append(folder.stat().st_mtime)
        return max(times)

    @property
    def parts(self) -> list[Path]:
        """The folders that hold class folders, that of the training part first."""
        inner = {folder.name.lower(): folder for folder in _folders(self.path)}
        if inner.keys() & TRAIN_FOLDERS and inner.keys() & TEST_FOLDERS:
            return sorted(inner.values(), key=lambda folder: folder.name.lower() not in TRAIN_FOLDERS)
        return [self.path]

    @property
    def class_folders(self) -> list[Path]:
        """The folders of the classes to train on, ordered by name; some may be empty."""
        return _folders(self.parts[0])

    def class_folder(self, name: str) -> Path:
        """Return the folder of a class.

        Raises:
            DatasetError: there is no such class.
        """
        for folder in self.class_folders:
            if folder.name == name:
                return folder
        raise DatasetError(f"There is no class {name} any more; choose one from the list.")

    def write(self, **facts: Any) -> None:
        """Write facts down beside those that are there."""
        with _lock:
            aside = self.path / f".{FACTS}"
            aside.write_text(json.dumps(self.facts | facts), encoding="utf-8")
            aside.replace(self.path / FACTS)


def at(name: str) -> DatasetFolder:
    """Return the folder of a dataset of the library.

    Raises:
        DatasetError: there is none of this name.
    """
    if name in {folder.name for folder in _folders(workspace.datasets_dir())}:
        return DatasetFolder(workspace.datasets_dir() / name)
    raise DatasetError(f"There is no dataset of your own called {name}; choose one from the list.")


def every() -> list[DatasetFolder]:
    """Return the folders of all datasets of the library, ordered by name."""
    return [DatasetFolder(folder) for folder in _folders(workspace.datasets_dir())]


def safe(text: str, length: int = 60) -> str:
    """Return letters, digits, ``_`` and ``-`` only: a name that any disk takes."""
    return re.sub(r"[^\w]+", "-", text).strip("-")[:length].strip("-")


def _folders(path: Path) -> list[Path]:
    return sorted(folder for folder in path.iterdir() if folder.is_dir() and not folder.name.startswith("."))
