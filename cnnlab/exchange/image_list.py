"""Exactly the images that a run saw, as files beside its script: a list of them, or the images themselves.

    split.csv     part,class,file,digest: a row for each image, in the order of the run
    images.zip    the images as PNG files, of a dataset that is made of arrays and has no files

A file is found again by its digest, whatever has become of its name and folder.
"""

import csv
import hashlib
import io
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from cnnlab import images
from cnnlab.datasets import ImageSet, Splits
from cnnlab.datasets.catalogue import source_of
from cnnlab.datasets.files.sources import Source
from cnnlab.datasets.files.survey import survey
from cnnlab.datasets.registry import BUILT_IN
from cnnlab.errors import RunError
from cnnlab.preprocessing import Preprocessing
from cnnlab.runs import Run
from cnnlab.shelf import safe

LIST, IMAGES = "split.csv", "images.zip"
COLUMNS = ("part", "class", "file", "digest")
MOST_BYTES = 10**9
"""Images of arrays are written out up to this size: the whole of CIFAR-10 at 32 × 32 pixels takes 0.15 GB."""


def has_files(run: Run) -> bool:
    """Whether the dataset of a run is made of image files, so that a list of them is enough."""
    built_in = BUILT_IN.get(run.config.dataset)
    return built_in is None or built_in.archive is not None


def write_images(run: Run, splits: Splits, path: Path, progress: Callable[[float], None]) -> None:
    """Write images.zip: the images as the run saw them, ``train/5/digit-17-00012.png``.

    Raises:
        RunError: they are larger than ``MOST_BYTES``.
    """
    parts = _parts(splits)
    total = sum(len(part) for part in parts.values())
    size = sum(part.images.size for part in parts.values())
    if size > MOST_BYTES:
        raise RunError(
            f"The {total:,} images of this run take {size / 1e9:.1f} GB and are not written out; "
            "train at a smaller image size or on fewer images per class to take them away."
        )
    done = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:  # PNG is compressed already
        for part_name, part in parts.items():
            for index, name in enumerate(_names(part_name, part, splits.classes)):
                archive.writestr(name, images.encode_png(part.images[index]))
                done += 1
                progress(done / total)


def list_lines(run: Run, splits: Splits, folder: Path, progress: Callable[[float], None]) -> Iterator[str]:
    """Yield split.csv line by line; ``folder`` is that of images.zip.

    Raises:
        RunError: a file has changed since the images were loaded.
        DatasetError: the files cannot be read.
    """
    yield _line(COLUMNS)
    parts = _parts(splits)
    total, done = sum(len(part) for part in parts.values()), 0
    finder = _Files(run) if has_files(run) else _Written(folder / IMAGES, splits.classes)
    for part_name, part in parts.items():
        for index, (file, data) in enumerate(finder.files(part_name, part)):
            yield _line((part_name, splits.classes[part.labels[index]], file, digest(data)))
            done += 1
            progress(done / total)


def digest(data: bytes) -> str:
    """Return what tells the content of a file from any other."""
    return hashlib.sha256(data).hexdigest()[:16]


class _Written:
    """The files of images.zip."""

    def __init__(self, path: Path, classes: tuple[str, ...]):
        self._path, self._classes = path, classes

    def files(self, part_name: str, part: ImageSet) -> Iterator[tuple[str, bytes]]:
        """Yield the name and content of each image's file."""
        with zipfile.ZipFile(self._path) as archive:
            for name in _names(part_name, part, self._classes):
                yield name, archive.read(name)


class _Files:
    """The files of a run's dataset by the names that its images have."""

    def __init__(self, run: Run):
        source = source_of(run.config.dataset)
        assert source is not None  # ``has_files`` says so
        self._source: Source = source
        self._seen = Preprocessing.of(run.model_facts.preprocessing)
        self._paths: dict[str, list[str]] = defaultdict(list)
        self._taken: set[str] = set()
        for entry in survey(self._source).entries:
            self._paths[entry.name].append(entry.path)

    def files(self, part_name: str, part: ImageSet) -> Iterator[tuple[str, bytes]]:
        """Yield the path and content of each image's file.

        Raises:
            RunError: it has changed since the images were loaded.
        """
        for index, name in enumerate(part.names):
            try:
                path, data = self._file(self._paths[name], part.images[index])
            except OSError as error:
                raise RunError(f"{name} is not there any more; export the run again.") from error
            self._taken.add(path)
            yield path, data

    def _file(self, paths: list[str], image: np.ndarray) -> tuple[str, bytes]:
        """Return the file that shows this image: of several of one name, as in train and test."""
        for path in sorted(paths, key=lambda path: path in self._taken):
            data = self._source.read(path)
            if len(paths) == 1:
                return path, data
            if np.array_equal(self._seen.image(self._seen.decode(data, path)), image):
                return path, data
        raise FileNotFoundError


def _parts(splits: Splits) -> dict[str, ImageSet]:
    return {"train": splits.train, "validation": splits.validation}


def _names(part_name: str, part: ImageSet, classes: tuple[str, ...]) -> Iterator[str]:
    for index, (label, name) in enumerate(zip(part.labels, part.names, strict=True)):
        yield f"{part_name}/{safe(classes[label]) or label}/{safe(name)}-{index:05d}.png"


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)  # rows end with \r\n, so that either is quoted within a name
    return text.getvalue()
