"""How a dataset will be split, told before anything is downloaded, drawn or decoded."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cnnlab.datasets.catalogue import files_of
from cnnlab.datasets.imageset import ImageSet, LoadOptions, Samples
from cnnlab.datasets.pictures import listed
from cnnlab.datasets.registry import BUILT_IN
from cnnlab.datasets.split import at_most, group_of, split

_TEN = (1000,) * 10
PUBLISHED: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "digits": ((178, 182, 177, 183, 181, 182, 181, 179, 174, 180), ()),
    "cifar10": ((5000,) * 10, _TEN),
    "mnist": (
        (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
        (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
    ),
    "fashion_mnist": ((6000,) * 10, _TEN),
    "cats_and_dogs": ((1000, 1000), (500, 500)),
    "rock_paper_scissors": ((840, 840, 840), (124, 124, 124)),
}
"""Images of each class in the training set and in the test set, as their owners publish them."""


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
    def validation_share(self) -> float:
        """The part of training and validation images that is validated on."""
        return self.validation / (self.train + self.validation)


def planned(name: str | Path, options: LoadOptions) -> PlannedSplit:
    """Return how ``load(name, options)`` will split; of files only the names are read.

    Raises:
        DatasetError: it does not exist, or cannot be split so; as ``load``.
    """
    if entry := BUILT_IN.get(str(name)):
        classes, by_name = entry.info.classes, False
        samples = _built_in(str(name), options)
    else:
        classes, samples = listed(files_of(name), options)
        by_name = True
    parts = split(samples, classes, options, drawn_by_name=by_name)
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


def _groups(part: ImageSet) -> set[str]:
    return {group for name in set(part.names) if (group := group_of(name)) is not None}


def _built_in(name: str, options: LoadOptions) -> Samples:
    """Return images of one pixel without names, as many of each class as a built-in dataset has."""
    info = BUILT_IN[name].info
    if name == "gestures_drawn":  # draws as many as are asked for
        each = options.max_per_class or info.images // len(info.classes)
        return Samples(_blank((each,) * len(info.classes), replace(options, max_per_class=None)))
    even = (info.images // len(info.classes),) * len(info.classes)
    train, test = PUBLISHED.get(name, (even, ()))
    return Samples(_blank(train, options), _blank(test, options) if test else None)


def _blank(sizes: tuple[int, ...], options: LoadOptions) -> ImageSet:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    labels = labels[at_most(labels, options.max_per_class, options.seed)]
    return ImageSet(np.zeros((len(labels), 1, 1, 1), np.uint8), labels, ("",) * len(labels))
