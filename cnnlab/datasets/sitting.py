"""What people leave who sit before the camera: bursts of near twins, and groups that can be held out."""

import re

import numpy as np

from cnnlab.datasets.collection import ClassPictures, Collection
from cnnlab.datasets.imageset import ImageSet, LoadOptions, Samples
from cnnlab.datasets.split import GROUP_MARK, group_of, split
from cnnlab.errors import DatasetError

BURST_GAP_MILLISECONDS = 3000
TAKEN_AT = re.compile(rf"(?:.*{GROUP_MARK})?(\d{{13}})-\d{{3}}-\d{{6}}\.\w+")


def last_burst(found: ClassPictures) -> tuple[str, ...]:
    """Return the newest pictures of a class that one person took without a pause; at least the newest one."""
    burst: list[str] = []
    for path in reversed(found.pictures):
        if burst and not _follows(path, burst[-1]):
            break
        burst.append(path)
    return tuple(reversed(burst))


def can_split_by_group(collection: Collection) -> bool:
    """Say whether whole groups can be held out so that every class has pictures on both sides."""
    filled = [found for found in collection.classes if found.pictures]
    names = tuple(path for found in filled for path in found.pictures)
    labels = np.repeat(np.arange(len(filled)), [len(found.pictures) for found in filled])
    pictures = ImageSet(np.zeros((len(names), 1, 1, 1), np.uint8), labels, names)
    try:
        split(Samples(pictures), tuple(found.name for found in filled), LoadOptions(split_by="group"))
    except DatasetError:
        return False
    return True


def _follows(earlier: str, later: str) -> bool:
    first, second = (TAKEN_AT.fullmatch(path.rpartition("/")[2]) for path in (earlier, later))
    if not first or not second or group_of(earlier) != group_of(later):
        return False
    return int(second[1]) - int(first[1]) <= BURST_GAP_MILLISECONDS
