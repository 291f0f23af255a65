"""Images that may be too many for the memory: parts of them, several joined, all of them changed.

What fits is an ordinary array; what does not is a file of the cache, a read-only ``np.memmap``.
"""

import hashlib
import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np

from cnnlab.datasets import imageset
from cnnlab.datasets.cache import Origin, gather, made_from
from cnnlab.datasets.imageset import ImageSet

ROWS_AT_ONCE = 256


def part(whole: ImageSet, indices: np.ndarray) -> ImageSet:
    """Return the images at ``indices``, in that order: in memory, or on disk if they are too many for it.

    Raises:
        DatasetError: the disk has no room.
    """
    pixels = whole.images
    size = math.prod(pixels.shape[1:])
    if not isinstance(pixels, np.memmap) or len(indices) * size <= imageset.MOST_BYTES:
        return whole.subset(indices)

    def chosen() -> Iterator[np.ndarray]:
        for start in range(0, len(indices), ROWS_AT_ONCE):
            yield from pixels[indices[start : start + ROWS_AT_ONCE]]

    order = hashlib.sha256(np.ascontiguousarray(indices, np.int64).data).hexdigest()
    on_disk = gather(chosen, len(indices), made_from(pixels, order)).pixels
    return ImageSet(on_disk, whole.labels[indices], tuple(whole.names[i] for i in indices))


def join(one: ImageSet, other: ImageSet) -> ImageSet:
    """Return the images of both: in memory, or on disk if they are too many for it.

    Raises:
        DatasetError: the disk has no room.
    """
    labels = np.concatenate([one.labels, other.labels])
    total, shape = len(labels), one.images.shape[1:]
    if total * math.prod(shape) <= imageset.MOST_BYTES:
        pixels = np.concatenate([one.images, other.images])
    else:
        key = f"{_digest(one.images)} {_digest(other.images)}"
        both = itertools.chain(one.images, other.images)
        pixels = gather(lambda: both, total, Origin(key)).pixels
    return ImageSet(pixels, labels, one.names + other.names)


def changed(pixels: np.ndarray, change: Callable[[np.ndarray], np.ndarray], step: str) -> np.ndarray:
    """Return ``change`` of every image: in memory, or on disk if they become too many for it.

    ``step`` tells what ``change`` does; the images it makes all have the shape of the first.

    Raises:
        DatasetError: the disk has no room.
    """
    first = change(pixels[0])
    if len(pixels) * first.nbytes <= imageset.MOST_BYTES:
        made = np.empty((len(pixels), *first.shape), np.uint8)
        for index, image in enumerate(pixels):
            made[index] = change(image)
        return made
    key = f"{_digest(pixels)} {step}"
    return gather(lambda: map(change, pixels), len(pixels), Origin(key)).pixels


def _digest(pixels: np.ndarray) -> str:
    digest = hashlib.sha256()
    for start in range(0, len(pixels), ROWS_AT_ONCE):
        digest.update(np.ascontiguousarray(pixels[start : start + ROWS_AT_ONCE]).data)
    return digest.hexdigest()
