"""Decoded images on disk: there in an instant the next time, and read by index where they are too many for
the memory.

    cache/<key>/pixels.bin    uint8, one image after the other
                facts.json    their shape, which files they are, what was skipped, whose they are

The key stands for the names, sizes and times of all files and for the options, so that images which were
added, replaced or deleted are never read from here. Folders go when the cache grows too large, the longest
unused first: everything in it can be decoded again.
"""

import contextlib
import hashlib
import json
import math
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np

from cnnlab import strict_json, workspace
from cnnlab.datasets import imageset
from cnnlab.datasets.imageset import Skipped
from cnnlab.errors import DatasetError
from cnnlab.languages import texts

VERSION = 2  # of how images are decoded
WORTH_KEEPING = 500
"""Fewer images are decoded in a moment."""
MOST_BYTES = 10 * 2**30
SPARE_BYTES = 2**30
"""What is left free on the disk."""

Results = Iterable[np.ndarray | Skipped]


@dataclass(frozen=True)
class Origin:
    """What images are made from: ``key`` tells all that decides them, ``of`` whose they are.

    Of a dataset with another ``version`` nothing is kept any longer.
    """

    key: str
    of: str = ""
    version: str = ""

    @property
    def folder(self) -> Path:
        """Where they are kept, if they are."""
        return workspace.cache_dir() / hashlib.sha256(f"{VERSION} {self.key}".encode()).hexdigest()[:32]


@dataclass(frozen=True, eq=False)
class Gathered:
    """Images uint8 ``(N, H, W, C)``, in memory or a read-only ``np.memmap``; which of the results they
    were; and the results that were none."""

    pixels: np.ndarray
    rows: np.ndarray
    skipped: tuple[Skipped, ...] = ()
    white: int | None = None
    """As the ``scale`` had it with which they were decoded."""


class Scale(Protocol):
    """What knows how the depth of images is scaled, once they are all decoded."""

    white: int | None


def gather(
    results: Callable[[], Results], total: int, origin: Origin, scale: Scale | None = None
) -> Gathered:
    """Return the images among ``total`` results, which are asked for only where they are not kept.

    Raises:
        DatasetError: no image among them; they differ in size; they fit neither into memory nor on disk.
    """
    if kept := _open(origin.folder):
        return kept
    try:
        with workspace.scratch(workspace.cache_dir()) as folder:
            return _gathered(results(), total, origin, folder, scale)
    except OSError:  # the disk has no room: without it, then
        return _gathered(results(), total, origin, None, scale)


def made_from(pixels: np.memmap, how: str) -> Origin:
    """Return the origin of images that are made from kept ones."""
    folder = Path(str(pixels.filename)).parent
    facts = _facts(folder)
    return Origin(f"{folder.name} {how}", facts.get("of", ""), facts.get("version", ""))


def forget(of: str) -> None:
    """Delete what is kept of a dataset that is deleted itself."""
    _forget(lambda known: known.get("of") == of)


def _forget(is_meant: Callable[[dict], bool]) -> None:
    for folder in _folders():
        if is_meant(_facts(folder)):
            shutil.rmtree(folder, ignore_errors=True)


class _Pile:
    """Takes images one by one; they lie in a scratch folder where that is worth it, else in memory.

    The file is written, not mapped: a full disk is an error here, and would end a process that maps it.
    """

    def __init__(self, total: int, shape: tuple[int, ...], scratch: Path | None):
        self.shape, self.count, self.scratch = shape, 0, None
        self.file: BinaryIO | None = None
        self._memory = np.empty((0, *shape), np.uint8)
        needed = total * math.prod(shape)
        if scratch and (total >= WORTH_KEEPING or needed > imageset.MOST_BYTES):
            _make_room(needed)
            self.scratch = scratch
            self.file = (scratch / "pixels.bin").open("wb")
        else:
            imageset.refuse_too_much(total, shape)
            self._memory = np.empty((total, *shape), np.uint8)

    def add(self, image: np.ndarray) -> None:
        if image.shape != self.shape:
            raise DatasetError("The images differ in size; choose an image size, for example 64.")
        if self.file:
            self.file.write(np.ascontiguousarray(image).data)
        else:
            self._memory[self.count] = image
        self.count += 1

    def pixels(self) -> np.ndarray:
        return self._memory[: self.count]


