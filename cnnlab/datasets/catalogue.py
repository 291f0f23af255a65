"""All datasets by name: what exists, what it is, and its images."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from cnnlab.access import limits
from cnnlab.datasets import builtin  # noqa: F401 - the datasets register themselves
from cnnlab.datasets.files import loading
from cnnlab.datasets.files.loading import load_images, sizes
from cnnlab.datasets.files.sources import FolderSource, MemorySource, Source, ZipSource
from cnnlab.datasets.files.survey import refuse_unreadable_class, survey
from cnnlab.datasets.imageset import (
    DatasetInfo,
    ImageSet,
    LoadOptions,
    Preview,
    Progress,
    Samples,
    Splits,
    fitted,
)
from cnnlab.datasets.large import changed, join
from cnnlab.datasets.own import library
from cnnlab.datasets.own.folder import SHELF
from cnnlab.datasets.registry import BUILT_IN
from cnnlab.datasets.report import Report, report
from cnnlab.datasets.split import at_most, split
from cnnlab.errors import DatasetError
from cnnlab.remote import fetch
from cnnlab.shelf import nfc

CHECKED_PIXELS = 64


def names() -> tuple[str, ...]:
    """Return the names that ``load`` knows: built-in datasets, then the library's."""
    return tuple(info.name for info in catalogue())


def catalogue() -> list[DatasetInfo]:
    """Return the facts about every dataset: built-in, then the library's."""
    return [entry.info for entry in BUILT_IN.values()] + library.own()


def get(name: str | Path) -> DatasetInfo:
    """Return the facts about a dataset, by its name or by the path of a folder or ZIP.

    Raises:
        DatasetError: there is none of this name; the message lists what exists.
    """
    if entry := BUILT_IN.get(str(name)):
        return entry.info
    path = _path(name)
    return library.describe(path, None if path.is_dir() else _source(path))


def version(name: str | Path) -> str:
    """Return what changes when a folder or ZIP does; empty for a built-in dataset.

    Raises:
        DatasetError: as ``get``.
    """
    source = None if str(name) in BUILT_IN else source_of(name)
    return source.fingerprint() if source else ""


def check(name: str | Path, progress: Progress | None = None) -> Report:
    """Look through a dataset for what would spoil a lesson: unreadable files, wrong labels, leakage, …

    Raises:
        DatasetError: it does not exist, or cannot be read or split at all.
    """
    info = get(name)
    splits = load(name, LoadOptions(image_size=CHECKED_PIXELS), progress)
    source = source_of(name)
    return report(splits, info, sizes(source) if source else {}, near_duplicates=info.kind == "folder")


def source_of(name: str | Path) -> Source | None:
    """Return the image files of a dataset, or None where it is made of arrays.

    Raises:
        DatasetError: there is none of this name; its files cannot be read.
    """
    if entry := BUILT_IN.get(str(name)):
        return entry.archive() if entry.archive else None
    return _source(_path(name))


def files_of(name: str | Path) -> Source:
    """Return the image files of a dataset that has some.

    Raises:
        DatasetError: as ``source_of``; it is made of arrays.
    """
    if source := source_of(name):
        return source
    raise DatasetError(f"The dataset {name} has no image files; choose a folder or a ZIP.")


def is_ready(name: str | Path) -> bool:
    """Say whether nothing has to be downloaded."""
    return str(name) not in BUILT_IN or all(file.path() for file in BUILT_IN[str(name)].files)


def download(name: str, progress: Progress | None = None) -> None:
    """Fetch what a dataset needs from the network and does not have yet.

    Raises:
        DownloadError: it failed; the message names the file and the folder to put it into.
    """
    files = BUILT_IN[name].files if name in BUILT_IN else ()
    whole, done = sum(file.megabytes for file in files), 0.0
    for file in files:
        fetch(file, _Part(progress or _silent, done / whole, file.megabytes / whole))
        done += file.megabytes


def load(name: str | Path, options: LoadOptions | None = None, progress: Progress | None = None) -> Splits:
    """Return the images of a dataset, split for training; downloads them first where that is needed.

    ``name`` is a dataset's name, a folder with a folder for each class, a folder of ``class.N.jpg`` files,
    or a ZIP of either. The same name and options give the same arrays in any process.

    Raises:
        DatasetError: it does not exist, cannot be read, or cannot be split so.
    """
    options, progress = options or LoadOptions(), progress or _silent
    if entry := BUILT_IN.get(str(name)):
        download(entry.info.name, progress)
        return split(_fitted(entry.load(options, progress), options), entry.info.classes, options)
    classes, samples = load_images(_source(_path(name)), options, progress)
    return split(samples, classes, options, drawn_by_name=True)


