"""Files of a run folder, which anybody may have written: read whole and bounded, or refused with few words.

Neither a folder, a pipe or a huge file in a file's place, nor brackets without end, hold up who reads.
"""

import json
import math
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

from cnnlab.plain_text import showable as showable

JSON_BYTES = 4 * 2**20
MOST_MEMORY = 256 * 2**20
LONGEST_TEXT = 20_000
LATEST = 250_000_000_000.0
"""Unix seconds of a year that calendars still have: 9892."""
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class DamagedError(ValueError):
    """A file is not as CNN Lab writes it; the message says which: ``config.json is no JSON``."""


def opened(path: Path) -> BinaryIO:
    """Open a file for reading, and nothing else: a pipe in its place would hold us up for ever.

    Raises:
        FileNotFoundError: there is none.
        DamagedError: it is no file, or cannot be read.
    """
    try:
        file = os.fdopen(os.open(path, _FLAGS), "rb")  # a folder is refused here
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
        file.close()
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not path.is_symlink():
            raise
        raise DamagedError(f"{path.name} cannot be read ({error.strerror})") from error
    raise DamagedError(f"{path.name} is no file")


def data(path: Path, most_bytes: int) -> bytes:
    """Return a file's bytes.

    Raises:
        FileNotFoundError: there is none.
        DamagedError: it is no file, larger than it can be, or cannot be read.
    """
    with opened(path) as file:
        try:
            found = file.read(most_bytes + 1)
        except OSError as error:
            raise DamagedError(f"{path.name} cannot be read ({error.strerror})") from error
    if len(found) > most_bytes:
        raise DamagedError(f"{path.name} is larger than it can be")
    return found


def document(path: Path, most_bytes: int = JSON_BYTES) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises:
        FileNotFoundError: there is none.
        DamagedError: it is no file, too large or no JSON object.
    """
    content = data(path, most_bytes)
    if takes_too_much(content):
        raise DamagedError(f"{path.name} is larger than it can be")
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:  # not UTF-8, 5,000 digits, brackets
        raise DamagedError(f"{path.name} is no JSON") from error
    if not isinstance(value, dict):
        raise DamagedError(f"{path.name} is no JSON object")
    return value


def takes_too_much(content: bytes) -> bool:
    """Whether JSON would take more memory, once it is read, than any document of a run.

    Estimated from its brackets and commas: 64 MB of ``{}`` are 2.3 GB of objects.
    """
    things = 230 * content.count(b"{") + 90 * content.count(b"[") + 40 * content.count(b",")
    return things + 2 * len(content) > MOST_MEMORY


def is_text(value: Any, longest: int = LONGEST_TEXT) -> TypeGuard[str]:
    """Whether a value is a text and not too long; it may hold halves of characters, see ``showable``."""
    return isinstance(value, str) and len(value) <= longest


def is_number(value: Any, low: float = -1e15, high: float = 1e15) -> TypeGuard[float]:
    """Whether a value is a finite number within these bounds; true and false are none."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and low <= value <= high
        and math.isfinite(value)
    )


def is_whole(value: Any, low: int = 0, high: int = 10**12) -> TypeGuard[int]:
    """Whether a value is a whole number within these bounds."""
    return isinstance(value, int) and is_number(value, low, high)
