"""Which file shows which class: read off the names alone, for folders, ZIPs and uploads alike.

rock/anna__001.jpg     one folder per class; a folder around them all does not matter
train/cat/7.jpg        … within train and test (or validation)
cat.12.jpg, dog_3.png  one folder, the class before the number
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from cnnlab import images
from cnnlab.datasets.split import GROUP_MARK
from cnnlab.errors import DatasetError

TRAIN_FOLDERS = {"train", "training"}
TEST_FOLDERS = {"test", "testing", "validation", "valid", "val"}
CLASS_BEFORE_NUMBER = re.compile(r"(.*?[^\W\d_])[\W_]*\d")
MOST_CLASSES = 1000

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """A picture file: its path in its source, its class, and its name below the train or test folder."""

    path: str
    class_name: str
    name: str
    is_test: bool = False


def classify(paths: Iterable[str], source: str) -> tuple[Entry, ...]:
    """Return the picture files among ``paths`` (relative, with ``/``) with their classes, ordered by path.

    Raises:
        DatasetError: no pictures, or not at least two classes; ``source`` names the folder or ZIP.
    """
    pictures = {path: PurePosixPath(path).parts for path in sorted(paths) if _is_picture(PurePosixPath(path))}
    if not pictures:
        raise DatasetError(
            f"{source} holds no pictures; it needs a folder for each class with PNG, JPEG, WEBP or BMP files."
        )
    entries = tuple(_entries(_below_shared_folders(pictures)))
    classes = classes_of(entries)
    if not 2 <= len(classes) <= MOST_CLASSES:
        found = f"only the class {classes[0]}" if len(classes) == 1 else f"{len(classes)} classes"
        raise DatasetError(
            f"{source} holds {found}; make a folder for each of at least two classes, "
            "or name the files class.1.jpg, class.2.jpg and so on."
        )
    return tuple(entry for entry in entries if entry.class_name in classes)


def classes_of(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the names of the classes to train on, in order: the place is the label."""
    return tuple(sorted({entry.class_name for entry in entries if not entry.is_test}))


def _is_picture(path: PurePosixPath) -> bool:
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return path.suffix.lower() in images.SUFFIXES and not hidden


def _below_shared_folders(pictures: dict[str, Parts]) -> dict[str, Parts]:
    """Drop the leading folders that hold everything, as long as classes are still to be seen below them."""
    while len({parts[0] for parts in pictures.values()}) == 1:
        below = {path: parts[1:] for path, parts in pictures.items()}
        shallowest, deepest = (pick(len(parts) for parts in below.values()) for pick in (min, max))
        flat = (
            shallowest == deepest == 1 and len({_class_in(parts[0]) for parts in below.values()} - {None}) > 1
        )
        if not (shallowest > 1 or flat):
            break
        pictures = below
    return pictures


def _entries(pictures: dict[str, Parts]) -> Iterable[Entry]:
    """Yield what has a class; files beside class folders or without a class in their name have none."""
    top = {parts[0].lower() for parts in pictures.values()}
    has_parts = top & TRAIN_FOLDERS and top & TEST_FOLDERS and top <= TRAIN_FOLDERS | TEST_FOLDERS
    inner = {path: parts[1:] if has_parts else parts for path, parts in pictures.items()}
    has_folders = any(len(parts) > 1 for parts in inner.values())
    for path, parts in inner.items():
        if not parts or (has_folders and len(parts) == 1):
            continue
        if class_name := parts[0] if has_folders else _class_in(parts[0]):
            is_test = bool(has_parts) and pictures[path][0].lower() in TEST_FOLDERS
            yield Entry(path, class_name, "/".join(parts), is_test)


def _class_in(file_name: str) -> str | None:
    """Return the class in ``cat.12.jpg``, ``cat12.jpg``, ``hot_dog_3.jpg``; ``anna__12.jpg`` has a group."""
    found = CLASS_BEFORE_NUMBER.match(file_name)
    return found[1] if found and GROUP_MARK not in file_name else None
