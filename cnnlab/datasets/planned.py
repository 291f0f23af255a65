"""How a dataset will be split, told before anything is downloaded, drawn or decoded."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cnnlab.datasets.catalogue import files_of
from cnnlab.datasets.files.loading import listed
from cnnlab.datasets.imageset import ImageSet, LoadOptions, Samples, Splits
from cnnlab.datasets.registry import BUILT_IN, BuiltIn
from cnnlab.datasets.split import at_most, group_of, split


@dataclass(frozen=True)
class PlannedSplit:
    """How many images each part will have; unreadable files, which only decoding finds, are still counted.

    ``train_groups`` and ``validation_groups`` are the people (groups) of each part, ``shared_groups`` those
    in both: 0 where images name none.
    """

    classes: int
    train: int
    validation: int
    test: int = 0
    train_groups: int = 0
    validation_groups: int = 0
    shared_groups: int = 0

    @property
    def validation_fraction(self) -> float:
        """The part of training and validation images that is validated on."""
        return self.validation / (self.train + self.validation)


def planned(name: str | Path, options: LoadOptions) -> PlannedSplit:
    """Return how ``load(name, options)`` will split; of files only the names are read.

    Raises:
        DatasetError: it does not exist, or cannot be split so; as ``load``.
    """
    if entry := BUILT_IN.get(str(name)):
        classes = entry.info.classes
        parts = split(_built_in(entry, options), classes, options)
    else:
        parts = planned_images(name, options)
        classes = parts.classes
    train, validation = (_groups(part) for part in (parts.train, parts.validation))
    return PlannedSplit(
        len(classes),
        len(parts.train),
        len(parts.validation),
        len(parts.test) if parts.test else 0,
        len(train),
        len(validation),
        len(train & validation),
    )


def planned_images(name: str | Path, options: LoadOptions) -> Splits:
    """Return the images of a folder or ZIP as ``load`` will split them, each of one pixel: names and labels.

    Files that cannot be read are among them: only decoding finds those.

    Raises:
        DatasetError: as ``planned``.
    """
    classes, samples = listed(files_of(name), options)
    return split(samples, classes, options, drawn_by_name=True)


def _groups(part: ImageSet) -> set[str]:
    return {group for name in set(part.names) if (group := group_of(name)) is not None}


def _built_in(entry: BuiltIn, options: LoadOptions) -> Samples:
    """Return images of one pixel without names, as many of each class as a built-in dataset has."""
    if entry.draws_as_many_as_asked and options.max_per_class:
        each = (options.max_per_class,) * len(entry.info.classes)
        return Samples(_blank(each, replace(options, max_per_class=None)))
    if entry.names:
        return Samples(named(entry, options))
    test = _blank(entry.test, options) if entry.test else None
    return Samples(_blank(entry.training_sizes, options), test)


def _blank(sizes: tuple[int, ...], options: LoadOptions) -> ImageSet:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    labels = labels[at_most(labels, options.max_per_class, options.seed)]
    return ImageSet(np.zeros((len(labels), 1, 1, 1), np.uint8), labels, ("",) * len(labels))


def named(entry: BuiltIn, options: LoadOptions) -> ImageSet:
    """Return images of one pixel with the names and labels of a built-in dataset that names people."""
    place = {class_name: label for label, class_name in enumerate(entry.info.classes)}
    labels = np.array([place[name.partition("/")[0]] for name in entry.names], np.int64)
    whole = ImageSet(np.zeros((len(labels), 1, 1, 1), np.uint8), labels, entry.names)
    return whole.subset(at_most(labels, options.max_per_class, options.seed))
