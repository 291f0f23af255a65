"""Augmentation, order and scaling in a run: in training only, repeatable, and exact over a resume."""

import numpy as np
import pytest

from cnnlab import datasets, runs
from cnnlab.augmentation import Augmentation, image_draws
from cnnlab.datasets import ImageSet
from cnnlab.datasets.statistics import pixel_statistics
from cnnlab.preprocessing import Preprocessing
from cnnlab.runs import Run
from cnnlab.settings import RunConfig
from cnnlab.training.pipeline import Batches
from cnnlab.worker import execute
from tests.long import LONG
from tests.training.same_training import assert_same_training

EVERY = Augmentation(flip=1, rotation=20, shift_x=0.1, brightness=0.2, cutout=0.2)
CONFIG = RunConfig(
    *("baseline", "digits"),
    epochs=4,
    image_size=16,
    channels=1,
    max_per_class=20,
    augmentation=EVERY.to_dict(),
)
AS_PIXELS = Preprocessing(16, 16, 1, std=(1.0,))


@pytest.fixture(scope="module")
def image_set() -> ImageSet:
    images = np.random.default_rng(0).integers(0, 256, (25, 16, 16, 1), dtype=np.uint8)
    return ImageSet(images, np.arange(25), tuple(map(str, range(25))))


@pytest.fixture(scope="module")
def straight(tmp_path_factory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(tmp_path_factory.mktemp("home")))
        return trained(CONFIG)


def trained(config: RunConfig) -> Run:
    run = runs.create(config, claimed=True)
    execute(run.folder)
    assert run.status().state == "finished", run.status().message
    return run


def drawn(dataset) -> tuple[np.ndarray, np.ndarray]:
    images, labels = zip(*dataset, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def test_each_image_is_changed_by_seed_epoch_and_its_number_and_keeps_its_label(image_set):
    images, labels = drawn(Batches(image_set, 4, AS_PIXELS, EVERY).shuffled(seed=3, epoch=2))
    assert sorted(labels) == list(range(25))
    expected = EVERY.apply(image_set.images[labels], image_draws(3, 2, 25)[labels])
    assert np.array_equal(images, expected)


def test_an_epoch_that_goes_on_in_its_middle_sees_the_same_images(image_set):
    batches = Batches(image_set, 4, AS_PIXELS, EVERY)
    whole, rest = (drawn(batches.shuffled(3, 2, skip))[0] for skip in (0, 5))
    assert np.array_equal(whole[20:], rest)


def test_images_that_are_validated_on_stay_as_they_are(image_set):
    images, labels = drawn(Batches(image_set, 4, AS_PIXELS, EVERY).in_order())
    assert np.array_equal(images, image_set.images) and np.array_equal(labels, image_set.labels)


def test_without_shuffling_every_epoch_has_the_order_of_the_set(image_set):
    batches = Batches(image_set, 4, AS_PIXELS, shuffle=False)
    for epoch in range(2):
        assert drawn(batches.shuffled(0, epoch))[1].tolist() == list(range(25))


@pytest.mark.parametrize("augmentation", [Augmentation(), EVERY])
def test_images_on_the_disk_make_the_batches_of_images_in_memory(image_set, augmentation, tmp_path):
    np.save(tmp_path / "images.npy", image_set.images)
    on_disk = ImageSet(np.load(tmp_path / "images.npy", mmap_mode="r"), image_set.labels, image_set.names)
    for mine, yours in zip(
        *(Batches(data, 4, AS_PIXELS, augmentation).shuffled(1, 1) for data in (image_set, on_disk)),
        strict=True,
    ):
        assert np.array_equal(mine[0], yours[0]) and np.array_equal(mine[1], yours[1])


@pytest.mark.slow
@LONG
def test_two_augmented_epochs_and_two_more_are_four_epochs(straight):
    run = trained(CONFIG.changed(epochs=2))
    run.resume(4)
    assert run.claim()
    execute(run.folder)
    assert_same_training(run, straight)


def test_an_augmented_run_learns_from_other_images_than_a_plain_one(straight):
    plain = trained(CONFIG.changed(augmentation={}, epochs=1))
    assert abs(plain.metrics().epochs["loss"][0] - straight.metrics().epochs["loss"][0]) > 0.01


def test_scaling_by_the_dataset_is_that_of_its_training_part_and_is_kept_for_classifying():
    run = trained(CONFIG.changed(scaling="dataset", epochs=1))
    train = datasets.load("digits", CONFIG.load_options()).train.images
    kept = run.model_facts.preprocessing
    assert kept.mean == pytest.approx([train.mean()]) and kept.std == pytest.approx([train.std()])
    assert tuple(map(tuple, (kept.mean, kept.std))) == pixel_statistics(train)
