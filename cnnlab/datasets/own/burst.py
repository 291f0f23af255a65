"""What people leave who sit before the camera: bursts of near-duplicates, and groups that can be held out."""

import re
from collections.abc import Callable

import numpy as np

from cnnlab.datasets import split
from cnnlab.datasets.imageset import ImageSet
from cnnlab.datasets.own.collection import ClassImages, Collection
from cnnlab.datasets.split import GROUP_MARK, group_of

BURST_GAP_MILLISECONDS = 3000
TAKEN_AT = re.compile(rf"(?:.*{GROUP_MARK})?(\d{{13}})-\d{{3}}-\d{{6}}\.\w+")


def last_burst(found: ClassImages, is_own: Callable[[str], bool] = bool) -> tuple[str, ...]:
    """Return the newest images of a class that one person took without a pause; at least the newest one.

    ``is_own`` says whose images count, by their paths; where there are none of these, nothing.
    """
    burst: list[str] = []
    for path in filter(is_own, reversed(found.images)):
        if burst and not _follows(path, burst[-1]):
            break
        burst.append(path)
    return tuple(reversed(burst))


def can_split_by_group(collection: Collection) -> bool:
    """Say whether whole groups can be held out so that every class has images on both sides."""
    filled = [found for found in collection.classes if found.images]
    names = tuple(path for found in filled for path in found.images)
    labels = np.repeat(np.arange(len(filled)), [len(found.images) for found in filled])
    images = ImageSet(np.zeros((len(names), 1, 1, 1), np.uint8), labels, names)
    return split.can_split_by_group(images, tuple(found.name for found in filled))


def _follows(earlier: str, later: str) -> bool:
    first, second = (TAKEN_AT.fullmatch(path.rpartition("/")[2]) for path in (earlier, later))
    if not first or not second or group_of(earlier) != group_of(later):
        return False
    return int(second[1]) - int(first[1]) <= BURST_GAP_MILLISECONDS
