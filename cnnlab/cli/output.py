"""What a command says: an answer for programs and people, tables, and a progress bar."""

import io
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from cnnlab.plain_text import one_line

NUMBER = re.compile(r"–|[\d.,]+( %| s)?")
BAR_WIDTH = 24
REDRAW_SECONDS = 0.1


@dataclass(frozen=True)
class Answer:
    """The outcome of a command; a ``failure`` (one sentence) makes the exit status 1."""

    document: Any
    text: str
    failure: str = ""


def show_any_name() -> None:
    """Let names that a console has no letters for come out as ``\\u77f3``, never as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return aligned columns, numbers on the right; None prints as a dash."""
    cells = [[_cell(value) for value in row] for row in rows]
    columns = [_aligned(name, column) for name, *column in zip(header, *cells, strict=True)]
    return "\n".join("  ".join(line).rstrip() for line in zip(*columns, strict=True))


def _aligned(name: str, cells: Sequence[str]) -> list[str]:
    width = max(map(len, (name, *cells)))
    right = all(NUMBER.fullmatch(cell) for cell in cells)
    return [cell.rjust(width) if right else cell.ljust(width) for cell in (name, *cells)]


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else str(value)


def percent(fraction: float | None) -> str | None:
    """Return 0.9712 as ``97.1 %``."""
    return None if fraction is None else f"{fraction:.1%}".replace("%", " %")


class ProgressBar:
    """One line on standard error: redrawn in place on a terminal, elsewhere written at every tenth.

    Call it with the fraction that is done, 0 to 1, and a few words; leave it with ``with``.
    """

    def __init__(self, stream: TextIO | None = None):
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._drawn_at = 0.0
        self._tenth = -1

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal and self._drawn_at:
            self._write("\n")

    def __call__(self, fraction: float, text: str) -> None:
        """Show how far it is."""
        fraction, text = min(max(fraction, 0.0), 1.0), one_line(text)
        if self._terminal:
            now = time.monotonic()
            if now - self._drawn_at >= REDRAW_SECONDS or fraction == 1:
                self._drawn_at = now
                done = round(fraction * BAR_WIDTH)
                self._write(f"\r\x1b[K[{'#' * done}{'.' * (BAR_WIDTH - done)}] {fraction:4.0%} {text}")
        elif int(fraction * 10) > self._tenth:
            self._tenth = int(fraction * 10)
            self._write(f"{fraction:4.0%} {text}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
