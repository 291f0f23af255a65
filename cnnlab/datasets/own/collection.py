"""Datasets that grow: classes of one's own, images added and taken away by many people at once.

Any dataset that was made here, from the camera or from an upload, is such a collection:

    our-hands/dataset.json                               its title, as in ``library.py``
    our-hands/rock/anna__1764000000000-001-123456.jpg    whom it shows, when it came, a number drawn

Every image is a file of its own under a name that nobody else draws, written aside and then moved into
place: people who add to one class at the same moment neither wait for each other nor overwrite anything.
"""

import contextlib
import re
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnlab import access, images, workspace
from cnnlab.access import disk, limits
from cnnlab.datasets.files.listing import MOST_CLASSES
from cnnlab.datasets.files.loading import ending_of
from cnnlab.datasets.files.names import alike
from cnnlab.datasets.imageset import Skipped
from cnnlab.datasets.own import folder, library
from cnnlab.datasets.own.deleted import discard_parts
from cnnlab.datasets.split import GROUP_MARK, group_of
from cnnlab.errors import DatasetError, ImageError
from cnnlab.shelf import safe

MOST_PICTURES = 20_000
NAME_LENGTH = 40


@dataclass(frozen=True)
class ClassImages:
    """One class: its name, and its images' paths within the dataset, the newest last."""

    name: str
    images: tuple[str, ...]


@dataclass(frozen=True)
class Collection:
    """A dataset that grows, as it is at this moment; whose it is, and whether all may add to it."""

    name: str
    title: str
    classes: tuple[ClassImages, ...]
    owner: str = ""
    is_open: bool = False

    @property
    def people(self) -> tuple[str, ...]:
        """Whom its images show, by the names of their files."""
        groups = {group_of(path) for found in self.classes for path in found.images}
        return tuple(sorted(group for group in groups if group is not None))

    @property
    def is_ready(self) -> bool:
        """Whether a network can be trained on it: two classes or more, and two images or more in each."""
        filled = [found for found in self.classes if found.images]
        return len(filled) > 1 and all(len(found.images) > 1 for found in filled)

    def image(self, path: str) -> bytes:
        """Return the file of one of its images.

        Raises:
            DatasetError: somebody deleted it.
        """
        try:
            return (folder.SHELF.path(self.name) / path).read_bytes()
        except OSError as error:
            raise DatasetError(f"{path} is not there any more; look at the list again.") from error


@dataclass(frozen=True)
class Added:
    """What became of images that were handed in: the new paths, and those that cannot be read."""

    paths: tuple[str, ...]
    refused: tuple[Skipped, ...]


def create(title: str, classes: Iterable[str]) -> Collection:
    """Make a collection without images.

    Raises:
        DatasetError: the title is taken or has no letter; else as ``check_classes``.
    """
    return get(library.create(title, check_classes(classes)))


def check_classes(classes: Iterable[str]) -> list[str]:
    """Return the names of classes as a new collection would have them.

    Raises:
        DatasetError: a class has no name or comes twice; there are under two, or too many.
    """
    names = [_class_name(name) for name in classes]
    if len(names) < 2:
        raise DatasetError("Name at least two classes, for example rock, paper, scissors.")
    if len(names) > MOST_CLASSES:
        raise DatasetError(f"A dataset can have {MOST_CLASSES:,} classes; name fewer.")
    for number, name in enumerate(names):
        _refuse_taken(name, names[:number])
    return names


def every() -> list[Collection]:
    """Return all collections, the one that changed last first."""
    ours = sorted((dataset for dataset in folder.every() if dataset.is_ours), key=lambda d: -d.changed)
    return [_read(dataset) for dataset in ours]


def get(name: str) -> Collection:
    """Return a collection as it is now.

    Raises:
        DatasetError: there is none of this name.
    """
    return _read(_ours(name))


@workspace.writing()
def add_images(name: str, class_name: str, files: Sequence[bytes], person: str = "") -> Added:
    """Add the files that can be read to a class, in their order; ``person`` becomes their group.

    Raises:
        DatasetError: the dataset or the class is not there any more, or the dataset is full.
        AccessError: it is neither the visitor's nor open to all, or more than a student may bring.
    """
    access.refuse_follower()
    dataset = _ours(name)
    if not dataset.is_open:
        access.require(dataset.owner, "add images to this dataset")
    limits.check_upload(sum(map(len, files)))
    disk.check()
    place = dataset.class_folder(class_name)
    if len(files) + sum(len(found.images) for found in _read(dataset).classes) > MOST_PICTURES:
        raise DatasetError(
            f"{dataset.title} is full with {MOST_PICTURES:,} images; delete some or begin another dataset."
        )
    paths, refused = [], []
    for number, data in enumerate(files, start=1):
        try:
            images.decode(data, f"Image {number}")
        except ImageError as error:
            refused.append(Skipped(f"Image {number}", str(error)))
        else:
            name = _new_name(person, number)
            paths.append(_written(data, place, name).relative_to(dataset.path).as_posix())
    if dataset.facts.get("native_shape"):
        dataset.write(native_shape=None)
    return Added(tuple(paths), tuple(refused))


