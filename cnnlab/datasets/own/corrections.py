"""Labels that people correct: an image moves into the folder of its true class, and the dataset remembers it.

    dataset.json   "corrections": [[1764000000.5, "rock/a__1.jpg", "paper/a__1.jpg", "rock", "paper"], …]

Each row tells when, the name before and after (as in ``ImageSet.names``), and the class before and after. So
a run knows which of its images have another label since it began; another correction undoes one.
"""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cnnlab import access, images, workspace
from cnnlab.datasets.own.folder import LATEST, DatasetFolder, dataset_folder
from cnnlab.errors import DatasetError

MOST_KEPT = 2_000
LEAST_IMAGES = 2
"""What a class needs to be trained on."""
FACT = "corrections"
_lock = threading.Lock()


@dataclass(frozen=True)
class Correction:
    """An image that went from one class to another at a time, in seconds since 1970.

    ``before`` and ``after`` are its names, ``was`` and ``now`` its classes.
    """

    time: float
    before: str
    after: str
    was: str
    now: str


def can_correct(dataset: str) -> bool:
    """Whether labels of a dataset can be corrected: it was collected or uploaded here."""
    try:
        return dataset_folder(dataset).is_ours
    except (DatasetError, OSError, ValueError):
        return False


@workspace.writing()
def correct(dataset: str, image: str, class_name: str) -> Correction:
    """Move an image, by its name as in ``ImageSet.names``, into another class of its dataset.

    Raises:
        DatasetError: the dataset was not made here; the image is not there any more, or there are two of its
            name; there is no such class; it is in that class already; its old class would have too few left.
        AccessError: the dataset is not the visitor's.
    """
    with _lock:  # also around the reading of what is kept: nobody's correction is lost
        folder = dataset_folder(dataset)
        access.require(folder.owner, "correct labels of this dataset")
        if not folder.is_ours:
            raise DatasetError(f"{folder.title} was put there by hand; change its labels by hand as well.")
        part, place, file = _found(folder, image)
        was, home = folder.class_name(place), folder.class_folder(class_name).name
        if home == place.name:
            raise DatasetError(f"The label of this image is {class_name} already.")
        if part == folder.parts[0] and _count(place) <= LEAST_IMAGES:
            raise DatasetError(f"{was} needs at least {LEAST_IMAGES} images; add others to it first.")
        target = part / home / file
        if target.exists():
            raise DatasetError(f"{class_name} has another image called {file}; rename one of them first.")
        made = Correction(time.time(), f"{place.name}/{file}", f"{home}/{file}", was, class_name)
        _move(place / file, target)
        try:
            rows = [*map(_row, _kept(folder)), _row(made)]
            folder.write(**{FACT: rows[-MOST_KEPT:]})
        except OSError as error:
            _move(target, place / file)
            raise DatasetError(f"{folder.title} cannot be written ({error.strerror}).") from error
    return made


def since(dataset: str, moment: float) -> dict[str, Correction]:
    """Return which images have another label than at a moment, by the names that they had then.

    One that was moved and moved back has not. A dataset without corrections, or that is not there, has none.
    """
    try:
        made = [one for one in _kept(dataset_folder(dataset)) if one.time > moment]
    except (DatasetError, OSError, ValueError):
        return {}
    found: dict[str, Correction] = {}
    first: dict[str, str] = {}
    for one in made:  # in the order in which they were made
        name = first.pop(one.before, one.before)
        first[one.after] = name
        known = found.get(name)
        found[name] = replace(known, time=one.time, after=one.after, now=one.now) if known else one
    return {name: one for name, one in found.items() if one.was != one.now}


def _found(folder: DatasetFolder, image: str) -> tuple[Path, Path, str]:
    """Return the part, the class folder and the file of an image; names that lead elsewhere find nothing."""
    home, _, file = image.rpartition("/")
    found = [
        (part, place)
        for part in folder.parts
        for place in _entries(part)
        if place.name == home and file in {entry.name for entry in _entries(place)}
    ]
    if not found:
        raise DatasetError(f"{image} is not there any more; evaluate the run again.")
    if len(found) > 1:
        raise DatasetError(f"There are two images called {image}; correct the label by hand.")
    return *found[0], file


def _entries(folder: Path) -> Iterable[Path]:
    try:
        return [entry for entry in folder.iterdir() if not entry.is_symlink()]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _count(place: Path) -> int:
    return sum(entry.suffix.lower() in images.SUFFIXES for entry in _entries(place))


def _move(file: Path, target: Path) -> None:
    try:
        target.parent.mkdir(exist_ok=True)
        file.rename(target)
    except OSError as error:
        raise DatasetError(f"{file.name} cannot be moved ({error.strerror}); look at it again.") from error


def _kept(folder: DatasetFolder) -> list[Correction]:
    rows = folder.facts.get(FACT)
    return [Correction(*row) for row in rows if _is_row(row)] if isinstance(rows, list) else []


def _is_row(row: Any) -> bool:
    if not (isinstance(row, list) and len(row) == 5 and all(isinstance(text, str) for text in row[1:])):
        return False
    return isinstance(row[0], int | float) and not isinstance(row[0], bool) and 0 <= row[0] < LATEST


def _row(made: Correction) -> list[float | str]:
    return [made.time, made.before, made.after, made.was, made.now]
