"""ZIPs that people bring: one opener for all of them, and the names of what is no ZIP.

Nothing is ever unpacked by its own name, only what is stored or deflated is read, and what a ZIP says about
its sizes is not believed. Names without the mark for UTF-8 come from old tools: their encoding is guessed.
"""

import contextlib
import io
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cnnlab import images
from cnnlab.errors import CnnLabError
from cnnlab.languages import texts
from cnnlab.name_encodings import guessed

MAX_FILES = 200_000
"""Tiny ImageNet has 120,000 images, EMNIST (balanced) 131,600; a list of so many takes 200 MB of memory."""
MAX_ENTRIES = 2 * MAX_FILES + 10_000
"""Of the list itself: a ZIP made on a Mac has a hidden twin for each file."""
MAX_LIST_BYTES = 128 * 2**20
CHUNK = 2**20

_ENTRY = b"PK\x01\x02"
_READABLE = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_UTF8_FLAG, _ENCRYPTED_FLAGS = 0x800, 0x41
_DRIVE = re.compile(r"[A-Za-z]:")
_SYSTEM_FILES = {".ds_store", "thumbs.db", "desktop.ini"}


class Archive:
    """A ZIP: the names of its files, and their bytes. ``read`` may be called from several threads.

    Hidden files of operating systems are left out. ``refusal`` is the error that people get to see; it says
    what is wrong and what to do: ``remedy``, a clause without a full stop, where there is one for all.

    Raises:
        CnnLabError: of the class ``refusal``: not a whole ZIP, encrypted, compressed in a way that is not
            read here, a link, a path that leads outside, too many files.
    """

    def __init__(
        self,
        file: Path | BinaryIO,
        title: str,
        refusal: type[CnnLabError],
        max_files: int = MAX_FILES,
        remedy: str = "",
    ):
        self.title, self._refusal, self._max_files, self._remedy = title, refusal, max_files, remedy
        with contextlib.ExitStack() as opened:
            try:
                raw = opened.enter_context(file.open("rb")) if isinstance(file, Path) else file
                self._size = raw.seek(0, io.SEEK_END)
                self._zip = zipfile.ZipFile(_Bounded(raw, self._too_many()))
                entries = [entry for entry in self._zip.infolist() if not entry.is_dir()]
                paths = _names(entries)
            except CnnLabError:
                raise
            except Exception as error:  # a mangled list makes its reader trip over nearly anything
                raise self._no_zip(file) from error
            self.members = _told_apart(
                (path, entry) for path, entry in zip(paths, entries, strict=True) if not is_system_file(path)
            )
            if len(self.members) > max_files:
                raise self._too_many()
            for path, entry in self.members.items():
                self._check(path, entry)
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Let go of the file, where it was opened here."""
        self._opened.close()

    def packed_bytes(self, path: str) -> int:
        """Return how many bytes of the ZIP a file takes: what it says, but no more than there are."""
        return min(self.members[path].compress_size, self._size)

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield a file's bytes, at most ``CHUNK`` at a time.

        Raises:
            OSError: it is damaged within the ZIP.
        """
        try:
            with self._zip.open(self.members[path]) as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except Exception as error:  # zlib, struct, zipfile and the checks of sizes each have their own
            raise OSError(texts("it is damaged within the ZIP; zip the folder again")) from error

    def read(self, path: str, limit: int) -> bytes:
        """Return the first ``limit`` bytes of a file.

        Raises:
            OSError: it is damaged within the ZIP.
        """
        parts, left = [], limit
        for chunk in self.chunks(path):
            parts.append(chunk[:left])
            left -= len(parts[-1])
            if not left:
                break
        return b"".join(parts)

    def _check(self, path: str, entry: zipfile.ZipInfo) -> None:
        said = "".join(c if c.isprintable() else "?" for c in path[:80])
        if path.startswith("/") or _DRIVE.match(path) or ".." in path.split("/"):
            raise self._refused(
                lambda remedy: f"{self.title} holds the unsafe path {said!r}; {remedy}.",
                "zip it again from plain folders",
            )
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise self._refused(
                lambda remedy: f"{self.title} holds the link {said!r} in place of a file; {remedy}.",
                "zip it again with the files themselves",
            )
        if entry.flag_bits & _ENCRYPTED_FLAGS:
            raise self._refused(
                lambda remedy: f"{self.title} is encrypted; {remedy}.", "zip it again without a password"
            )
        if entry.compress_type not in _READABLE:
            raise self._refused(
                lambda remedy: (
                    f"{self.title} is packed in a way that is not read here, or damaged; {remedy}."
                ),
                "zip it again with the ordinary method (deflate)",
            )

    def _too_many(self) -> CnnLabError:
        return self._refused(
            lambda remedy: f"{self.title} holds more than {self._max_files:,} files; {remedy}.",
            "make it smaller",
        )

    def _no_zip(self, file: Path | BinaryIO) -> CnnLabError:
        kind = images.kind_of(_head(file))
        if kind not in (None, "ZIP archive", "text file", "file of zeros"):
            found = images.with_article(kind)
            return self._refused(
                lambda remedy: f"{self.title} is {found}, not a ZIP; {remedy}.", images.remedy(kind)
            )
        if self.title.lower().endswith(images.SUFFIXES):
            return self._refused(
                lambda remedy: f"{self.title} is one image; {remedy}.", "give a folder or a ZIP of images"
            )
        return self._refused(
            lambda remedy: f"{self.title} is not a whole ZIP file; {remedy}.",
            "zip it again, or copy it again",
        )

    def _refused(self, said: Callable[[str], str], remedy: str) -> CnnLabError:
        """Return the refusal that ``said`` makes of what to do."""
        return self._refusal(said(self._remedy or remedy))


