"""Datasets that people bring: each is a folder of class folders in ``CNNLAB_HOME/datasets``.

    my-hands/dataset.json               its title, its source, its pictures' shape, and what was skipped
    my-hands/rock/anna__012-00001.jpg   class folders, or train and test with class folders in them

Nothing that people sent is used as a path: files get names of our own, which keep the group readable.
"""

import contextlib
import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np

from cnnlab import workspace
from cnnlab.datasets import cache
from cnnlab.datasets.deleted import discard_dataset
from cnnlab.datasets.folder import DatasetFolder, at, every, safe
from cnnlab.datasets.imageset import DatasetInfo, Progress, Skipped
from cnnlab.datasets.listing import Entry, classes_of, classify
from cnnlab.datasets.pictures import read_all
from cnnlab.datasets.registry import BUILT_IN
from cnnlab.datasets.sources import FolderSource, Source, ZipSource
from cnnlab.datasets.split import GROUP_MARK, group_of
from cnnlab.errors import DatasetError

LESSON = "Your own pictures: the network is only as good as what you show it."
_naming = threading.Lock()


def own() -> list[DatasetInfo]:
    """Return the facts about every dataset in the library that can be trained on, ordered by name."""
    found = []
    for dataset in every():
        with contextlib.suppress(DatasetError):
            found.append(describe(dataset.path))
    return found


def describe(folder: Path, source: Source | None = None) -> DatasetInfo:
    """Return the facts about a folder of pictures, or about ``source`` in its place.

    Raises:
        DatasetError: no pictures, or not two classes.
    """
    entries = classify((source or FolderSource(folder)).paths(), folder.name)
    dataset = DatasetFolder(folder)
    facts = dataset.facts
    shape = facts.get("native_shape")
    return DatasetInfo(
        name=folder.name,
        title=dataset.title,
        summary=f"{len(entries):,} pictures of {', '.join(classes_of(entries)[:5])}",
        source=facts.get("source", "a folder on this computer"),
        licence="as its owner says",
        lesson=LESSON,
        classes=classes_of(entries),
        images=len(entries),
        native_shape=tuple(shape) if shape else None,
        kind="folder",
        skipped=tuple(Skipped(*pair) for pair in facts.get("skipped", ())),
        added=dataset.changed if facts else 0.0,
    )


def create(title: str, classes: Sequence[str]) -> str:
    """Make a dataset with class folders and no pictures; return its name.

    Raises:
        DatasetError: the title is taken or has no letter.
    """
    with workspace.scratch(workspace.datasets_dir()) as temporary:
        folder = temporary / "new"
        for name in classes:
            (folder / name).mkdir(parents=True)
        DatasetFolder(folder).write(title=title.strip(), source="collected here", added=time.time())
        return _move_in(folder, title)


def add(title: str, source: Source, progress: Progress) -> DatasetInfo:
    """Copy every picture of ``source`` that can be read into the library, all or nothing.

    Raises:
        DatasetError: the name is taken or has no letter; fewer than two classes; a class with fewer than
            two pictures that can be read.
    """
    _free_slug(title)  # a name that is taken is refused before anything is copied
    entries = classify(source.paths(), source.title)
    with workspace.scratch(workspace.datasets_dir()) as temporary:
        folder = temporary / "new"
        shapes = _copied(source, entries, folder, progress)
        _refuse_small_classes(entries, shapes)
        found = {shape for shape in shapes if not isinstance(shape, Skipped)}
        DatasetFolder(folder).write(
            title=title.strip(),
            source=source.title if source.title.endswith(".zip") else "uploaded",
            native_shape=found.pop() if len(found) == 1 else None,
            added=time.time(),
            skipped=_as_pairs(shapes),
        )
        slug = _move_in(folder, title)
    return describe(workspace.datasets_dir() / slug)