def load_everything(
    path: str | Path, known: Collection[str], options: LoadOptions, progress: Progress | None = None
) -> tuple[tuple[str, ...], ImageSet, tuple[str, ...]]:
    """Return a dataset's classes, all its labelled images, whatever part they are in, and what is left out.

    To measure a network nothing is split, and one class with one image is enough. ``known`` are the
    network's classes: a folder of such a name is a class, though there is no other.

    Raises:
        DatasetError: it does not exist, or holds no labelled image that can be read.
    """
    if str(path) in BUILT_IN:
        splits = load(path, options, progress)
        whole = splits.train
        for other in (splits.validation, splits.test):
            whole = join(whole, other) if other else whole
        return splits.classes, whole, ()
    return loading.load_everything(_source(_path(path)), known, options, progress or _silent)


Files = Path | BinaryIO | list[tuple[str, bytes | memoryview]]
"""A ZIP, or files, each with its relative path."""


def preview(files: Files, roles: Mapping[str, str] | None = None) -> Preview:
    """Return what an import would make of a ZIP or files; nothing is decoded or kept.

    Raises:
        DatasetError: as ``import_zip`` and ``import_files``.
    """
    listing = survey(MemorySource(files) if isinstance(files, list) else ZipSource(files), roles)
    refuse_unreadable_class(listing)
    nested = () if listing.parts else listing.nested()
    return Preview(len(listing.entries), listing.classes, listing.parts, listing.left_out, nested)


def import_zip(
    name: str,
    file: Path | BinaryIO,
    progress: Progress | None = None,
    roles: Mapping[str, str] | None = None,
) -> DatasetInfo:
    """Add a ZIP of class folders or ``class.N.jpg`` files to the library; see ``library.add``.

    Raises:
        DatasetError: the ZIP is damaged or unsafe, or holds no dataset.
        AccessError: it is more than a student may bring.
    """
    limits.check_upload_of(file)
    return library.add(name, ZipSource(file), progress or _silent, roles)


def import_files(
    name: str,
    files: list[tuple[str, bytes | memoryview]],
    progress: Progress | None = None,
    roles: Mapping[str, str] | None = None,
) -> DatasetInfo:
    """Add files, each with its relative path, to the library; see ``library.add``.

    Raises:
        DatasetError: the files hold no dataset.
        AccessError: they are more than a student may bring.
    """
    limits.check_upload(sum(len(content) for _, content in files))
    return library.add(name, MemorySource(files), progress or _silent, roles)


@dataclass(frozen=True)
class _Part:
    """Progress of one file among several: its own fraction from 0 to 1 as a part of the whole."""

    whole: Progress
    begin: float
    size: float

    def __call__(self, fraction: float, doing: str) -> None:
        """Report to the whole."""
        self.whole(self.begin + fraction * self.size, doing)


def _silent(fraction: float, doing: str) -> None:
    """Report progress to nobody."""


def _path(name: str | Path) -> Path:
    """Return the folder or ZIP that ``name`` means: one of the library first."""
    there = [info.name for info in library.own()]
    known = {nfc(own): own for own in there} | {own: own for own in there}
    own = known.get(str(name)) or known.get(nfc(str(name)))
    path = SHELF.path(own) if own else Path(name).expanduser()
    if not str(name).strip() or not os.path.exists(path):  # noqa: PTH110  pathlib raises for a long name
        raise DatasetError(
            f"There is no dataset, folder or ZIP called {str(name)!r}; choose one of {', '.join(names())}."
        )
    return path


def _source(path: Path) -> Source:
    return FolderSource(path) if path.is_dir() else ZipSource(path)


def _fitted(samples: Samples, options: LoadOptions) -> Samples:
    """Return at most so many images a class, in the size and colour of ``options``."""

    def suited(part: ImageSet) -> ImageSet:
        if options.max_per_class:
            part = part.subset(at_most(part.labels, options.max_per_class, options.seed))
        shape = fitted(part.images[0], options).shape
        if shape == part.images.shape[1:]:
            return part
        step = f"{shape} {options.resample} {options.resize_mode}"
        return replace(part, images=changed(part.images, lambda image: fitted(image, options), step))

    return replace(samples, train=suited(samples.train), test=samples.test and suited(samples.test))
