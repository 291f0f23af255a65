"""Where image files come from: a folder, a ZIP or an upload. Each lists paths and reads one file."""

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from cnnlab import images
from cnnlab.archives import MAX_FILES, Archive
from cnnlab.datasets.files.snapshot import Snapshot
from cnnlab.errors import DatasetError
from cnnlab.languages import texts

MAX_TOTAL_BYTES = 2 * 2**30
MANY_FILES = 5_000
PATIENCE = 100
"""How many times as long as it took to hash them a hash of many files is believed."""


@dataclass(frozen=True)
class _Print:
    """A hash of the files of a folder, and until when (monotonic seconds) it is believed."""

    digest: str
    snapshot: Snapshot
    until: float


_PRINTS: dict[str, _Print] = {}


class Source(Protocol):
    """A place with image files. ``read`` may be called from several threads."""

    title: str
    place: str
    """Where it lies, as a path."""

    def fingerprint(self) -> str:
        """Return what changes whenever a file is added, replaced, renamed or deleted."""

    def paths(self) -> list[str]:
        """Return the relative paths of all files, with ``/``."""

    def head(self, path: str) -> bytes:
        """Return a file's first bytes, at most ``images.ENOUGH``."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes, at most one more than ``images.MAX_BYTES``."""


class FolderSource:
    """A folder and everything below it."""

    def __init__(self, folder: Path):
        self.title, self._folder = folder.name or str(folder), folder
        self.place = os.path.abspath(folder)  # noqa: PTH100  links stay as people named them

    def fingerprint(self) -> str:
        """Return a hash of all names, sizes and times of change.

        Of more than ``MANY_FILES`` what was hashed last stands for some seconds, if no name came or went.
        """
        known = _PRINTS.get(self.place)
        if known and time.monotonic() < known.until and known.snapshot.holds():
            return known.digest
        began, snapshot = time.monotonic(), Snapshot.of(self.place)
        digest, paths = hashlib.sha256(self.place.encode("utf-8", "surrogateescape")), sorted(self.paths())
        for path in paths:
            with contextlib.suppress(OSError):  # deleted while we look
                facts = os.stat(f"{self.place}/{path}")  # noqa: PTH116  twice as fast
                entry = f"\n{path}\0{facts.st_size}\0{facts.st_mtime_ns}"
                digest.update(entry.encode("utf-8", "surrogateescape"))
        if len(paths) > MANY_FILES:
            now = time.monotonic()
            _PRINTS[self.place] = _Print(digest.hexdigest(), snapshot, now + PATIENCE * (now - began))
        return digest.hexdigest()

    def paths(self) -> list[str]:
        """Return the relative paths of all files; links to folders are not followed."""
        found, start = [], len(self.place.rstrip(os.sep)) + 1
        for parent, _, names in os.walk(self.place):
            below = parent[start:].replace(os.sep, "/")
            found += [f"{below}/{name}" for name in names] if below else names
        return found

    def linked_folders(self) -> list[str]:
        """Return the relative paths of links to folders."""
        return [
            str(path.relative_to(self._folder))
            for parent, names, _ in os.walk(self.place)
            for path in (Path(parent) / name for name in names)
            if path.is_symlink()
        ]

    def head(self, path: str) -> bytes:
        """Return the first bytes of a file, at most ``images.ENOUGH``."""
        return self._first(path, images.ENOUGH)

    def read(self, path: str) -> bytes:
        """Return a file's bytes, at most one more than ``images.MAX_BYTES``."""
        return self._first(path, images.MAX_BYTES + 1)

    def _first(self, path: str, count: int) -> bytes:
        if not (file := self._folder / path).is_file():  # a named pipe would be waited for
            raise OSError(texts("it is no file, or is gone"))
        with file.open("rb") as opened:
            return opened.read(count)


