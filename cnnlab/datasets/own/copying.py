"""Images of people copied to places of our own: nothing that they sent is used as a path."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from cnnlab import images, workspace
from cnnlab.datasets.files.listing import Entry
from cnnlab.datasets.files.loading import ending_of, read_all
from cnnlab.datasets.files.names import alike
from cnnlab.datasets.files.parts import ROLES
from cnnlab.datasets.files.sources import Source
from cnnlab.datasets.imageset import Progress, Skipped
from cnnlab.datasets.own.folder import class_folder_name
from cnnlab.datasets.split import GROUP_MARK, group_of
from cnnlab.shelf import safe


def roles_of(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the parts that the entries are in."""
    return tuple(role for role in ROLES if any(entry.role == role for entry in entries))


def folders_of(classes: Iterable[str], there: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the name of each class's folder; ``there`` are those of a dataset to which they are added."""
    known = {alike(name): folder for name, folder in (there or {}).items()}
    folders: dict[str, str] = {}
    for name in classes:
        taken = (*known.values(), *folders.values())
        folders[name] = known.get(alike(name)) or class_folder_name(name, taken)
    return folders


def _own_path(entry: Entry, index: int, names: Mapping[str, str], has_parts: bool, data: bytes) -> Path:
    """Return a path of our own for an image; the number keeps it apart from all others."""
    file, group = PurePosixPath(entry.name), group_of(entry.name)
    stem = file.stem if group is None or GROUP_MARK in file.stem else f"{group}{GROUP_MARK}{file.stem}"
    ending = file.suffix.lower()
    if ending not in images.SUFFIXES:
        stem, ending = file.name, ending_of(data)
    part = Path(entry.role if has_parts else "")
    return part / names[entry.class_name] / f"{safe(stem)}-{index:05d}{ending}"


def copied(
    source: Source, entries: Sequence[Entry], names: Mapping[str, str], folder: Path, progress: Progress
) -> list[tuple[int, ...] | Skipped]:
    """Write every image that can be read; return each one's shape, or why it was skipped."""
    has_parts = len(roles_of(entries)) > 1

    def write(image: np.ndarray, data: bytes, index: int) -> tuple[int, ...]:
        path = folder / _own_path(entries[index], index, names, has_parts, data)
        with workspace.writing():  # else a full disk would look like an image that cannot be opened
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return image.shape

    return list(read_all(source, entries, write, progress))
