"""A drawing becomes an image as the makers of MNIST and of the digits made theirs."""

import numpy as np
import pytest
from scipy import ndimage

from cnnlab.inference.drawing import as_digits, as_mnist, cut_out


def stroke(top: int, left: int, height: int, width: int, side: int = 280) -> np.ndarray:
    drawn = np.zeros((side, side), np.uint8)
    drawn[top : top + height, left : left + width] = 255
    drawn[top : top + height // 3, left : left + max(1, width // 2)] = 200
    return drawn


@pytest.mark.parametrize(
    "place", [(3, 5, 120, 60), (200, 230, 40, 40), (100, 20, 30, 200), (0, 0, 280, 280), (7, 270, 260, 9)]
)
def test_mnist_has_its_mass_in_the_middle_of_a_box_of_twenty(place):
    image = as_mnist(stroke(*place))
    assert image.shape == (28, 28, 1)
    rows, columns = np.nonzero(image[..., 0])
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    middle = ndimage.center_of_mass(image[..., 0].astype(float))
    assert np.abs(np.array(middle) - 13.5).max() <= 0.5 + 1e-9  # whole pixels


@pytest.mark.parametrize("shift", [(0, 0), (90, 40), (-20, 100)])
def test_where_and_how_large_one_draws_does_not_matter(shift):
    here = stroke(40, 60, 100, 70)
    there = np.roll(here, shift, (0, 1))
    assert np.array_equal(as_mnist(here), as_mnist(there))
    assert np.array_equal(as_digits(here), as_digits(there))
    twice = stroke(40, 60, 200, 140)
    assert np.abs(as_mnist(here).astype(int) - as_mnist(twice)).max() <= 60


def test_digits_fill_eight_rows():
    image = as_digits(stroke(50, 50, 100, 50))
    assert image.shape == (8, 8, 1)
    assert image[:, 2:6].min() > 0
    assert image[:, [0, 7]].max() == 0


def test_an_empty_pad_stays_black():
    empty = np.zeros((280, 280), np.uint8)
    assert not as_mnist(empty).any()
    assert not as_digits(empty).any()
    assert cut_out(empty).shape == (280, 280)
