"""Changes of an image against NumPy and SciPy; the response and its turning points against known answers."""

import numpy as np
import pytest
from scipy import ndimage

from cnnlab.inference.changes import CHANGES, Change, response, rotated, shifted, turns, zoomed

RANDOM = np.random.default_rng(5)


def image(height: int = 32, width: int = 32, channels: int = 3) -> np.ndarray:
    return RANDOM.integers(0, 256, (height, width, channels), np.uint8)


@pytest.mark.parametrize("name", sorted(set(CHANGES) - {"jpeg"}))
@pytest.mark.parametrize("channels", [1, 3])
def test_without_a_size_nothing_changes(name: str, channels: int):
    before = image(channels=channels)
    after = CHANGES[name].apply(before, CHANGES[name].none)
    assert after.dtype == np.uint8
    assert np.array_equal(after, before)


@pytest.mark.parametrize("name", sorted(CHANGES))
@pytest.mark.parametrize("end", ["lowest", "highest"])
@pytest.mark.parametrize("shape", [(9, 14, 1), (28, 28, 3)])
def test_every_size_gives_an_image_of_the_same_kind_and_leaves_the_first_alone(name, end, shape):
    before = image(*shape)
    kept = before.copy()
    after = CHANGES[name].apply(before, getattr(CHANGES[name], end))
    assert after.shape == shape
    assert after.dtype == np.uint8
    assert np.array_equal(before, kept)


@pytest.mark.parametrize("quarters", [1, 2, 3, -1])
def test_rotation_is_counter_clockwise(quarters: int):
    before = image()
    assert np.array_equal(rotated(before, 90 * quarters), np.rot90(before, quarters))


def test_a_shift_mirrors_what_comes_in():
    before = image(10, 20)
    padded = np.pad(before, ((0, 0), (20, 20), (0, 0)), "symmetric")
    assert np.array_equal(shifted(before, right=25), padded[:, 15:35])
    padded = np.pad(before, ((10, 10), (0, 0), (0, 0)), "symmetric")
    assert np.array_equal(shifted(before, down=-30), padded[13:23])


def test_zoom_and_blur_agree_with_scipy():
    smooth = ndimage.gaussian_filter(image(41, 41, 1)[..., 0].astype(float), 3)
    before = np.dstack([smooth] * 3).astype(np.uint8)
    middle = 20
    y, x = np.mgrid[:41, :41]
    places = [(y - middle) / 1.5 + middle, (x - middle) / 1.5 + middle]
    expected = ndimage.map_coordinates(before[..., 0].astype(float), places, order=1, mode="reflect")
    assert np.abs(zoomed(before, 1.5)[..., 0] - expected).max() <= 2  # OpenCV's places have 5 bits
    noise = image(41, 41, 1)
    sigma = 5 / 100 * 41
    expected = ndimage.gaussian_filter(noise[..., 0].astype(float), sigma, mode="mirror", truncate=3)
    assert np.abs(CHANGES["blur"].apply(noise, 5)[..., 0] - expected).max() <= 2


def test_brightness_contrast_and_noise_by_hand():
    before = np.array([[[10], [250]]], np.uint8)
    assert CHANGES["brightness"].apply(before, 20).ravel().tolist() == [30, 255]
    assert CHANGES["contrast"].apply(before, 0).ravel().tolist() == [130, 130]
    assert CHANGES["contrast"].apply(before, 0.5).ravel().tolist() == [70, 190]
    flat = np.full((200, 200, 1), 128, np.uint8)
    assert CHANGES["noise"].apply(flat, 20).std() == pytest.approx(20, abs=0.5)
    assert np.array_equal(CHANGES["noise"].apply(flat, 20), CHANGES["noise"].apply(flat, 20))


def thresholds(*limits: float):
    """Answer as a network whose class is the number of limits that the mean gray level exceeds."""

    def answer(batch: np.ndarray) -> np.ndarray:
        level = batch.mean((1, 2, 3))
        return np.eye(len(limits) + 1)[np.searchsorted(limits, level)]

    return answer


def test_the_answer_is_followed_over_the_range_and_turns_where_it_turns():
    flat, answer = np.full((4, 4, 1), 100, np.uint8), thresholds(63.5, 150.5)
    found = response(CHANGES["brightness"], flat, answer, 21)
    assert CHANGES["brightness"].none in found.values
    assert (
        found.predicted.tolist()
        == answer(np.stack([CHANGES["brightness"].apply(flat, v) for v in found.values])).argmax(-1).tolist()
    )
    down, up = turns(found, flat, answer)
    assert down.becomes == 0
    assert down.value == pytest.approx(-36.5, abs=CHANGES["brightness"].step)
    assert up.becomes == 2
    assert up.value == pytest.approx(50.5, abs=CHANGES["brightness"].step)


def test_an_answer_that_stays_has_no_turn():
    flat, answer = np.full((4, 4, 1), 100, np.uint8), thresholds(500)
    assert turns(response(CHANGES["noise"], flat, answer, 9), flat, answer) == []


def test_a_class_that_comes_between_two_points_is_named_as_what_it_is():
    change = Change("Level", "", 0, 100, 0, 0.1, lambda image, value: np.full_like(image, value))
    answer = thresholds(41, 46)
    black = np.zeros((2, 2, 1), np.uint8)
    [turn] = turns(response(change, black, answer, 11), black, answer)
    assert turn.becomes == 1  # at 50 it is class 2 already
    assert 41 < turn.value < 44
