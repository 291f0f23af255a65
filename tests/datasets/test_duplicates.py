"""Near-duplicates: frames of one film are found whatever the light, other scenes are not."""

import numpy as np
import pytest

from cnnlab import datasets, images
from cnnlab.datasets import ImageSet, LoadOptions
from cnnlab.datasets.duplicates import near_duplicates, perceptual_hash


def scene(seed: int) -> np.ndarray:
    """Return an image of large smooth patches, uint8 ``(48, 64, 3)``."""
    coarse = np.random.default_rng(seed).integers(40, 200, (5, 6, 3), np.uint8)
    return images.resize(coarse, (48, 64))


def image_set(*some: np.ndarray) -> ImageSet:
    return ImageSet.numbered(np.stack(some), np.zeros(len(some)), "image")


def later(frame: np.ndarray) -> np.ndarray:
    """Return the next frame of a film: a pixel further, brighter, noisier."""
    noise = np.random.default_rng(0).normal(0, 2, frame.shape)
    return np.clip(np.roll(frame, 1, axis=1) * 1.1 + 8 + noise, 0, 255).astype(np.uint8)


def test_a_later_frame_is_a_near_duplicate_and_another_scene_is_not():
    training = image_set(*(scene(seed) for seed in range(40)))
    validation = image_set(scene(100), later(scene(7)), scene(3))
    pairs = near_duplicates(training, validation)
    assert [(pair.validation, pair.training) for pair in pairs] == [(2, 3), (1, 7)]
    assert pairs[0].bits == 0


def test_a_like_image_of_another_class_is_no_near_duplicate():
    other_class = ImageSet(scene(1)[None], np.array([1]), ("image",))
    assert near_duplicates(image_set(scene(1)), other_class) == []


def test_the_hash_of_a_ramp_is_known():
    ramp = np.repeat(np.arange(0, 256, 8, dtype=np.uint8)[None, :, None], 32, axis=0)
    right, below = np.split(perceptual_hash(np.stack([ramp, ramp[:, ::-1]])), 2, axis=1)
    assert right.mean(axis=1).tolist() == [0, 1]
    assert not below.any()


@pytest.mark.real_data
def test_a_random_split_of_films_is_full_of_near_duplicates_and_a_split_by_person_has_none(real_data):
    def fraction(split_by: str) -> float:
        splits = datasets.load(real_data / "gestures", LoadOptions(image_size=64, split_by=split_by))
        return len(near_duplicates(splits.train, splits.validation)) / len(splits.validation)

    assert fraction("random") > 0.7
    assert fraction("group") == 0


@pytest.mark.real_data
def test_two_photographs_of_dogs_are_no_near_duplicates(real_data):
    splits = datasets.load(real_data / "cats_and_dogs", LoadOptions(image_size=64, max_per_class=400))
    assert near_duplicates(splits.train, splits.validation) == []
