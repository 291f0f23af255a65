"""Near-duplicates across a split, found by a perceptual hash: data leakage, an over-optimistic accuracy."""

from typing import NamedTuple

import numpy as np

from cnnlab import images
from cnnlab.datasets.imageset import ImageSet

SIDE = 8
MOST_BITS = 14  # of 112: frames of one film lie within, two photographs of the same thing do not
CHUNK = 500


class NearDuplicate(NamedTuple):
    """A validation image and the training image of its class most like it, as indices; ``bits`` of the
    hash differ."""

    validation: int
    training: int
    bits: int


def perceptual_hash(batch: np.ndarray) -> np.ndarray:
    """Return one hash for each uint8 image ``(N, H, W, C)``: bool ``(N, 2 * SIDE * (SIDE - 1))``.

    A bit says whether a pixel of the image, made gray and small, is brighter than its right neighbour, or
    the one below (a difference hash): light and colour hardly change it, another scene does.
    """
    small = np.stack([images.resize(images.recolour(p, 1), (SIDE, SIDE))[..., 0] for p in batch])
    small = small.astype(np.int16)
    right, below = np.diff(small, axis=2) < 0, np.diff(small, axis=1) < 0
    return np.concatenate([right.reshape(len(small), -1), below.reshape(len(small), -1)], axis=1)


def near_duplicates(
    training: ImageSet, validation: ImageSet, most_bits: int = MOST_BITS
) -> list[NearDuplicate]:
    """Return the validation images with a near-duplicate of their class to train on, most alike first."""
    known, asked = (perceptual_hash(part.images).astype(np.float32) for part in (training, validation))
    found = []
    for start in range(0, len(asked), CHUNK):
        rows = asked[start : start + CHUNK]
        # bits that differ: |a| + |b| - 2 a·b, for zeros and ones
        differing = rows.sum(axis=1)[:, None] + known.sum(axis=1) - 2 * rows @ known.T
        differing[validation.labels[start : start + CHUNK, None] != training.labels] = np.inf
        nearest = differing.argmin(axis=1)
        bits = differing[np.arange(len(rows)), nearest]
        near = np.flatnonzero(bits <= most_bits).tolist()
        found += [NearDuplicate(start + i, int(nearest[i]), int(bits[i])) for i in near]
    return sorted(found, key=lambda pair: pair.bits)
