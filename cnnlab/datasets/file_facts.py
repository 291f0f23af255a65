"""What the files of a dataset tell, one by one, without loading all of it."""

import contextlib
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import numpy as np

from cnnlab import images
from cnnlab.datasets.catalogue import files_of, get, source_of
from cnnlab.datasets.files.loading import sizes
from cnnlab.datasets.files.parts import TEST, TRAIN, VALIDATION
from cnnlab.datasets.files.survey import survey
from cnnlab.datasets.imageset import ImageSet, LoadOptions, Samples
from cnnlab.datasets.planned import named
from cnnlab.datasets.registry import BUILT_IN
from cnnlab.datasets.split import ways_to_split as ways_of


def image_sizes(name: str | Path) -> Counter[tuple[int, int]]:
    """Return how many images have which ``(height, width)``; of files, only the headers are read.

    Raises:
        DatasetError: as ``get``.
    """
    info = get(name)
    if info.native_shape:
        return Counter({info.native_shape[:2]: info.images})
    return Counter(sizes(files_of(name)).values())


def image_sides(name: str | Path, only: Collection[str] | None = None) -> dict[str, tuple[int, int]]:
    """Return each image's ``(height, width)`` by its name; nothing for a dataset made of arrays.

    ``only`` are names of images: no others are looked at.

    Raises:
        DatasetError: as ``get``.
    """
    source = source_of(name)
    return sizes(source, only) if source else {}


def original(name: str | Path, image: str) -> np.ndarray | None:
    """Return an image, by its name in ``ImageSet.names``, as its file is: uint8 ``(H, W, 3)``.

    None for a dataset that is made of arrays, and for an image that is not there any more.

    Raises:
        DatasetError: as ``get``.
        ImageError: the file cannot be read.
    """
    data = encoded(name, image)
    return None if data is None else images.decode(data, image)


def encoded(name: str | Path, image: str) -> bytes | None:
    """Return the file of an image, by its name in ``ImageSet.names``.

    None for a dataset that is made of arrays, and for an image that is not there any more.

    Raises:
        DatasetError: as ``get``.
    """
    if not (source := source_of(name)):
        return None
    for entry in survey(source).entries:
        if entry.name == image:
            with contextlib.suppress(OSError):  # deleted this very moment
                return source.read(entry.path)
    return None


def names_people(name: str | Path) -> bool:
    """Whether it is a built-in dataset whose images name the people that they show."""
    entry = BUILT_IN.get(str(name))
    return entry is not None and bool(entry.names)


def ways_to_split(name: str | Path) -> tuple[str, ...]:
    """Return in which ways a dataset can be split, the one to take first; no image is decoded.

    It is a folder, a ZIP, or a built-in dataset that is made of files or names people.

    Raises:
        DatasetError: as ``get``.
    """
    if names_people(name):
        entry = BUILT_IN[str(name)]
        return ways_of(Samples(named(entry, LoadOptions())), entry.info.classes)
    listing = survey(files_of(name))
    place = {class_name: label for label, class_name in enumerate(listing.classes)}

    def part(role: str) -> ImageSet:
        entries = [entry for entry in listing.entries if entry.role == role]
        labels = np.array([place[entry.class_name] for entry in entries], np.int64)
        pixels = np.zeros((len(entries), 1, 1, 1), np.uint8)
        return ImageSet(pixels, labels, tuple(entry.name for entry in entries))

    samples = Samples(part(TRAIN), part(TEST) or None, validation=part(VALIDATION) or None)
    return ways_of(samples, listing.classes)