class MemorySource:
    """Files as a browser uploads them: ``(relative path, bytes)``; of equal paths both are kept."""

    title = place = texts("The upload")

    def __init__(self, files: Iterable[tuple[str, bytes | memoryview]]):
        self._files: dict[str, bytes | memoryview] = {}
        for path, data in files:
            unique = PurePosixPath(path.replace("\\", "/"))
            if not unique.name:  # a browser does not send such; whoever does has no name for it
                unique /= "image"
            while str(unique) in self._files:
                unique = unique.with_stem(f"{unique.stem}-{len(self._files)}")
            self._files[str(unique)] = data

    def fingerprint(self) -> str:
        """Return a hash of all names and bytes."""
        digest = hashlib.sha256()
        for path, data in self._files.items():
            digest.update(f"\n{path}\0{len(data)}\0".encode("utf-8", "surrogateescape"))
            digest.update(data)
        return digest.hexdigest()

    def paths(self) -> list[str]:
        """Return the relative paths of all files."""
        return list(self._files)

    def head(self, path: str) -> bytes:
        """Return a file's first bytes, at most ``images.ENOUGH``."""
        return bytes(self._files[path][: images.ENOUGH])

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        return bytes(self._files[path])


class ZipSource:
    """A ZIP that people made. It is never unpacked: names only serve to find the class, sizes are counted
    while reading, because what a ZIP says about itself may be a lie.

    Raises:
        DatasetError: not a ZIP, encrypted, a path that leads outside, a link, too many files, too many bytes.
    """

    def __init__(self, file: Path | BinaryIO):
        name = file if isinstance(file, Path) else getattr(file, "name", None) or texts("The ZIP")
        self.place = os.path.abspath(name)  # noqa: PTH100
        self.title = Path(name).name
        self._archive = Archive(file, self.title, DatasetError, MAX_FILES)
        self._bytes_left, self._lock = MAX_TOTAL_BYTES, threading.Lock()

    def fingerprint(self) -> str:
        """Return a hash of the file's size and time, and of all names, sizes and checksums it lists."""
        digest = hashlib.sha256(self.place.encode("utf-8", "surrogateescape"))
        with contextlib.suppress(OSError):  # an upload is not a file
            facts = Path(self.place).stat()
            digest.update(f"{facts.st_size} {facts.st_mtime_ns}".encode())
        for path, member in sorted(self._archive.members.items()):
            digest.update(f"\n{path}\0{member.file_size}\0{member.CRC}".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def paths(self) -> list[str]:
        """Return the relative paths of all files."""
        return list(self._archive.members)

    def head(self, path: str) -> bytes:
        """Return the first bytes of a member, at most ``images.ENOUGH``.

        Raises:
            OSError: it is damaged within the ZIP.
        """
        return self._archive.read(path, images.ENOUGH)

    def read(self, path: str) -> bytes:
        """Return a member's bytes, at most one more than ``images.MAX_BYTES``.

        Raises:
            OSError: it is damaged within the ZIP.
            DatasetError: what was read so far is too much.
        """
        data = self._archive.read(path, images.MAX_BYTES + 1)
        with self._lock:
            self._bytes_left -= len(data)
        if self._bytes_left < 0:
            raise DatasetError(
                f"{self.title} unpacks to more than {MAX_TOTAL_BYTES >> 30} GB; make it smaller."
            )
        return data


class PartsSource:
    """Several ZIPs as one source: each below a folder of its own, such as train and test."""

    def __init__(self, parts: dict[str, ZipSource]):
        self._parts = parts
        self.title = " and ".join(part.title for part in parts.values())
        self.place = next(iter(parts.values())).place

    def fingerprint(self) -> str:
        """Return the fingerprints of all parts."""
        return " ".join(f"{name} {part.fingerprint()}" for name, part in self._parts.items())

    def paths(self) -> list[str]:
        """Return the paths in each part without their outermost folder, below the part's name."""
        return list(self._members)

    def head(self, path: str) -> bytes:
        """Return a member's first bytes, at most ``images.ENOUGH``."""
        name, member = self._members[path]
        return self._parts[name].head(member)

    def read(self, path: str) -> bytes:
        """Return a member's bytes, at most one more than ``images.MAX_BYTES``."""
        name, member = self._members[path]
        return self._parts[name].read(member)

    @cached_property
    def _members(self) -> dict[str, tuple[str, str]]:
        return {
            f"{name}/{path.partition('/')[2]}": (name, path)
            for name, part in self._parts.items()
            for path in part.paths()
        }
