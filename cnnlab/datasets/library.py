"""Datasets that people bring: each is a folder of class folders in ``CNNLAB_HOME/datasets``.

    my-hands/dataset.json               its title, its source, its pictures' shape, and what was skipped
    my-hands/rock/anna__012-00001.jpg   class folders, or train and test with class folders in them

Nothing that people sent is used as a path: files get names of our own, which keep the group readable.
"""

import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from cnnlab import workspace
from cnnlab.datasets.imageset import DatasetInfo, Progress, Skipped
from cnnlab.datasets.listing import Entry, classes_of, classify
from cnnlab.datasets.pictures import read_all
from cnnlab.datasets.registry import BUILT_IN
from cnnlab.datasets.sources import FolderSource, Source
from cnnlab.datasets.split import GROUP_MARK, group_of
from cnnlab.errors import DatasetError

FACTS = "dataset.json"
LESSON = "Your own pictures: the network is only as good as what you show it."


def own() -> list[DatasetInfo]:
    """Return the facts about every dataset in the library, ordered by name."""
    found = []
    for folder in sorted(workspace.datasets_dir().iterdir()):
        if folder.is_dir() and not folder.name.startswith("."):
            try:
                found.append(describe(folder))
            except DatasetError:
                continue
    return found


def describe(folder: Path, source: Source | None = None) -> DatasetInfo:
    """Return the facts about a folder of pictures, or about ``source`` in its place.

    Raises:
        DatasetError: no pictures, or not two classes.
    """
    entries = classify((source or FolderSource(folder)).paths(), folder.name)
    facts = _facts(folder)
    shape = facts.get("native_shape")
    return DatasetInfo(
        name=folder.name,
        title=facts.get("title", folder.name),
        summary=f"{len(entries):,} pictures of {', '.join(classes_of(entries)[:5])}",
        source=facts.get("source", "a folder on this computer"),
        licence="as its owner says",
        lesson=LESSON,
        classes=classes_of(entries),
        images=len(entries),
        native_shape=tuple(shape) if shape else None,
        kind="folder",
        skipped=tuple(Skipped(*pair) for pair in facts.get("skipped", ())),
        added=facts.get("added", 0.0),
    )


def add(title: str, source: Source, progress: Progress) -> DatasetInfo:
    """Copy every picture of ``source`` that can be read into the library, all or nothing.

    Raises:
        DatasetError: the name is taken or has no letter; fewer than two classes; a class with fewer than
            two pictures that can be read.
    """
    slug, entries = _free_slug(title), classify(source.paths(), source.title)
    with tempfile.TemporaryDirectory(dir=workspace.datasets_dir(), prefix=".") as temporary:
        folder = Path(temporary) / slug
        shapes = _copied(source, entries, folder, progress)
        _refuse_small_classes(entries, shapes)
        found = {shape for shape in shapes if not isinstance(shape, Skipped)}
        facts = {
            "title": title.strip(),
            "source": source.title if source.title.endswith(".zip") else "uploaded",
            "native_shape": found.pop() if len(found) == 1 else None,
            "added": time.time(),
            "skipped": [(item.name, item.reason) for item in shapes if isinstance(item, Skipped)],
        }
        (folder / FACTS).write_text(json.dumps(facts), encoding="utf-8")
        try:
            folder.rename(workspace.datasets_dir() / slug)
        except OSError as error:
            raise _taken(title) from error
    return describe(workspace.datasets_dir() / slug)


def remove(name: str) -> None:
    """Delete a dataset of the library with all its pictures.

    Raises:
        DatasetError: it is built in, or not in the library.
    """
    if name not in {info.name for info in own()}:
        raise DatasetError(f"{name} is not a dataset of your own, so it stays.")
    with tempfile.TemporaryDirectory(dir=workspace.datasets_dir(), prefix=".") as temporary:
        (workspace.datasets_dir() / name).rename(Path(temporary) / name)  # gone at once, then deleted


def _facts(folder: Path) -> dict:
    try:
        return json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _free_slug(title: str) -> str:
    slug = _safe(title).lower().strip("_")[:40]
    if not slug:
        raise DatasetError("Give the dataset a name with at least one letter or digit.")
    if slug in BUILT_IN or (workspace.datasets_dir() / slug).exists():
        raise _taken(title)
    return slug


def _taken(title: str) -> DatasetError:
    return DatasetError(f"There is already a dataset called {title.strip()}; choose another name.")


def _safe(text: str) -> str:
    """Return letters, digits, ``_`` and ``-`` only."""
    return re.sub(r"[^\w]+", "-", text).strip("-")[:60]


def _own_paths(entries: Sequence[Entry]) -> list[Path]:
    """Return a path of our own for each picture; the number keeps them apart."""
    folders = {name: _safe(name) or f"class-{i}" for i, name in enumerate(classes_of(entries))}
    if len(set(folders.values())) < len(folders):
        folders = {name: f"{folder}-{i}" for i, (name, folder) in enumerate(folders.items())}
    has_test = any(entry.is_test for entry in entries)
    paths = []
    for index, entry in enumerate(entries):
        file, group = PurePosixPath(entry.name), group_of(entry.name)
        stem = file.stem if group is None or GROUP_MARK in file.stem else f"{group}{GROUP_MARK}{file.stem}"
        part = Path("test" if entry.is_test else "train") if has_test else Path()
        paths.append(part / folders[entry.class_name] / f"{_safe(stem)}-{index:05d}{file.suffix.lower()}")
    return paths


def _copied(
    source: Source, entries: Sequence[Entry], folder: Path, progress: Progress
) -> list[tuple[int, ...] | Skipped]:
    """Write every picture that can be read; return each one's shape, or why it was skipped."""
    paths = _own_paths(entries)

    def write(image: np.ndarray, data: bytes, index: int) -> tuple[int, ...]:
        path = folder / paths[index]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return image.shape

    return list(read_all(source, entries, write, progress))


def _refuse_small_classes(entries: Sequence[Entry], shapes: Sequence[tuple[int, ...] | Skipped]) -> None:
    pairs = list(zip(entries, shapes, strict=True))
    usable = Counter(e.class_name for e, shape in pairs if not (e.is_test or isinstance(shape, Skipped)))
    for name in classes_of(entries):
        if usable[name] < 2:
            reason = next((f"; {shape.reason}" for _, shape in pairs if isinstance(shape, Skipped)), ".")
            raise DatasetError(
                f"Class {name} has {usable[name]} usable pictures and needs at least 2{reason}"
            )
