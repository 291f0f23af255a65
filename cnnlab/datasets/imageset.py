"""What a dataset is made of: images with labels, their split, and what to ask for."""

import math
import unicodedata
from dataclasses import dataclass, replace

import numpy as np

from cnnlab import remote
from cnnlab.errors import DatasetError
from cnnlab.preprocessing import Preprocessing
from cnnlab.settings import LoadOptions

Progress = remote.Progress
MOST_BYTES = 3 * 2**30
"""What the images of a dataset may take of the memory; more are read from the disk as they are needed."""


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images of one size with their labels.

    ``images`` uint8 ``(N, H, W, C)``, a read-only ``np.memmap`` when they are too many for the memory: then
    take some by their indices, never all at once; ``labels`` int64 ``(N,)``, ``names`` what each is called:
    a path inside its dataset such as ``rock/anna__012.jpg``, or ``digit 17``.
    """

    images: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]

    @classmethod
    def numbered(cls, images: np.ndarray, labels: np.ndarray, noun: str) -> "ImageSet":
        """Name the images by their number: ``digit 0``, ``digit 1``, …"""
        return cls(images, np.asarray(labels, np.int64), tuple(f"{noun} {i}" for i in range(len(images))))

    def __len__(self) -> int:
        return len(self.labels)

    def subset(self, indices: np.ndarray) -> "ImageSet":
        """Return the images at ``indices``, in that order."""
        return ImageSet(self.images[indices], self.labels[indices], tuple(self.names[i] for i in indices))

    def counts(self, classes: int) -> np.ndarray:
        """Return the number of images of each class, ``(classes,)``."""
        return np.bincount(self.labels, minlength=classes)


@dataclass(frozen=True)
class Skipped:
    """An image that was left out, and why, in one sentence; its ``kind`` (``images.kind_of``) if known."""

    name: str
    reason: str
    kind: str = ""


@dataclass(frozen=True)
class Part:
    """A folder and what it was taken for, one of ``parts.ROLES``; its images, and the classes they show."""

    folder: str
    role: str
    images: int
    classes: tuple[str, ...]


@dataclass(frozen=True)
class LeftOut:
    """Files that are not used: ``kind`` for programs, a sentence that says what to do, and their paths.

    Kinds: ``unlabelled``, ``unused`` (in a folder that is no part), ``beside`` (no class folder around them),
    ``other-class`` (the training part has no such class), ``unread`` (no decoder here reads them).
    """

    kind: str
    sentence: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What an import would make of files: how many images of which classes, parts, what is left out.

    ``nested`` are class folders with folders in them: they might be parts whose names say nothing.
    """

    images: int
    classes: tuple[str, ...]
    parts: tuple[Part, ...]
    left_out: tuple[LeftOut, ...]
    nested: tuple[Part, ...] = ()


@dataclass(frozen=True, eq=False)
class Samples:
    """What a dataset holds before it is split: its images, and its own test part where it has one.

    ``validation`` is a third part; a dataset with two has the other one as ``test``, whatever it is called.
    """

    train: ImageSet
    test: ImageSet | None = None
    skipped: tuple[Skipped, ...] = ()
    validation: ImageSet | None = None
    white: int | None = None


@dataclass(frozen=True, eq=False)
class Splits:
    """A dataset ready for training; ``validation`` is watched during training, ``test`` is left alone."""

    classes: tuple[str, ...]
    train: ImageSet
    validation: ImageSet
    test: ImageSet | None = None
    skipped: tuple[Skipped, ...] = ()
    note: str = ""
    """One sentence on what has changed since a run was trained on it."""
    white: int | None = None
    """What became 255 in its images of more than 8 bits a channel; None where there are none."""

    def in_order(self, classes: tuple[str, ...]) -> "Splits | None":
        """Return the same images with labels for ``classes``; None if these are not the same classes.

        A run keeps the order in which it learned its classes, whatever the order is that people see today.
        """
        if classes == self.classes:
            return self
        place = {unicodedata.normalize("NFC", name): index for index, name in enumerate(classes)}
        order = np.array([place.get(unicodedata.normalize("NFC", name), -1) for name in self.classes])
        if len(classes) != len(self.classes) or sorted(order) != list(range(len(classes))):
            return None

        def relabelled(part: ImageSet) -> ImageSet:
            return replace(part, labels=order[part.labels])

        train, validation = relabelled(self.train), relabelled(self.validation)
        test = self.test and relabelled(self.test)
        return replace(self, classes=classes, train=train, validation=validation, test=test)


@dataclass(frozen=True)
class DatasetInfo:
    """The facts about a dataset, known without loading it."""

    name: str
    title: str
    summary: str
    source: str
    licence: str
    lesson: str
    classes: tuple[str, ...]
    images: int
    native_shape: tuple[int, int, int] | None = None
    """``(height, width, channels)``; None when the images differ in size."""
    download_mb: float = 0.0
    """What has to be fetched once; 0 works offline."""
    kind: str = "built-in"
    """``built-in`` or ``folder``."""
    skipped: tuple[Skipped, ...] = ()
    """Images that could not be read when it was imported."""
    added: float = 0.0
    """When it was imported or last changed, in seconds since 1970."""
    parts: tuple[Part, ...] = ()
    """Its folders where it is divided; empty where it is not."""
    left_out: tuple[LeftOut, ...] = ()


def fitted(image: np.ndarray, options: LoadOptions) -> np.ndarray:
    """Return a uint8 image ``(H, W, C)`` in the size and colour of ``options``."""
    size, channels = options.image_size, options.channels
    height, width = (size, size) if size else image.shape[:2]
    step = Preprocessing(
        height, width, channels or image.shape[2], resample=options.resample, resize_mode=options.resize_mode
    )
    return step.image(image)


def refuse_too_much(count: int, shape: tuple[int, ...]) -> None:
    """Refuse ``count`` images of ``shape`` for which neither memory nor disk has room.

    Raises:
        DatasetError: they need more memory than ``MOST_BYTES``.
    """
    if (needed := count * math.prod(shape)) > MOST_BYTES:
        raise DatasetError(
            f"{count:,} images of {shape[0]} × {shape[1]} pixels need {needed / 1e9:.1f} GB, and the disk "
            "has no room for them; free some, or choose a smaller image size or fewer images per class."
        )


def in_turn(labels: np.ndarray, count: int) -> np.ndarray:
    """Return the places of ``count`` images, of all classes in turn; of fewer images all."""
    by_class = np.argsort(labels, kind="stable")
    return by_class[np.linspace(0, len(labels) - 1, min(count, len(labels))).astype(int)]
