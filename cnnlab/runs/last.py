"""Something that is made for a folder, such as an index of it, and kept for the folder asked about last."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

Made = TypeVar("Made")


class OfLast(Generic[Made]):
    """Calls ``make`` once for a folder until another one is asked about; safe to call from any thread."""

    def __init__(self, make: Callable[[Path], Made]):
        self._make = make
        self._lock = threading.Lock()
        self._kept: tuple[Path, Made] | None = None

    def __call__(self, folder: Path) -> Made:
        """Return what was made for this folder, now or before."""
        with self._lock:
            if self._kept is None or self._kept[0] != folder:
                self._kept = folder, self._make(folder)
            return self._kept[1]
