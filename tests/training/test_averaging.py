"""Weight averaging: a network is asked and saved with the mean of its weights, and trains as ever."""

import subprocess
import sys
from collections.abc import Iterator

import keras
import numpy as np
import pytest
from keras import layers

from cnnlab import runs
from cnnlab.datasets import ImageSet
from cnnlab.inference import Classifier
from cnnlab.keras_internals import averages
from cnnlab.preprocessing import Preprocessing
from cnnlab.runs import Run
from cnnlab.settings import RunConfig
from cnnlab.training import images_of
from cnnlab.training.batch_norm import TrainingStatistics, held
from cnnlab.training.callbacks.averaging import UseAveragedWeights
from cnnlab.training.callbacks.checkpoints import SaveCheckpoints
from cnnlab.training.loop import train
from cnnlab.training.pipeline import Batches
from cnnlab.training.preparation import prepare
from cnnlab.worker import execute
from cnnlab.worker.reporter import Reporter
from tests.long import LONG
from tests.training.test_resume import go_on, stop_at

# baseline has dropout and batch norm
CONFIG = RunConfig(
    *("baseline", "digits"),
    epochs=4,
    image_size=16,
    channels=1,
    max_per_class=12,
    deterministic=True,
    ema_momentum=0.8,
)


def batches() -> Batches:
    draw = np.random.default_rng(1)
    labels = np.arange(48) % 2
    images = draw.integers(0, 120, (48, 8, 8, 1)) + 120 * labels[:, None, None, None]
    return Batches(ImageSet(images.astype(np.uint8), labels, ("x",) * 48), 16, Preprocessing(8, 8, 1))


def network(optimizer: keras.Optimizer) -> keras.Model:
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Dense(5, activation="tanh", name="dense")(layers.Flatten(name="flatten")(image))
    model = keras.Model(image, layers.Dense(2, activation="softmax", name="output")(x), name="small")
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def trained(config: RunConfig) -> Run:
    run = runs.create(config, claimed=True)
    execute(run.folder)
    assert run.status().state == "finished", run.status().message
    return run


def saved(run: Run, which: str = "last") -> keras.Model:
    return keras.models.load_model(run.checkpoint(which), safe_mode=True)


def values(variables) -> list[np.ndarray]:
    return [np.array(variable.numpy()) for variable in variables]


def assert_same(one: list[np.ndarray], other: list[np.ndarray]) -> None:
    for mine, yours in zip(one, other, strict=True):
        np.testing.assert_array_equal(mine, yours)


def assert_same_run(one: Run, other: Run) -> None:
    """To the last bit: each epoch's validation, the weights, and all that the optimizer keeps."""
    for name in ("step", "val_loss", "val_accuracy"):
        assert_same([one.metrics().epochs[name]], [other.metrics().epochs[name]])
    assert_same(*(saved(run).get_weights() for run in (one, other)))
    assert_same(*(values(saved(run).optimizer.variables) for run in (one, other)))


@pytest.fixture(scope="module")
def straight(tmp_path_factory) -> Iterator[Run]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(tmp_path_factory.mktemp("home")))
        yield trained(CONFIG)


def scaled(**options) -> keras.Optimizer:
    """As mixed precision wraps an optimizer."""
    return keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1, **options))


@pytest.mark.parametrize("make", [lambda **o: keras.optimizers.SGD(0.1, **o), keras.optimizers.Adam, scaled])
def test_averages_are_those_that_a_hand_computes_over_the_steps(make, tmp_path):
    averaged, plain = network(make(use_ema=True, ema_momentum=0.7)), network(make())
    callback = UseAveragedWeights()
    save = SaveCheckpoints(tmp_path, averaging=callback)
    everyone = keras.callbacks.CallbackList([save, callback], model=averaged)
    train(averaged, batches(), batches(), everyone, range(2), seed=3)

    expected = None
    for epoch in range(2):
        for images, labels in batches().shuffled(3, epoch, 0):
            plain.train_on_batch(images, labels)
            now = plain.get_weights()
            expected = (
                now
                if expected is None
                else [0.7 * old + 0.3 * new for old, new in zip(expected, now, strict=True)]
            )
    for mine, yours in zip(averaged.get_weights(), now, strict=True):
        np.testing.assert_allclose(mine, yours, rtol=1e-4, atol=1e-6)  # it trains on with its own weights
    last = keras.models.load_model(tmp_path / "last.keras")
    for mine, yours in zip(last.get_weights(), expected, strict=True):
        np.testing.assert_allclose(mine, yours, rtol=1e-4, atol=1e-6)
    assert_same(values(average for _, average in averages(last.optimizer)), averaged.get_weights())


