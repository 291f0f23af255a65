"""A ZIP that people made: only names that are known, only so many bytes, counted while they are read."""

import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from cnnlab.errors import RunError

_CHUNK = 2**20
RATIO = 100
"""So many times its packed size a text may have: what workers write packs ten to twenty times."""
NUMBERS_RATIO = 20
"""So many times weights may: numbers hardly pack at all, and they are stored as they are."""
FREE_BYTES = 4 * 2**20
_DAMAGED = (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, OSError, ValueError, RuntimeError)


class Members:
    """The members of a ZIP whose names are among ``limits``, which says how many bytes each may unpack to.

    Nothing is unpacked by its own name, and what the ZIP says about sizes is not believed.

    Raises:
        RunError: not a ZIP; encrypted; a link, a path that leads outside, a name that is unknown or comes
            twice.
    """

    def __init__(self, file: Path | BinaryIO, limits: Mapping[str, int], what: str = "The ZIP"):
        self._limits, self._what = limits, what
        try:
            self._zip = zipfile.ZipFile(file)
            members = [m for m in self._zip.infolist() if not m.is_dir()]
        except _DAMAGED as error:
            raise RunError(f"{what} is not a whole ZIP file; export the run again.") from error
        for member in members:
            self._check(member)
        self._members = {member.filename: member for member in members}
        if len(self._members) < len(members):
            raise RunError(f"{what} holds a file twice; export the run again.")

    def __enter__(self) -> "Members":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str, most_bytes: int | None = None) -> bytes:
        """Return a member's bytes, of which there may be ``most_bytes`` where its own limit is not less.

        Raises:
            RunError: it is missing, damaged, or larger than its limit.
        """
        return b"".join(self._chunks(name, most_bytes))

    def lines(self, name: str, longest: int, most: int) -> Iterator[bytes]:
        """Yield the lines of a member as they are unpacked, with their line ends; the last may have none.

        Raises:
            RunError: as ``read``; a line is longer than ``longest`` bytes, or there are more than ``most``.
        """
        odd = RunError(f"{name} has more or longer lines than any history of a run.")
        count, at_once = 0, 0  # counted first: to look into a line takes a hundred times as long
        for chunk in self._chunks(name):
            count += chunk.count(b"\n")
            at_once = at_once + len(chunk) if b"\n" not in chunk else len(chunk) - chunk.rfind(b"\n") - 1
            if count > most or at_once > longest:
                raise odd
        rest = b""
        for chunk in self._chunks(name):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                if len(line) > longest:
                    raise odd
                yield line + b"\n"
        if rest:
            yield rest

    def copy(self, name: str, target: Path) -> None:
        """Write a member to a file of ours.

        Raises:
            RunError: as ``read``.
        """
        with target.open("wb") as file:
            for chunk in self._chunks(name):
                file.write(chunk)

    def _chunks(self, name: str, most_bytes: int | None = None) -> Iterator[bytes]:
        if name not in self._members:
            raise RunError(f"{self._what} has no {name}; export the run again.")
        ratio = RATIO if name.endswith((".json", ".jsonl")) else NUMBERS_RATIO
        packed = self._members[name].compress_size  # no more than this is read of the ZIP, whatever it says
        limits = (self._limits[name], most_bytes, FREE_BYTES + ratio * packed)
        left = most = min(limit for limit in limits if limit is not None)
        try:
            with self._zip.open(self._members[name]) as member:
                while chunk := member.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise RunError(f"{name} is larger than {most / 1e6:,.0f} MB; that is no run.")
                    yield chunk
        except _DAMAGED as error:
            raise RunError(f"{name} is damaged within {self._what[:1].lower()}{self._what[1:]}.") from error

    def _check(self, member: zipfile.ZipInfo) -> None:
        path = member.filename.replace("\\", "/")
        said = "".join(c if c.isprintable() else "?" for c in path[:80])
        if path.startswith("/") or ":" in path or ".." in PurePosixPath(path).parts:
            raise RunError(f"{self._what} holds the unsafe path {said!r}; do not open files of this sender.")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise RunError(f"{self._what} holds the link {said!r}; a run has none.")
        if member.flag_bits & 1:
            raise RunError(f"{self._what} is encrypted; export the run without a password.")
        if member.filename not in self._limits:
            raise RunError(f"{self._what} holds {said!r}, which is no part of a run; export the run again.")
