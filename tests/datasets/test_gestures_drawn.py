"""Drawn hands: anatomy that can be checked with a ruler, images that depend on the seed alone."""

import hashlib

import numpy as np
import pytest

from cnnlab import datasets
from cnnlab.datasets import LoadOptions
from cnnlab.datasets.builtin.hands import pose
from cnnlab.datasets.builtin.hands.render import surface
from cnnlab.datasets.builtin.hands.scene import photograph

BEFORE = {"drawing 0": "4ec9fd0d7172", "drawing 1": "c8ad3065d0f8", "drawing 10": "986f1cb4b990"}
FEW = LoadOptions(image_size=32, max_per_class=4)


def fingertips(gesture: str, seed: int) -> np.ndarray:
    """Return how far each of the four fingertips is from the wrist, in palm lengths."""
    limbs = pose.hand(gesture, np.random.default_rng(seed))
    return np.linalg.norm(limbs.end[[8, 11, 14, 17]], axis=1)


@pytest.mark.parametrize("seed", range(30))
def test_the_fingers_that_are_stretched_make_the_gesture(seed):
    assert fingertips("paper", seed).min() > 1.2
    assert fingertips("rock", seed).max() < 1.0
    scissors = fingertips("scissors", seed)
    assert scissors[:2].min() > 1.4
    assert scissors[2:].max() < 1.0


@pytest.mark.parametrize("gesture", pose.GESTURES)
def test_bones_keep_their_length_however_they_bend(gesture):
    for seed in range(10):
        limbs = pose.hand(gesture, np.random.default_rng(seed))
        lengths = np.linalg.norm(limbs.end - limbs.start, axis=1)[6:18]
        assert np.allclose(lengths, pose.LENGTHS.ravel())


def test_a_rotation_keeps_lengths_and_handedness():
    turn = pose.rotation(0.3, -0.7, 2.0)
    assert np.allclose(turn @ turn.T, np.eye(3))
    assert np.linalg.det(turn) == pytest.approx(1)


def test_a_ball_is_seen_as_a_disc_that_faces_the_viewer_in_its_middle():
    ball = pose.Limbs(
        np.zeros((1, 3)), np.zeros((1, 3)), np.zeros((1, 3)), np.ones((1, 2)), np.array([pose.FINGER])
    )
    seen = surface(ball, (41, 51), scale=10.0, wrist=np.array([25.0, 20.0]))
    assert seen.cover.sum() == pytest.approx(np.pi * 10**2, rel=0.01)
    middle = np.flatnonzero(seen.pixel == 20 * 51 + 25)
    assert np.allclose(seen.normal[:, middle].ravel(), [0, 0, 1])
    assert seen.depth[middle] == pytest.approx(10)


def test_the_limb_in_front_hides_the_one_behind():
    start = np.array([[0.0, 0, 0], [0, 0, 5]])
    limbs = pose.Limbs(start, start, np.zeros((2, 3)), np.full((2, 2), 0.5), np.full(2, pose.FINGER))
    seen = surface(limbs, (64, 64), scale=20.0, wrist=np.array([32.0, 32.0]))
    assert seen.limb[seen.pixel == 32 * 64 + 32] == 1


def test_the_seed_decides_every_pixel():
    first, again = (datasets.load("gestures_drawn", FEW).train for _ in range(2))
    other = datasets.load("gestures_drawn", LoadOptions(image_size=32, max_per_class=4, seed=1)).train
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)


def test_a_drawing_does_not_depend_on_how_many_are_drawn():
    few, more = (
        datasets.load("gestures_drawn", LoadOptions(image_size=24, max_per_class=count)) for count in (3, 5)
    )
    images = dict(
        zip(
            more.train.names + more.validation.names,
            [*more.train.images, *more.validation.images],
            strict=True,
        )
    )
    for name, image in zip(few.train.names, few.train.images, strict=True):
        assert np.array_equal(images[name], image)


@pytest.mark.parametrize("size", [8, 16, 64, 100])
@pytest.mark.parametrize("gesture", pose.GESTURES)
def test_any_size_is_drawn_and_no_image_is_blank(size, gesture):
    image = photograph(gesture, size, np.random.default_rng(size))
    assert image.shape == (size, size, 3)
    assert image.dtype == np.uint8
    assert image.std() > 2


def test_gray_is_drawn_in_gray():
    assert datasets.load("gestures_drawn", LoadOptions(16, 1, max_per_class=2)).train.images.shape == (
        3,
        16,
        16,
        1,
    )


def test_a_person_has_one_room_and_one_skin_and_frames_of_a_pose_are_near_duplicates():
    splits = datasets.load("gestures_drawn_people", LoadOptions(image_size=32, split_by="group"))
    images = dict(zip(splits.train.names, splits.train.images.astype(float), strict=True))
    person = splits.train.names[0].partition("/")[2][:8]
    others = next(name for name in images if person not in name).partition("/")[2][:8]
    shown = [f"rock/{person}__00", f"rock/{person}__01", f"rock/{others}__00"]
    frame, next_frame, other = (images[name] for name in shown)
    assert np.abs(frame - next_frame).mean() < np.abs(frame - other).mean()
    assert not np.array_equal(frame, next_frame)
    again = datasets.load("gestures_drawn_people", LoadOptions(image_size=32, split_by="group"))
    assert np.array_equal(again.train.images, splits.train.images)


def test_drawings_are_those_of_before():
    """Digests of the first drawings, made before people were drawn: a run of then finds its images."""
    drawn = datasets.load("gestures_drawn", LoadOptions(image_size=24, max_per_class=4, seed=5))
    whole = dict(zip(drawn.train.names, drawn.train.images, strict=True))
    assert {n: hashlib.sha256(whole[n].tobytes()).hexdigest()[:12] for n in sorted(whole)[:3]} == BEFORE