class _Bounded:
    """A file for ``zipfile``, which reads the list of members at once: too long a list is refused."""

    def __init__(self, file: BinaryIO, refusal: CnnLabError):
        self._file, self._refusal = file, refusal
        self.seek, self.tell = file.seek, file.tell

    def seekable(self) -> bool:
        """Say that one can go back in it."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        if size > MAX_LIST_BYTES:
            raise self._refusal
        data = self._file.read(size)
        if data[:4] == _ENTRY and data.count(_ENTRY) > MAX_ENTRIES:
            raise self._refusal
        return data


def _told_apart(members: Iterable[tuple[str, zipfile.ZipInfo]]) -> dict[str, zipfile.ZipInfo]:
    """Return members by path; those with one path are all kept, the later ones with a number."""
    found: dict[str, zipfile.ZipInfo] = {}
    times: Counter[str] = Counter()
    for path, entry in members:
        times[path] += 1
        folder, slash, name = path.rpartition("/")
        stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
        found[path if times[path] == 1 else f"{folder}{slash}{stem}~{times[path]}{dot}{ending}"] = entry
    return found


def is_system_file(path: str) -> bool:
    """Say whether an operating system put a file beside those of people; ``path`` has ``/``."""
    top, name = path.partition("/")[0], path.rpartition("/")[2]
    return top == "__MACOSX" or name.startswith("._") or name.lower() in _SYSTEM_FILES


def _head(file: Path | BinaryIO) -> bytes:
    try:
        if isinstance(file, Path):
            with file.open("rb") as opened:
                return opened.read(images.ENOUGH)
        file.seek(0)
        return file.read(images.ENOUGH)
    except (OSError, ValueError):
        return b""


def _names(entries: Iterable[zipfile.ZipInfo]) -> list[str]:
    """Return the path of each entry, with ``/``; one encoding is guessed for all that do not state theirs."""
    raw = [_raw(entry) for entry in entries]
    unknown = b"\n".join(dict.fromkeys(name for name in raw if name is not None))
    encoding = guessed(unknown)
    paths = []
    for entry, name in zip(entries, raw, strict=True):
        path = entry.filename if name is None else name.decode(encoding, "replace")
        paths.append(path.partition("\0")[0].replace("\\", "/"))
    return paths


def _raw(entry: zipfile.ZipInfo) -> bytes | None:
    """Return the bytes of a name that does not state its encoding; None for one that does."""
    as_read = zipfile.ZipInfo(entry.orig_filename).filename
    if entry.flag_bits & _UTF8_FLAG or entry.filename != as_read:  # else a second name in UTF-8 was given
        return None
    return entry.orig_filename.encode("cp437")
