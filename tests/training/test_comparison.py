"""What a run keeps to tell overfitting from chance is what its two sets of weights say of the same images."""

import shutil
from collections.abc import Iterator
from dataclasses import replace

import keras
import numpy as np
import pytest

from cnnlab import runs, training
from cnnlab.inference import Classifier, evaluate
from cnnlab.runs import Run
from cnnlab.settings import RunConfig
from cnnlab.training.comparison import Comparison, compare, training_sample
from cnnlab.worker import execute

CONFIG = RunConfig("lenet5", "digits", epochs=3, image_size=16, channels=1, max_per_class=20)


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Iterator[Run]:
    """Three epochs of LeNet-5."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(tmp_path_factory.mktemp("home")))
        run = runs.create(CONFIG, claimed=True)
        execute(run.folder)
        yield run


def asked(run: Run, which: str, images: np.ndarray) -> np.ndarray:
    """Return probabilities, by Keras alone."""
    return keras.models.load_model(run.checkpoint(which)).predict(images / np.float32(255), verbose=0)


def test_losses_and_hits_are_those_of_the_best_and_of_the_last_weights(run):
    kept, splits = Comparison.read(run), training.images_of(run)
    assert (kept.best_epoch, kept.last_epoch) == (run.status().best_epoch, 3)
    images, labels = splits.validation.images, splits.validation.labels
    for which, losses in (("best", kept.best_losses), ("last", kept.last_losses)):
        of_label = asked(run, which, images)[np.arange(len(labels)), labels]
        np.testing.assert_allclose(losses, -np.log(of_label), rtol=1e-3, atol=1e-5)
    assert np.array_equal(kept.validation_right, asked(run, "best", images).argmax(1) == labels)
    assert kept.last_losses.mean() == pytest.approx(run.metrics().epochs["val_loss"][-1], rel=1e-3)
    sample = training_sample(splits.train, splits.validation, CONFIG.seed)
    assert np.array_equal(kept.training_right, asked(run, "best", sample.images).argmax(1) == sample.labels)


def test_training_images_are_asked_again_as_the_seed_chooses_and_not_too_many(run):
    splits = training.images_of(run)
    few = training_sample(splits.train, splits.validation, seed=1)
    assert len(few) == 160  # all: 40 are validated on, and 200 would be asked
    assert few.names == training_sample(splits.train, splits.validation, seed=1).names


def test_weights_that_went_on_are_measured_apart_from_the_best(run):
    """The last weights are made others than the best ones, and the status says so."""
    shutil.copyfile(run.checkpoint("last"), run.folder / "checkpoints" / "best.keras")
    other = keras.models.load_model(run.checkpoint("last"))
    other.set_weights([weight * 0.5 for weight in other.get_weights()])
    other.save(run.checkpoint("last"))
    run.write_status(replace(run.status(), best_epoch=1))
    splits = training.images_of(run)
    part = splits.validation
    found = evaluate(Classifier.from_run(run), part.images, part.labels, part.names)
    fractions: list[float] = []
    kept = compare(run, found, part, training_sample(splits.train, part, 0), fractions.append)
    of_label = asked(run, "last", part.images)[np.arange(len(part)), part.labels]
    np.testing.assert_allclose(kept.last_losses, -np.log(of_label), rtol=1e-3)
    assert not np.allclose(kept.last_losses, kept.best_losses)
    assert fractions == sorted(fractions) and fractions[0] == 0 and fractions[-1] < 1
