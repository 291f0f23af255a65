"""A network with batch norm is asked with the statistics of its training images, and trains as ever."""

import errno
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from cnnlab import architectures, runs, training
from cnnlab.architectures import registry
from cnnlab.architectures.registry import Architecture, Reference
from cnnlab.datasets import ImageSet
from cnnlab.inference import Classifier
from cnnlab.preprocessing import Preprocessing
from cnnlab.runs import Run
from cnnlab.runs.context import StopRequested
from cnnlab.settings import RunConfig
from cnnlab.training import batch_norm
from cnnlab.training.batch_norm import TrainingStatistics, held, moving
from cnnlab.training.callbacks.batch_norm import MeasureBatchNorm
from cnnlab.training.callbacks.checkpoints import SaveCheckpoints
from cnnlab.training.features import _Look
from cnnlab.training.loop import train
from cnnlab.training.pipeline import Batches
from cnnlab.worker import execute
from tests.long import LONG

SMALL = RunConfig("baseline", "digits", image_size=16, channels=1, max_per_class=10, batch_size=16)
"""80 training images: an epoch has five steps."""


def image_set(count: int = 64) -> ImageSet:
    """Two classes, dark and light, and noise."""
    draw = np.random.default_rng(1)
    labels = np.arange(count) % 2
    images = draw.integers(0, 120, (count, 8, 8, 1)) + 120 * labels[:, None, None, None]
    return ImageSet(images.astype(np.uint8), labels, tuple(map(str, range(count))))


def batches(count: int = 64, batch_size: int = 16) -> Batches:
    return Batches(image_set(count), batch_size, Preprocessing(8, 8, 1))


def network(rate: float = 0.5) -> keras.Model:
    """Dense, batch norm, dropout, dense, batch norm: what the second one meets depends on all the others."""
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Flatten(name="flatten")(image)
    x = layers.BatchNormalization(name="norm1")(layers.Dense(6, name="dense1")(x))
    x = layers.Dropout(rate, name="drop")(x)
    x = layers.BatchNormalization(name="norm2")(layers.Dense(5, name="dense2")(x))
    model = keras.Model(image, layers.Dense(2, activation="softmax", name="output")(x), name="small")
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def everything(model: keras.Model) -> list[np.ndarray]:
    return [np.array(variable.numpy()) for variable in model.variables]


# --- what is measured -------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [64, 16])
def test_the_first_layer_gets_mean_and_variance_of_all_training_images(at_once):
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Flatten(name="flatten")(layers.BatchNormalization(name="norm")(image))
    model = keras.Model(image, layers.Dense(2, activation="softmax", name="output")(x))
    measured = TrainingStatistics(model, batches(), at_once, seed=0)
    ((mean, variance),) = measured.measure()
    seen = image_set().images / 255
    assert measured.images == 64
    np.testing.assert_allclose(mean, [seen.mean()], rtol=1e-5)
    np.testing.assert_allclose(variance, [seen.var()], rtol=1e-4)