@workspace.writing()
def open_to_all(name: str, is_open: bool = True) -> None:
    """Let everybody add images to a collection, or only its owner again.

    Raises:
        DatasetError: there is none of this name.
        AccessError: it is not the visitor's.
    """
    dataset = _ours(name)
    access.require(dataset.owner, "open this dataset to all")
    dataset.write(open=is_open)


@workspace.writing()
def delete_images(name: str, paths: Iterable[str]) -> str:
    """Take images out of a collection; return the token with which ``restore`` brings them back.

    Raises:
        AccessError: it is not the visitor's.
    """
    access.require(folder.dataset_folder(name).owner, "delete images of this dataset")
    known = {path for found in get(name).classes for path in found.images}
    return discard_parts(name, [path for path in paths if path in known])


@workspace.writing()
def add_class(name: str, class_name: str) -> str:
    """Add a class without images; return its name, less spaces around it.

    Raises:
        DatasetError: the name is empty, or there is one of this name, or there are too many.
        AccessError: the dataset is not the visitor's.
    """
    dataset, new = _ours(name), _class_name(class_name)
    access.require(dataset.owner, "add a class to this dataset")
    there = dataset.class_folders
    _refuse_taken(new, map(dataset.class_name, there))
    if len(there) >= MOST_CLASSES:
        raise DatasetError(f"A dataset can have {MOST_CLASSES:,} classes; delete one first.")
    place = folder.class_folder_name(new, _taken(dataset))
    dataset.call({place: new})
    (dataset.parts[0] / place).mkdir(exist_ok=True)
    return new


@workspace.writing()
def rename_class(name: str, class_name: str, new_name: str) -> str:
    """Give a class another name, with all its images; return it, less spaces around it.

    Raises:
        DatasetError: there is no such class, or the new name is taken or empty.
        AccessError: the dataset is not the visitor's.
    """
    dataset, new = _ours(name), _class_name(new_name)
    access.require(dataset.owner, "rename a class of this dataset")
    place = dataset.class_folder(class_name)
    _refuse_taken(new, [dataset.class_name(other) for other in dataset.class_folders if other != place])
    target = folder.class_folder_name(new, _taken(dataset) - {place.name})
    dataset.call({target: new})
    for part in dataset.parts:
        with contextlib.suppress(FileNotFoundError):
            (part / place.name).rename(part / target)
    return new


@workspace.writing()
def delete_class(name: str, class_name: str) -> str:
    """Take a class out with all its images; return the token for ``restore``.

    Raises:
        DatasetError: there is no such class.
        AccessError: the dataset is not the visitor's.
    """
    dataset = _ours(name)
    access.require(dataset.owner, "delete a class of this dataset")
    place = dataset.class_folder(class_name)
    parts = [(part / place.name).relative_to(dataset.path).as_posix() for part in dataset.parts]
    return discard_parts(name, parts)


def group_name(person: str) -> str:
    """Return a person's name as it stands in file names: before the mark that ends a group."""
    return re.sub("_+", "_", safe(person, NAME_LENGTH)).strip("_-")


def _ours(name: str) -> folder.DatasetFolder:
    dataset = folder.dataset_folder(name)
    if not dataset.is_ours:
        raise DatasetError(f"{dataset.title} was put there by hand; change its images by hand as well.")
    return dataset


def _read(dataset: folder.DatasetFolder) -> Collection:
    classes = tuple(
        ClassImages(dataset.class_name(place), _images_in(place, dataset.path))
        for place in dataset.class_folders
    )
    return Collection(dataset.path.name, dataset.title, classes, dataset.owner, dataset.is_open)


def _images_in(place: Path, home: Path) -> tuple[str, ...]:
    try:
        names = [file.name for file in place.iterdir() if file.suffix.lower() in images.SUFFIXES]
    except FileNotFoundError:  # the class was renamed or deleted this very moment
        return ()
    names.sort(key=lambda name: (name.partition(GROUP_MARK)[2] or name, name))
    return tuple((place.relative_to(home) / name).as_posix() for name in names)


def _new_name(person: str, number: int) -> str:
    """Return a name that sorts by time, then by the place in its batch, and that nobody else draws."""
    group = group_name(person)
    drawn = f"{time.time_ns() // 10**6:013d}-{number:03d}-{secrets.randbelow(10**6):06d}"
    return f"{group}{GROUP_MARK}{drawn}" if group else drawn


def _written(data: bytes, place: Path, name: str) -> Path:
    aside = place.parent / f".{name}"
    try:
        aside.write_bytes(data)
        return aside.rename(place / f"{name}{ending_of(data)}")
    except FileNotFoundError as error:
        aside.unlink(missing_ok=True)
        raise DatasetError(f"The class {place.name} is not there any more; choose another.") from error


def _class_name(text: str) -> str:
    name = folder.typed_name(text, NAME_LENGTH)
    if not name:
        raise DatasetError("Give each class a name.")
    return name


def _taken(dataset: folder.DatasetFolder) -> set[str]:
    """Return the names of the folders that there are, in any part."""
    return {place.name for part in dataset.parts for place in part.iterdir()}


def _refuse_taken(name: str, known: Iterable[str]) -> None:
    if alike(name) in map(alike, known):
        raise DatasetError(f"There is already a class {name}; choose another name.")
