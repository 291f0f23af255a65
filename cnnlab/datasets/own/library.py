"""Datasets that people bring: each is a folder of class folders in ``CNNLAB_HOME/datasets``.

    my-hands/dataset.json               its title, its source, its images' shape, and what was skipped
    my-hands/rock/anna__012-00001.jpg   class folders, or train, validation and test with class folders

Nothing that people sent is used as a path: files and folders get names of our own, which keep the group
readable; what people call their classes is written down.
"""

import contextlib
import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cnnlab import access, workspace
from cnnlab.access import disk, limits
from cnnlab.datasets import cache
from cnnlab.datasets.files.listing import Entry
from cnnlab.datasets.files.names import alike, in_order
from cnnlab.datasets.files.parts import TRAIN
from cnnlab.datasets.files.snapshot import Snapshot
from cnnlab.datasets.files.sources import FolderSource, Source, ZipSource
from cnnlab.datasets.files.survey import refuse_unreadable_class, survey
from cnnlab.datasets.imageset import DatasetInfo, LeftOut, Progress, Skipped
from cnnlab.datasets.own.copying import copied, folders_of, roles_of
from cnnlab.datasets.own.deleted import discard_dataset
from cnnlab.datasets.own.folder import SHELF, DatasetFolder, dataset_folder, every
from cnnlab.datasets.registry import BUILT_IN
from cnnlab.errors import DatasetError
from cnnlab.languages import texts
from cnnlab.shelf import nfc, safe

LESSON = "Your own images: the network is only as good as what you show it."
_looking = threading.Lock()


@dataclass(frozen=True)
class _Known:
    """What was found in a folder when it was last looked through."""

    snapshot: Snapshot
    found: DatasetInfo | DatasetError


_known: dict[str, _Known] = {}


def own() -> list[DatasetInfo]:
    """Return the facts about every dataset in the library that can be trained on, ordered by name."""
    found = []
    for dataset in every():
        with contextlib.suppress(DatasetError):
            found.append(describe(dataset.path))
    return found


def describe(folder: Path, source: Source | None = None) -> DatasetInfo:
    """Return the facts about a folder of images, or about ``source`` in its place.

    A folder is looked through again only when files have come or gone.

    Raises:
        DatasetError: no images, or not two classes.
    """
    if source:
        return _described(folder, source)
    place = os.path.abspath(folder)  # noqa: PTH100
    known = _known.get(place)
    if not (known and known.snapshot.holds()):
        known = _looked_through(place, folder)
    if isinstance(known.found, DatasetError):
        raise DatasetError(str(known.found))
    return known.found


def _looked_through(place: str, folder: Path) -> _Known:
    """Look through a folder, once for all who ask at the same moment."""
    with _looking:
        known = _known.get(place)
        if not (known and known.snapshot.holds()):
            snapshot = Snapshot.of(place)
            try:
                known = _Known(snapshot, _described(folder, FolderSource(folder)))
            except DatasetError as error:
                known = _Known(snapshot, error)
            except OSError as error:  # deleted by somebody this very moment, or not ours to read
                return _Known(
                    snapshot, DatasetError(f"The dataset {folder.name} cannot be read ({error.strerror}).")
                )
            _known[place] = known
        return known


def _described(folder: Path, source: Source) -> DatasetInfo:
    listing, dataset = survey(source), DatasetFolder(folder)
    facts, classes = dataset.facts, listing.classes
    return DatasetInfo(
        name=folder.name,
        title=dataset.title,
        summary=f"{len(listing.entries):,} images of {', '.join(classes[:5])}{' …' * (len(classes) > 5)}",
        source=str(facts.get("source") or texts("a folder on this computer")),
        licence=texts("not stated"),
        lesson=LESSON,
        classes=classes,
        images=len(listing.entries),
        native_shape=_shape(facts.get("native_shape")),
        kind="folder",
        skipped=tuple(Skipped(*map(str, row)) for row in _rows(facts.get("skipped"), (2, 3))),
        added=dataset.changed if facts else 0.0,
        parts=listing.parts,
        left_out=(
            *(
                LeftOut(str(kind), str(sentence), tuple(map(str, names)))
                for kind, sentence, names in _rows(facts.get("left_out"), (3,))
                if isinstance(names, list)
            ),
            *listing.left_out,
        ),
    )