def test_a_later_layer_gets_those_of_what_it_meets_with_dropout_off():
    model = network()
    (mean1, variance1), (mean2, variance2) = TrainingStatistics(model, batches(), 64, seed=0).measure()
    x = (image_set().images / 255).reshape(64, -1) @ model.get_layer("dense1").kernel.numpy()
    np.testing.assert_allclose(mean1, x.mean(0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(variance1, x.var(0), rtol=1e-3)
    x = (x - x.mean(0)) / np.sqrt(x.var(0) + 0.001) @ model.get_layer("dense2").kernel.numpy()
    np.testing.assert_allclose(mean2, x.mean(0), atol=1e-5)
    np.testing.assert_allclose(variance2, x.var(0), rtol=1e-3)


@pytest.mark.parametrize("ended", [False, True])
def test_a_measurement_changes_nothing_even_when_it_is_ended(ended):
    model = network()
    model.fit(*next(iter(batches().in_order(64))), epochs=2, verbose=0)
    before = everything(model)
    looks = []

    def check() -> None:
        looks.append(1)
        if ended and len(looks) == 2:
            raise StopRequested

    try:
        TrainingStatistics(model, batches(), 16, seed=0).measure(check)
    except StopRequested:
        assert ended
    assert all(np.array_equal(one, other) for one, other in zip(before, everything(model), strict=True))
    assert [layer.momentum for layer in moving(model)] == [0.99, 0.99]
    assert model.get_layer("drop").rate == 0.5


def test_the_same_seed_looks_at_the_same_images():
    few = [TrainingStatistics(network(), batches(400, 2), 64, seed).measure() for seed in (3, 3, 4)]
    same, other = (np.array_equal(few[0][0][0], found[0][0]) for found in few[1:])
    assert same and not other


@pytest.mark.parametrize(
    ("count", "batch_size", "at_once", "images"),
    [
        (76, 16, 256, 76),  # a class's own hands: all of them
        (1000, 32, 256, 256),
        (5000, 32, 256, 448),  # 9 %, at a third of a training step, in eight equal batches
        (20_000, 32, 256, 1024),
        (5000, 2, 256, 128),  # no more than 64 of the run's batches
        (5000, 32, 20, 437),  # large images: 23 batches of 19, none of them smaller than the others
        (3, 32, 256, 3),
        (1, 32, 256, 1),
    ],
)
def test_the_cost_is_bounded(count, batch_size, at_once, images):
    measured = TrainingStatistics(network(), batches(count, batch_size), at_once, seed=0)
    assert measured.images == images
    sizes = [len(labels) for _, labels in measured._batches]
    assert sum(sizes) == images and len(set(sizes)) == 1 and sizes[0] <= min(at_once, 64)


def test_a_measurement_in_a_hurry_looks_at_one_batch_at_least():
    looks = []
    found = TrainingStatistics(network(), batches(), 16, seed=0).measure(lambda: looks.append(1), seconds=0)
    assert len(looks) == 2 and np.isfinite(found[0][1]).all()  # the second was not begun


def test_frozen_layers_keep_their_statistics():
    model = network()
    model.get_layer("norm1").trainable = False
    assert [layer.name for layer in moving(model)] == ["norm2"]
    options = {"batch_norm": "frozen"}
    assert not moving(architectures.build("inception10", (8, 8, 1), 2, **options))
    before = held([model.get_layer("norm1")])
    TrainingStatistics(model, batches(), 16, seed=0).measure()
    assert np.array_equal(before, held([model.get_layer("norm1")]))


def test_batch_norms_within_a_model_within_the_model_are_measured_unless_it_is_frozen():
    inner = network()
    image = keras.Input((8, 8, 1), name="image")
    outer = keras.Model(image, layers.Dense(2, activation="softmax", name="last")(inner(image)))
    found, expected = (TrainingStatistics(model, batches(), 64, seed=0) for model in (outer, inner))
    found = dict(zip((layer.name for layer in found.layers), found.measure(), strict=True))
    expected = dict(zip((layer.name for layer in expected.layers), expected.measure(), strict=True))
    assert set(found) == {"norm1", "norm2"}
    for name, (mean, variance) in expected.items():
        np.testing.assert_allclose(found[name][0], mean, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(found[name][1], variance, rtol=1e-5)
    inner.trainable = False
    assert not moving(outer)


def test_a_network_without_batch_norm_pays_nothing(monkeypatch):
    monkeypatch.setattr(TrainingStatistics, "measure", lambda *_: pytest.fail("it looked at images"))
    run = trained(SMALL.changed(architecture="lenet5", epochs=1))
    assert run.status().state == "finished"
    assert run.model_facts.batch_norm_images == 0
    assert not list((run.folder / "checkpoints").glob("running-*"))


# --- what it does to training: nothing --------------------------------------------------------------------


def test_training_learns_the_same_with_and_without_measuring():
    learned = []
    for measures in (True, False):
        model = network()
        callbacks = [MeasureBatchNorm(TrainingStatistics(model, batches(), 64, 0))] if measures else []
        train(model, batches(), batches(), keras.callbacks.CallbackList(callbacks, model=model), range(3), 5)
        learned.append(everything(model))
    for one, other in zip(*learned, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)  # as far as two runs agree here


# --- what is kept -----------------------------------------------------------------------------------------


def trained(config: RunConfig) -> Run:
    run = runs.create(config, claimed=True)
    execute(run.folder)
    assert run.status().state == "finished", run.log()
    return run


def go_on(run: Run, epochs: int | None = None) -> None:
    run.resume(epochs)
    assert run.claim()
    execute(run.folder)


def in_both_modes(run: Run, which: str) -> tuple[float, float]:
    """Return the accuracy on the training images, asked as people ask, and with each batch's statistics."""
    kept, seen = Classifier.from_run(run, which), training.images_of(run).train
    model, x = kept.model, kept.preprocessing.scale(seen.images.astype(np.float32))
    asked = kept.probabilities(seen.images).argmax(1)
    for layer in model.layers:
        if isinstance(layer, layers.Dropout):
            layer.rate = 0.0
    in_training = np.asarray(model(x, training=True)).argmax(1)
    return float((asked == seen.labels).mean()), float((in_training == seen.labels).mean())


def assert_validated_as_kept(run: Run) -> None:
    """The loss in the history is that of the weights in last.keras, by Keras alone."""
    kept, held_out = keras.models.load_model(run.checkpoint("last")), training.images_of(run).validation
    loss, _ = kept.evaluate(held_out.images / np.float32(255), held_out.labels, verbose=0)
    assert loss == pytest.approx(run.metrics().epochs["val_loss"][-1], rel=1e-3)


@pytest.mark.parametrize(
    ("architecture", "steps"),
    [
        ("baseline", 10),
        pytest.param("baseline", 50, marks=[pytest.mark.slow, LONG]),
        pytest.param("baseline", 500, marks=[pytest.mark.slow, LONG]),
        pytest.param("inception10", 10, marks=[pytest.mark.slow, LONG]),
        pytest.param("inception10", 50, marks=[pytest.mark.slow, LONG]),
        pytest.param("inception10", 500, marks=[pytest.mark.slow, LONG]),
        pytest.param("resnet18", 10, marks=[pytest.mark.slow, LONG]),
    ],
)
def test_asked_about_its_training_images_a_network_is_as_good_as_in_training(architecture, steps):
    few = steps < 500
    config = SMALL if few else SMALL.changed(max_per_class=40)  # 20 steps an epoch instead of 5
    run = trained(config.changed(architecture=architecture, epochs=steps // (5 if few else 20)))
    assert run.metrics().epochs["step"][-1] == steps
    for which in ("best", "last"):
        asked, in_training = in_both_modes(run, which)
        assert asked >= in_training - 0.02, which
    assert_validated_as_kept(run)


def test_the_page_is_told_on_how_many_images_the_statistics_stand():
    assert trained(SMALL.changed(epochs=1)).model_facts.batch_norm_images == 80


@pytest.mark.slow
@LONG
def test_a_run_that_goes_on_takes_its_running_averages_up_again():
    straight, halves = trained(SMALL.changed(epochs=4)), trained(SMALL.changed(epochs=2))
    go_on(halves, 4)
    one, other = (np.load(run.folder / "checkpoints" / "running-20.npz") for run in (straight, halves))
    assert sorted(one) == sorted(other) == ["norm1/mean", "norm1/variance"]
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-4, atol=1e-6)
    kept = keras.models.load_model(straight.checkpoint("last")).get_layer("norm1")
    assert not np.allclose(one["norm1/variance"], kept.moving_variance, rtol=0.01)  # the kept are measured
    assert [path.name for path in (halves.folder / "checkpoints").glob("running-*")] == ["running-20.npz"]


def test_running_averages_and_weights_fit_together_whenever_a_worker_dies(monkeypatch):
    run = runs.create(SMALL.changed(epochs=3), claimed=True)
    original, saved = keras.Model.save, []

    def save(model, path, *args, **kwargs):
        saved.append(path)
        if len(saved) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return original(model, path, *args, **kwargs)

    monkeypatch.setattr(keras.Model, "save", save)
    execute(run.folder)
    assert run.status().state == "failed"
    assert keras.models.load_model(run.checkpoint("last")).optimizer.iterations.numpy() == 5
    assert (run.folder / "checkpoints" / "running-5.npz").is_file()
    go_on(run)
    assert run.status().state == "finished"


@pytest.mark.parametrize("damage", [b"", b"torn", b"PK\x03\x04torn"])
def test_running_averages_that_cannot_be_read_do_not_keep_a_run_from_going_on(damage, tmp_path):
    model = network()
    before = held(moving(model))
    (tmp_path / "running-5.npz").write_bytes(damage)
    assert not batch_norm.take_back(tmp_path / "running-5.npz", model)
    assert np.array_equal(before[0], held(moving(model))[0])


def test_running_averages_of_another_network_are_refused(tmp_path):
    image = keras.Input((4, 4, 2), name="image")
    other = keras.Model(image, layers.BatchNormalization(name="norm1")(image))
    batch_norm.keep(tmp_path / "other.npz", moving(other), held(moving(other)))
    model = network()
    before = held(moving(model))
    assert not batch_norm.take_back(tmp_path / "other.npz", model)
    assert np.array_equal(before[0], held(moving(model))[0])


def test_a_network_saved_within_an_epoch_is_measured_for_it_and_trains_on_as_it_was(tmp_path):
    model = network()
    model.fit(*next(iter(batches().in_order(64))), batch_size=64, epochs=3, verbose=0)
    running = held(moving(model))
    statistics = MeasureBatchNorm(TrainingStatistics(model, batches(), 64, 0))
    checkpoints = SaveCheckpoints(tmp_path, statistics=statistics)
    checkpoints.set_model(model)
    checkpoints.save_what_is_new()
    saved = held(moving(keras.models.load_model(tmp_path / "last.keras")))
    expected = TrainingStatistics(model, batches(), 64, 0).measure()
    for (mean, variance), (its_mean, its_variance) in zip(saved, expected, strict=True):
        np.testing.assert_allclose(mean, its_mean, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(variance, its_variance, rtol=1e-5)
    assert np.array_equal(running[0], held(moving(model))[0])
    fresh = network()
    assert batch_norm.take_back(tmp_path / "running-3.npz", fresh)
    assert np.array_equal(held(moving(fresh))[1], running[1])


# --- a head that learns alone -----------------------------------------------------------------------------


@pytest.fixture
def head() -> Iterator[None]:
    """Let runs train a network whose first dense layer is frozen."""

    def build(input_shape, num_classes: int) -> keras.Model:
        image = keras.Input(input_shape, name="image")
        x = layers.Dense(8, name="base")(layers.Flatten(name="flatten")(image))
        x = layers.BatchNormalization(name="norm")(x)
        model = keras.Model(
            image, layers.Dense(num_classes, activation="softmax", name="output")(x), name="head"
        )
        model.get_layer("base").trainable = False
        return model

    with pytest.MonkeyPatch.context() as patch:
        entry = Architecture("head", "Head", 2026, "", "A head.", 8, Reference((8, 8, 1), 10, 0, 0, 0), build)
        patch.setitem(registry.BUILT_IN, "head", entry)
        yield


def test_the_head_behind_a_frozen_base_is_measured_on_what_the_base_says(head, monkeypatch):
    looks = []
    look = _Look.__call__
    monkeypatch.setattr(_Look, "__call__", lambda *args: looks.append(1) or look(*args))
    run = trained(SMALL.changed(architecture="head", epochs=3, image_size=8))
    assert len(looks) == 2  # the base was asked once about each part
    kept, seen = Classifier.from_run(run, "last"), training.images_of(run).train
    x = kept.preprocessing.scale(seen.images.astype(np.float32)).reshape(80, -1)
    met = x @ kept.model.get_layer("base").kernel.numpy() + kept.model.get_layer("base").bias.numpy()
    norm = kept.model.get_layer("norm")
    np.testing.assert_allclose(norm.moving_mean, met.mean(0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(norm.moving_variance, met.var(0), rtol=1e-3)
    go_on(run, 4)
    assert Path(run.folder, "checkpoints", "running-20.npz").is_file()
