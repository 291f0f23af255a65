"""What the pixels of a dataset look like on average: the numbers for scaling to mean and std."""

from typing import NamedTuple

import numpy as np

CHUNK = 1000


class PixelStatistics(NamedTuple):
    """Mean and standard deviation of each channel, in pixel units 0 to 255."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


def pixel_statistics(images: np.ndarray) -> PixelStatistics:
    """Return the statistics of uint8 images ``(N, H, W, C)`` over all pixels, exact to rounding."""
    channels = images.shape[-1]
    histogram = np.zeros((channels, 256), np.int64)
    for start in range(0, len(images), CHUNK):
        for channel in range(channels):
            values = images[start : start + CHUNK, ..., channel].ravel()
            histogram[channel] += np.bincount(values, minlength=256)
    levels = np.arange(256)
    fraction = histogram / histogram.sum(axis=1, keepdims=True)
    mean = fraction @ levels
    std = np.sqrt(fraction @ levels**2 - mean**2)
    return PixelStatistics(tuple(mean.tolist()), tuple(std.tolist()))