@workspace.writing()
def create(title: str, classes: Sequence[str]) -> str:
    """Make a dataset with class folders and no images; return its name.

    Raises:
        DatasetError: the title is taken or has no letter.
        AccessError: a student has no disk space left.
    """
    disk.check()
    with workspace.scratch(SHELF.folder()) as temporary:
        folder, names = temporary / "new", folders_of(classes)
        for name in classes:
            (folder / names[name]).mkdir(parents=True)
        DatasetFolder(folder).write(
            title=nfc(title.strip()),
            source=texts("collected here"),
            **access.mark(),
            added=time.time(),
            parts={},
            names={folder: name for name, folder in names.items()},
        )
        return _move_in(folder, title)


@workspace.writing()
def add(
    title: str, source: Source, progress: Progress, roles: Mapping[str, str] | None = None
) -> DatasetInfo:
    """Copy every image of ``source`` that can be read into the library, all or nothing.

    ``roles`` says what to take folders for, where a person has corrected what was found; see ``survey``.

    Raises:
        DatasetError: the name is taken or has no letter; fewer than two classes; a class with fewer than
            two images that can be read.
        AccessError: a student has no disk space left.
    """
    disk.check()
    _free_slug(title)  # a name that is taken is refused before anything is copied
    listing = survey(source, roles)
    refuse_unreadable_class(listing)
    entries, names = listing.entries, folders_of(listing.classes)
    with workspace.scratch(SHELF.folder()) as temporary:
        folder = temporary / "new"
        shapes = copied(source, entries, names, folder, progress)
        _refuse_small_classes(entries, shapes)
        found = {shape for shape in shapes if not isinstance(shape, Skipped)}
        DatasetFolder(folder).write(
            title=nfc(title.strip()),
            source=source.title if source.title.endswith(".zip") else texts("uploaded"),
            **access.mark(),
            native_shape=found.pop() if len(found) == 1 else None,
            added=time.time(),
            skipped=_as_rows(shapes),
            left_out=[(item.kind, item.sentence, item.names) for item in listing.left_out],
            parts={role: role for role in roles_of(entries)} if len(roles_of(entries)) > 1 else {},
            names={folder: name for name, folder in names.items()},
        )
        slug = _move_in(folder, title)
    return describe(SHELF.path(slug))


@workspace.writing()
def extend(name: str, file: Path | BinaryIO, progress: Progress | None = None) -> list[Skipped]:
    """Copy the images of a ZIP into a dataset that is there; return the files that are left out.

    Classes of equal names grow, new ones are added; a test part joins the test part where there is one, else
    the classes.

    Raises:
        DatasetError: the dataset was not made here, or the ZIP is unsafe or holds no classes.
        AccessError: it is not the visitor's, or they have no disk space left.
    """
    dataset = dataset_folder(name)
    access.require(dataset.owner, "add images to this dataset")
    limits.check_upload_of(file)
    disk.check()
    source = ZipSource(file)
    listing = survey(source)
    refuse_unreadable_class(listing)
    if not dataset.is_ours:
        raise DatasetError(f"{dataset.title} was put there by hand; add its images by hand as well.")
    there = {dataset.class_name(folder): folder.name for folder in dataset.class_folders}
    names = folders_of(listing.classes, there)
    with workspace.scratch(dataset.path) as temporary:
        shapes = copied(source, listing.entries, names, temporary, progress or (lambda fraction, doing: None))
        mark, whole = secrets.token_hex(3), len(roles_of(listing.entries)) == 1
        dataset.call({folder: name for name, folder in names.items() if folder not in there.values()})
        for file in [path for path in temporary.rglob("*") if path.is_file()]:
            role = TRAIN if whole else file.relative_to(temporary).parts[0]
            folder = dataset.part(role) / file.parent.name
            folder.mkdir(exist_ok=True)
            file.rename(folder / f"{file.stem}-{mark}{file.suffix}")
    dataset.write(native_shape=None)
    left_out = [Skipped(name, item.sentence) for item in listing.left_out for name in item.names]
    return left_out + [shape for shape in shapes if isinstance(shape, Skipped)]


