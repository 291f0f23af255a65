"""Averages over a dataset, against numpy's own."""

import numpy as np
import pytest

from cnnlab import datasets
from cnnlab.datasets.statistics import pixel_statistics

from .conftest import png


@pytest.mark.parametrize("channels", [1, 3])
def test_mean_and_std_are_those_of_numpy_over_several_chunks(channels):
    pixels = np.random.default_rng(0).integers(0, 200, (2100, 5, 4, channels), np.uint8)
    statistics = pixel_statistics(pixels)
    assert np.allclose(statistics.mean, pixels.mean(axis=(0, 1, 2)))
    assert np.allclose(statistics.std, pixels.std(axis=(0, 1, 2)))


def test_image_sizes_are_counted(write):
    files = {f"{name}/{i}.png": png(size=(10 + i, 20)) for name in "ab" for i in range(3)}
    folder = write(files | {"a/broken.png": b"x"})
    assert datasets.image_sizes(folder) == {(10, 20): 2, (11, 20): 2, (12, 20): 2}
    assert datasets.image_sizes("digits") == {(8, 8): 1797}