def _gathered(
    results: Results, total: int, origin: Origin, scratch: Path | None, scale: Scale | None
) -> Gathered:
    pile: _Pile | None = None
    rows, skipped = [], []
    try:
        for index, result in enumerate(results):
            if isinstance(result, Skipped):
                skipped.append(result)
                continue
            pile = pile or _Pile(total, result.shape, scratch)
            pile.add(result)
            rows.append(index)
    finally:
        if pile and pile.file:
            pile.file.close()
    if not pile:
        reason = skipped[0].reason if skipped else texts("it is empty.")
        raise DatasetError(f"{Path(origin.of).name} holds no image that can be read: {reason}")
    white = scale.white if scale else None
    if not pile.scratch:
        return Gathered(pile.pixels(), np.array(rows), tuple(skipped), white)
    facts = {
        "shape": [pile.count, *pile.shape],
        "rows": rows,
        "skipped": [(item.name, item.reason, item.kind) for item in skipped],
        "white": white,
        "of": origin.of,
        "version": origin.version,
    }
    if origin.version:
        _forget(lambda known: known.get("of") == origin.of and known.get("version") != origin.version)
    return _kept(facts, pile.scratch, origin.folder)


def _kept(facts: dict, scratch: Path, target: Path) -> Gathered:
    """Give a whole scratch folder its name: from now on it is kept."""
    (scratch / "facts.json").write_text(strict_json.dumps(facts), "utf-8")
    if target.exists() and not _open(target):
        shutil.rmtree(target, ignore_errors=True)
    with contextlib.suppress(OSError):  # somebody else was quicker, with the same images
        scratch.rename(target)
    if kept := _open(target):
        return kept
    raise OSError(f"{target} cannot be read")


def _open(folder: Path) -> Gathered | None:
    """Return what is kept in a folder, and note that it was used."""
    try:
        facts = json.loads((folder / "facts.json").read_bytes())
        pixels = np.memmap(folder / "pixels.bin", np.uint8, "r", shape=tuple(facts["shape"]))
        os.utime(folder)
        skipped = tuple(Skipped(*pair) for pair in facts["skipped"])
        return Gathered(pixels, np.array(facts["rows"]), skipped, facts["white"])
    except (OSError, ValueError, KeyError, TypeError):  # not there, or not whole
        return None


def _make_room(needed: int) -> None:
    """Delete what was not used for longest, until ``needed`` bytes fit under the limit and on the disk.

    Raises:
        OSError: the disk is full of other things.
    """
    kept = sorted(_folders(), key=_used_at, reverse=True)
    sizes = {folder: sum(_size(file) for file in folder.glob("*")) for folder in kept}
    while kept and (sum(sizes[folder] for folder in kept) + needed > MOST_BYTES or not _fits(needed)):
        shutil.rmtree(kept.pop(), ignore_errors=True)
    if not _fits(needed):
        raise OSError("no room")


def _fits(needed: int) -> bool:
    return shutil.disk_usage(workspace.cache_dir()).free - needed >= SPARE_BYTES


def _folders() -> list[Path]:
    return [path for path in workspace.cache_dir().iterdir() if not path.name.startswith(".")]


def _facts(folder: Path) -> dict:
    try:
        return json.loads((folder / "facts.json").read_bytes())
    except (OSError, ValueError):
        return {}


def _used_at(folder: Path) -> float:
    with contextlib.suppress(OSError):
        return folder.stat().st_mtime
    return 0.0


def _size(file: Path) -> int:
    with contextlib.suppress(OSError):
        return file.stat().st_size
    return 0