@workspace.writing()
def rename(name: str, title: str) -> None:
    """Give a dataset another title; its folder, by which runs know it, keeps its name.

    Raises:
        DatasetError: there is no such dataset; the title is empty, or another dataset has it.
        AccessError: it is not the visitor's.
    """
    dataset, title = dataset_folder(name), nfc(title.strip())[:60]
    access.require(dataset.owner, "rename this dataset")
    if not safe(title):
        raise _no_letter()
    with SHELF.lock():
        taken = [entry.info.title for entry in BUILT_IN.values()]
        taken += [other.title for other in every() if other != dataset]
        if alike(title) in map(alike, taken):
            raise _taken(title)
        dataset.write(title=title)


@workspace.writing()
def remove(name: str) -> str:
    """Take a dataset out of the library; return the token with which ``restore`` brings it back for a day.

    Raises:
        DatasetError: it is built in, or not in the library.
        AccessError: it is not the visitor's.
    """
    if name not in SHELF.names():
        raise DatasetError(f"The dataset {name} is not one of your own, so it stays.")
    access.require(dataset_folder(name).owner, "delete this dataset")
    cache.forget(os.path.abspath(SHELF.path(name)))  # noqa: PTH100  as FolderSource has it
    return discard_dataset(name)


def _move_in(folder: Path, title: str) -> str:
    """Put a whole dataset into the library; of two with one title that end together, the first is taken."""
    with SHELF.lock():
        slug = _free_slug(title)
        try:
            folder.rename(SHELF.path(slug))
        except OSError as error:
            raise _taken(title) from error
    return slug


def _free_slug(title: str) -> str:
    if not (slug := _slug(title)):
        raise _no_letter()
    if slug in BUILT_IN or slug in {_slug(dataset.title) for dataset in every()}:
        raise _taken(title)
    names = (slug, *(f"{slug}-{number}" for number in range(2, 1000)))  # a renamed one keeps its folder
    return next(name for name in names if not SHELF.path(name).exists())


def _slug(title: str) -> str:
    """Return the name of a dataset's folder: letters of any script, for people look into it."""
    return safe(title).lower().strip("_-")[:40].strip("_-")


def _taken(title: str) -> DatasetError:
    return DatasetError(f"There is already a dataset called {title.strip()}; choose another name.")


def _no_letter() -> DatasetError:
    return DatasetError("Give the dataset a name with at least one letter or digit.")


def _as_rows(shapes: Sequence[tuple[int, ...] | Skipped]) -> list[tuple[str, str, str]]:
    return [(item.name, item.reason, item.kind) for item in shapes if isinstance(item, Skipped)]


def _rows(value: Any, lengths: tuple[int, ...]) -> list[list[Any]]:
    """Return the rows of a list as facts hold them; anything else than a list of such rows is left out."""
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, list) and len(row) in lengths]


def _shape(value: Any) -> tuple[int, int, int] | None:
    is_one = isinstance(value, list) and len(value) == 3 and all(type(n) is int and n > 0 for n in value)
    return tuple(value) if is_one else None


def _refuse_small_classes(entries: Sequence[Entry], shapes: Sequence[tuple[int, ...] | Skipped]) -> None:
    pairs = list(zip(entries, shapes, strict=True))
    training = [(e.class_name, shape) for e, shape in pairs if e.role == TRAIN]
    usable = Counter(name for name, shape in training if not isinstance(shape, Skipped))
    for name in in_order(name for name, _ in training):
        if usable[name] < 2:
            count, reasons = usable[name], [shape.reason for _, shape in pairs if isinstance(shape, Skipped)]
            images = texts("1 usable image" if count == 1 else f"{count} usable images")
            raise DatasetError(
                f"Class {name} has {images} and needs at least 2; {reasons[0]}"
                if reasons
                else f"Class {name} has {images} and needs at least 2."
            )