def extend(name: str, file: Path | BinaryIO, progress: Progress | None = None) -> list[Skipped]:
    """Copy the pictures of a ZIP into a dataset that is there; return those that cannot be read.

    Classes of equal names grow, new ones are added; a test part joins the test part where there is one.

    Raises:
        DatasetError: the dataset was not made here, or the ZIP is unsafe or holds no classes.
    """
    dataset, source = at(name), ZipSource(file)
    entries = classify(source.paths(), source.title)
    if not dataset.is_ours:
        raise DatasetError(f"{dataset.title} was put there by hand; add its pictures by hand as well.")
    with workspace.scratch(dataset.path) as temporary:
        shapes = _copied(source, entries, temporary, progress or (lambda share, doing: None))
        mark = secrets.token_hex(3)
        parts = dataset.parts
        for file in [path for path in temporary.rglob("*") if path.is_file()]:
            is_test = file.relative_to(temporary).parts[0] == "test" and len(parts) > 1
            folder = parts[is_test] / file.parent.name
            folder.mkdir(exist_ok=True)
            file.rename(folder / f"{file.stem}-{mark}{file.suffix}")
    dataset.write(native_shape=None)
    return [shape for shape in shapes if isinstance(shape, Skipped)]


def rename(name: str, title: str) -> None:
    """Give a dataset another title; its folder, by which runs know it, keeps its name.

    Raises:
        DatasetError: there is no such dataset; the title is empty, or another dataset has it.
    """
    dataset, title = at(name), title.strip()[:60]
    if not safe(title):
        raise _no_letter()
    with _naming:
        taken = [entry.info.title for entry in BUILT_IN.values()]
        taken += [other.title for other in every() if other != dataset]
        if title.casefold() in map(str.casefold, taken):
            raise _taken(title)
        dataset.write(title=title)


def remove(name: str) -> str:
    """Take a dataset out of the library; return the token with which ``restore`` brings it back for a day.

    Raises:
        DatasetError: it is built in, or not in the library.
    """
    if name not in {dataset.path.name for dataset in every()}:
        raise DatasetError(f"{name} is not a dataset of your own, so it stays.")
    cache.forget(os.path.abspath(workspace.datasets_dir() / name))  # noqa: PTH100  as FolderSource has it
    return discard_dataset(name)


def _move_in(folder: Path, title: str) -> str:
    """Put a whole dataset into the library; of two with one title that end together, the first is taken."""
    with _naming:
        slug = _free_slug(title)
        try:
            folder.rename(workspace.datasets_dir() / slug)
        except OSError as error:
            raise _taken(title) from error
    return slug


def _free_slug(title: str) -> str:
    slug = safe(title).lower().strip("_")[:40]
    if not slug:
        raise _no_letter()
    if slug in BUILT_IN or slug in {safe(dataset.title).lower()[:40] for dataset in every()}:
        raise _taken(title)
    names = (slug, *(f"{slug}-{number}" for number in range(2, 1000)))  # a renamed one keeps its folder
    return next(name for name in names if not (workspace.datasets_dir() / name).exists())


def _taken(title: str) -> DatasetError:
    return DatasetError(f"There is already a dataset called {title.strip()}; choose another name.")


def _no_letter() -> DatasetError:
    return DatasetError("Give the dataset a name with at least one letter or digit.")


def _as_pairs(shapes: Sequence[tuple[int, ...] | Skipped]) -> list[tuple[str, str]]:
    return [(item.name, item.reason) for item in shapes if isinstance(item, Skipped)]


def _own_paths(entries: Sequence[Entry]) -> list[Path]:
    """Return a path of our own for each picture; the number keeps them apart."""
    folders = {name: safe(name) or f"class-{i}" for i, name in enumerate(classes_of(entries))}
    if len(set(folders.values())) < len(folders):
        folders = {name: f"{folder}-{i}" for i, (name, folder) in enumerate(folders.items())}
    has_test = any(entry.is_test for entry in entries)
    paths = []
    for index, entry in enumerate(entries):
        file, group = PurePosixPath(entry.name), group_of(entry.name)
        stem = file.stem if group is None or GROUP_MARK in file.stem else f"{group}{GROUP_MARK}{file.stem}"
        part = Path("test" if entry.is_test else "train") if has_test else Path()
        paths.append(part / folders[entry.class_name] / f"{safe(stem)}-{index:05d}{file.suffix.lower()}")
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
