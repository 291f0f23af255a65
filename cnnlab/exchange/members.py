"""A ZIP that people made: only names that are known, only so many bytes, counted while they are read."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from cnnlab.archives import Archive
from cnnlab.errors import RunError
from cnnlab.languages import texts

RATIO = 100
"""So many times its packed size a text may have: what workers write packs ten to twenty times."""
NUMBERS_RATIO = 20
"""So many times weights may: numbers hardly pack at all, and they are stored as they are."""
FREE_BYTES = 4 * 2**20
_THINGS = texts({"run": ("a run", "export the run again"), "lesson": ("a lesson", "export the lesson again")})
"""What a ZIP can be of: the thing, and what to do where it is damaged."""
THE_ZIP = texts("The ZIP")
_WITHIN = texts({THE_ZIP: "the ZIP", "The model file": "the model file"})


class Members:
    """The members of a ZIP whose names are among ``limits``, which says how many bytes each may unpack to.

    ``thing`` is what the ZIP is of, in its sentences. ``cnnlab.archives`` opens it; what an operating system
    put beside the files is not looked at.

    Raises:
        RunError: as ``Archive``; a name is unknown or comes twice.
    """

    def __init__(
        self,
        file: Path | BinaryIO,
        limits: Mapping[str, int],
        what: str = THE_ZIP,
        thing: str = "run",
    ):
        self._limits, self._what = limits, what
        self._thing, self._again = _THINGS[thing]
        self._archive = Archive(file, what, RunError, remedy=self._again)
        try:
            self._refuse_unknown()
        except RunError:
            self._archive.close()
            raise

    def __enter__(self) -> "Members":
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def __contains__(self, name: str) -> bool:
        return name in self._archive.members

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
        if name not in self:
            raise RunError(f"{self._what} has no {name}; {self._again}.")
        ratio = RATIO if name.endswith((".json", ".jsonl")) else NUMBERS_RATIO
        limits = (self._limits[name], most_bytes, FREE_BYTES + ratio * self._archive.packed_bytes(name))
        left = most = min(limit for limit in limits if limit is not None)
        try:
            for chunk in self._archive.chunks(name):
                left -= len(chunk)
                if left < 0:
                    raise RunError(f"{name} is larger than {most / 1e6:,.0f} MB; that is not {self._thing}.")
                yield chunk
        except OSError as error:
            where = _WITHIN.get(self._what, self._what)
            raise RunError(f"{name} is damaged within {where}; {self._again}.") from error

    def _refuse_unknown(self) -> None:
        entries = self._archive.members
        for path, entry in entries.items():
            said = "".join(c if c.isprintable() else "?" for c in path[:80])
            if path in self._limits:
                continue
            if entry.filename.replace("\\", "/") in self._limits:  # its name was taken already
                raise RunError(f"{self._what} holds {entry.filename} twice; {self._again}.")
            if path.lower().endswith(".zip"):
                raise RunError(f"{self._what} holds another ZIP, {said!r}; unpack it, and open that one.")
            raise RunError(f"{self._what} holds {said!r}, which is no part of {self._thing}; {self._again}.")