def test_training_goes_on_with_its_own_weights_and_validation_sees_the_averages(straight):
    plain = trained(CONFIG.changed(ema_momentum=None))
    for name in ("loss", "accuracy"):
        assert_same([straight.metrics().epochs[name]], [plain.metrics().epochs[name]])
    assert not np.array_equal(*(run.metrics().epochs["val_loss"] for run in (straight, plain)))
    last = saved(straight)
    kept = values(average for _, average in averages(last.optimizer))
    assert_same(kept, values(saved(plain).trainable_variables))
    assert not np.array_equal(kept[0], last.trainable_variables[0].numpy())


def test_the_saved_network_is_the_one_that_was_validated(straight):
    held_out = images_of(straight).validation
    history = straight.metrics().epochs
    for which, row in (("last", -1), ("best", straight.status().best_epoch - 1)):
        answers = Classifier.from_run(straight, which).probabilities(held_out.images)
        accuracy = (answers.argmax(1) == held_out.labels).mean()
        assert accuracy == pytest.approx(history["val_accuracy"][row])
        loss = -np.log(answers[np.arange(len(answers)), held_out.labels]).mean()
        assert loss == pytest.approx(history["val_loss"][row], rel=1e-3)


def test_batch_norm_has_the_statistics_that_the_averaged_weights_meet(straight):
    last = saved(straight)
    run = runs.create(CONFIG, claimed=True)
    work = prepare(run, CONFIG, Reporter(run))
    measured = TrainingStatistics(last, work.training, work.validation.batch_size, CONFIG.seed)
    assert measured.layers
    for found, expected in zip(held(measured.layers), measured.measure(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


def test_two_epochs_and_two_more_are_four_to_the_last_bit(straight):
    run = trained(CONFIG.changed(epochs=2))
    go_on(run, epochs=4)
    assert_same_run(run, straight)


def test_a_run_stopped_within_an_epoch_goes_on_to_the_last_bit(straight):
    run = runs.create(CONFIG, claimed=True)
    stop_at(run, lambda: run.metrics().batches["step"].max(initial=0) >= 4)
    go_on(run)
    assert_same_run(run, straight)


MIRRORED = """
import sys, numpy as np, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras
from pathlib import Path
from cnnlab import keras_internals
from cnnlab.training.callbacks.averaging import UseAveragedWeights
from cnnlab.training.callbacks.checkpoints import SaveCheckpoints
from cnnlab.training.loop import train
from tests.training.test_averaging import batches, network

models = []
for devices in (["CPU:0", "CPU:1"], ["CPU:0"]):
    with tf.distribute.MirroredStrategy(devices).scope():
        model = network(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.7))
    callback = UseAveragedWeights()
    at = Path(sys.argv[1]) / str(len(devices))
    at.mkdir()
    save = SaveCheckpoints(at, averaging=callback)
    everyone = keras.callbacks.CallbackList([save, callback], model=model)
    train(model, batches(), batches(), everyone, range(2), 0)
    models.append(keras.models.load_model(at / "last.keras"))
for one, other in zip(*(model.get_weights() for model in models)):
    np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)
"""


@pytest.mark.slow
@LONG
def test_two_devices_average_as_one_does(tmp_path):
    subprocess.run([sys.executable, "-c", MIRRORED, str(tmp_path)], check=True, timeout=250)
