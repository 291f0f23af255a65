"""Where picture files come from: a folder, a ZIP or an upload. Each lists paths and reads one file."""

import contextlib
import hashlib
import os
import stat
import threading
import zipfile
import zlib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from cnnlab import images
from cnnlab.errors import DatasetError

MAX_FILES = 50_000
MAX_TOTAL_BYTES = 2 * 2**30


class Source(Protocol):
    """A place with picture files. ``read`` may be called from several threads."""

    title: str
    place: str
    """Where it lies, as a path."""

    def fingerprint(self) -> str:
        """Return what changes whenever a file is added, replaced, renamed or deleted."""

    def paths(self) -> list[str]:
        """Return the relative paths of all files, with ``/``."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes, at most one more than ``images.MAX_BYTES``."""


class FolderSource:
    """A folder and everything below it."""

    def __init__(self, folder: Path):
        self.title, self._folder = folder.name or str(folder), folder
        self.place = os.path.abspath(folder)  # noqa: PTH100  links stay as people named them

    def fingerprint(self) -> str:
        """Return a hash of all names, sizes and times of change."""
        digest = hashlib.sha256(self.place.encode("utf-8", "surrogateescape"))
        for path in sorted(self.paths()):
            with contextlib.suppress(OSError):  # deleted while we look
                facts = (self._folder / path).stat()
                entry = f"\n{path}\0{facts.st_size}\0{facts.st_mtime_ns}"
                digest.update(entry.encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def paths(self) -> list[str]:
        """Return the relative paths of all files; links to folders are not followed."""
        return [
            (Path(parent) / name).relative_to(self._folder).as_posix()
            for parent, _, names in os.walk(self._folder)
            for name in names
        ]

    def read(self, path: str) -> bytes:
        """Return a file's bytes, at most one more than ``images.MAX_BYTES``."""
        with (self._folder / path).open("rb") as file:
            return file.read(images.MAX_BYTES + 1)


class MemorySource:
    """Files as a browser uploads them: ``(relative path, bytes)``; of equal paths both are kept."""

    title = place = "The upload"

    def __init__(self, files: Iterable[tuple[str, bytes]]):
        self._files: dict[str, bytes] = {}
        for path, data in files:
            unique = PurePosixPath(path.replace("\\", "/"))
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

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        return self._files[path]


class ZipSource:
    """A ZIP that people made. It is never unpacked: names only serve to find the class, sizes are counted
    while reading, because what a ZIP says about itself may be a lie.

    Raises:
        DatasetError: not a ZIP, encrypted, a path that leads outside, a link, too many files, too many bytes.
    """

    def __init__(self, file: Path | BinaryIO):
        name = file if isinstance(file, Path) else getattr(file, "name", None) or "The ZIP"
        self.place = os.path.abspath(name)  # noqa: PTH100
        self.title = Path(name).name
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise DatasetError(f"{self.title} is not a whole ZIP file; make or copy it again.") from error
        self._members = {
            member.filename.replace("\\", "/"): member
            for member in self._zip.infolist()
            if not member.is_dir()
        }
        self._check()
        self._bytes_left, self._lock = MAX_TOTAL_BYTES, threading.Lock()

    def fingerprint(self) -> str:
        """Return a hash of the file's size and time, and of all names, sizes and checksums it lists."""
        digest = hashlib.sha256(self.place.encode("utf-8", "surrogateescape"))
        with contextlib.suppress(OSError):  # an upload is not a file
            facts = Path(self.place).stat()
            digest.update(f"{facts.st_size} {facts.st_mtime_ns}".encode())
        for path, member in sorted(self._members.items()):
            digest.update(f"\n{path}\0{member.file_size}\0{member.CRC}".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def paths(self) -> list[str]:
        """Return the relative paths of all files."""
        return list(self._members)

    def read(self, path: str) -> bytes:
        """Return a member's bytes, at most one more than ``images.MAX_BYTES``."""
        try:
            with self._zip.open(self._members[path]) as file:
                data = file.read(images.MAX_BYTES + 1)
        except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError) as error:
            raise OSError("it is damaged within the ZIP") from error
        with self._lock:
            self._bytes_left -= len(data)
        if self._bytes_left < 0:
            raise DatasetError(
                f"{self.title} unpacks to more than {MAX_TOTAL_BYTES >> 30} GB; make it smaller."
            )
        return data

    def _check(self) -> None:
        if len(self._members) > MAX_FILES:
            raise DatasetError(f"{self.title} holds more than {MAX_FILES:,} files; make it smaller.")
        for path, member in self._members.items():
            outside = path.startswith("/") or ":" in path or ".." in PurePosixPath(path).parts
            if outside or stat.S_ISLNK(member.external_attr >> 16):
                raise DatasetError(
                    f"{self.title} holds the unsafe path {path[:80]!r}; make it again from plain folders."
                )
            if member.flag_bits & 1:
                raise DatasetError(f"{self.title} is encrypted; make it again without a password.")


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
