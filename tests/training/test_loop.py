import subprocess
import sys

import keras
import numpy as np
import pytest

from cnnlab import architectures
from cnnlab.datasets import ImageSet
from cnnlab.preprocessing import Preprocessing
from cnnlab.training.loop import TrainSteps, train
from cnnlab.training.pipeline import Batches
from tests.long import LONG


@pytest.fixture(scope="module")
def batches() -> Batches:
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (70, 16, 16, 1), dtype=np.uint8)
    return Batches(ImageSet(images, draw.integers(0, 3, 70), tuple("x" * 70)), 16, Preprocessing(16, 16, 1))


def network() -> keras.Model:
    keras.utils.set_random_seed(3)
    model = architectures.build("lenet5", input_shape=(16, 16, 1), num_classes=3)
    model.compile("sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class Recorder(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.last_steps, self.epochs = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.last_steps.append(batch)

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append((epoch, set(logs)))


def test_the_loop_learns_exactly_what_keras_learns_from_the_same_batches(batches):
    ours, theirs = network(), network()
    train(ours, batches, batches, keras.callbacks.CallbackList([], model=ours), range(2), seed=5)
    for epoch in range(2):
        for images, labels in batches.shuffled(5, epoch):
            theirs.train_on_batch(images, labels)
    for mine, yours in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, yours, rtol=1e-5, atol=1e-7)
    assert int(ours.optimizer.iterations) == 2 * len(batches) == 10


def test_callbacks_see_every_epoch_and_its_last_step(batches):
    model, seen = network(), Recorder()
    train(model, batches, batches, keras.callbacks.CallbackList([seen], model=model), range(1, 3), seed=0)
    assert seen.epochs == [(e, {"loss", "accuracy", "val_loss", "val_accuracy"}) for e in (1, 2)]
    assert seen.last_steps.count(len(batches) - 1) == 2
    assert seen.last_steps == [*range(5)] * 2 or max(seen.last_steps) == 4


def test_a_call_takes_more_steps_while_there_is_time_and_never_misses_one(batches):
    model = network()
    model.optimizer.build(model.trainable_variables)
    steps = TrainSteps(model, seconds_per_call=60.0)
    done = []
    for epoch in range(3):
        iterator = iter(batches.shuffled(0, epoch))
        left = len(batches)
        while left:
            done.append(steps(iterator, left)[0])
            left -= done[-1]
    assert model.optimizer.iterations.numpy() == sum(done) == 3 * len(batches)
    assert done[0] == 1 and max(done) >= 4
    compiled = steps._several_steps.experimental_get_tracing_count()
    assert compiled == 1  # neither a new epoch nor another number of steps compiles anything


MIRRORED = """
import sys, numpy as np, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras
from cnnlab import architectures
from cnnlab.datasets import ImageSet
from cnnlab.preprocessing import Preprocessing
from cnnlab.training.loop import train
from cnnlab.training.pipeline import Batches

labels = np.arange(64) % 2
images = np.repeat(labels * 255, 256).reshape(64, 16, 16, 1).astype(np.uint8)
batches = Batches(ImageSet(images, labels, ("x",) * 64), 16, Preprocessing(16, 16, 1))
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    model = architectures.build("baseline", input_shape=(16, 16, 1), num_classes=2)
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
train(model, batches, batches, keras.callbacks.CallbackList([], model=model), range(5), seed=0)
assert model.distribute_strategy.num_replicas_in_sync == 2
assert model.optimizer.iterations.numpy() == 20
assert model.get_metrics_result()["accuracy"] == 1.0, model.get_metrics_result()
model.save(sys.argv[1])
"""


@LONG
@pytest.mark.slow
def test_two_mirrored_devices_train_one_model_that_a_plain_process_loads(tmp_path):
    path = tmp_path / "mirrored.keras"
    subprocess.run([sys.executable, "-c", MIRRORED, str(path)], check=True, timeout=200)
    white = np.ones((1, 16, 16, 1), np.float32)
    assert keras.models.load_model(path).predict(white, verbose=0).argmax() == 1
