import numpy as np
import pytest

from cnnlab.datasets import ImageSet
from cnnlab.preprocessing import Preprocessing
from cnnlab.training.pipeline import Batches


@pytest.fixture(scope="module")
def image_set() -> ImageSet:
    images = np.random.default_rng(0).integers(0, 256, (25, 8, 8, 3), dtype=np.uint8)
    return ImageSet(images, np.arange(25), tuple(map(str, range(25))))


def order_of(dataset) -> list[int]:
    return [int(label) for _, labels in dataset for label in labels]


def test_every_image_comes_once_an_epoch_in_an_order_that_seed_and_epoch_decide(image_set):
    batches = Batches(image_set, 4, Preprocessing(8, 8))
    assert len(batches) == 7
    first = order_of(batches.shuffled(seed=1, epoch=0))
    assert sorted(first) == list(range(25))
    assert first != order_of(batches.shuffled(seed=1, epoch=1))
    assert first == order_of(batches.shuffled(seed=1, epoch=0))
    assert order_of(batches.in_order()) == list(range(25))


def test_training_sees_exactly_what_classifying_sees(image_set):
    seen_as = Preprocessing(8, 8, mean=(127.5,), std=(127.5,))
    batch, _ = next(iter(Batches(image_set, 4, seen_as).in_order()))
    classified = seen_as.scale(np.stack([seen_as.image(i) for i in image_set.images[:4]]).astype(np.float32))
    assert np.array_equal(batch.numpy(), classified)
    assert batch.dtype == np.float32


def test_scaling_follows_the_usual_formulas():
    pixels = np.array([[[[0.0, 127.5, 255.0]]]], np.float32)
    assert Preprocessing(1, 1).scale(pixels).ravel().tolist() == [0.0, 0.5, 1.0]
    centred = Preprocessing(1, 1, mean=(127.5,), std=(127.5,))
    assert centred.scale(pixels).ravel().tolist() == [-1.0, 0.0, 1.0]
    per_channel = Preprocessing(1, 1, mean=(125.307, 122.95, 113.865), std=(62.9932, 62.0887, 66.7048))
    expected = [(0 - 125.307) / 62.9932, (127.5 - 122.95) / 62.0887, (255 - 113.865) / 66.7048]
    assert per_channel.scale(pixels).ravel().tolist() == pytest.approx(expected, rel=1e-6)
