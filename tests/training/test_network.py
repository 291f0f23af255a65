"""From settings to a network: what a setting promises holds in the precision."""

import keras
import numpy as np
import pytest

from cnnlab.errors import ArchitectureError, ConfigError
from cnnlab.settings import RunConfig
from cnnlab.training import network, precision
from cnnlab.training.losses import SmoothedCrossentropy

CONFIG = RunConfig("baseline", "digits", optimizer="sgd", learning_rate=0.1)
SHAPE = (16, 16, 1)


def some_images(count: int = 4) -> np.ndarray:
    return np.random.default_rng(0).random((count, *SHAPE), dtype=np.float32)


def dropouts(model: keras.Model) -> list[float]:
    return [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)]


def test_dropout_sets_the_rate_of_every_dropout_layer_and_none_leaves_the_networks_own(tmp_path):
    assert dropouts(network.build(CONFIG, SHAPE, 10)) == [0.2, 0.2]  # as the course has it
    model = network.build(CONFIG.changed(dropout=0.7), SHAPE, 10)
    model.save(tmp_path / "m.keras")
    assert dropouts(keras.models.load_model(tmp_path / "m.keras")) == [0.7, 0.7]


def test_dropout_really_drops_that_fraction_even_where_the_network_had_none():
    image = keras.Input((1000,))
    model = keras.Model(image, keras.layers.Dropout(0.0)(image))
    network.set_dropout(model, 0.75)
    dropped = np.mean(np.asarray(model(np.ones((50, 1000), np.float32), training=True)) == 0)
    assert dropped == pytest.approx(0.75, abs=0.01)


def test_l2_adds_the_sum_of_squared_kernels_to_the_loss_and_survives_saving(tmp_path):
    plain, model = (network.build(CONFIG.changed(l2=l2), SHAPE, 10) for l2 in (0.0, 0.01))
    assert plain.losses == []
    kernels = [w.numpy() for w in model.weights if w.name == "kernel"]
    expected = 0.01 * sum((kernel**2).sum() for kernel in kernels)
    assert len(kernels) == 3
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)
    images, labels = some_images(), np.arange(4)
    cross_entropy = -np.log(model.predict(images, verbose=0)[np.arange(4), labels]).mean()
    assert model.evaluate(images, labels, verbose=0)[0] == pytest.approx(cross_entropy + expected, rel=1e-4)
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras", safe_mode=True)
    assert float(sum(loaded.losses)) == pytest.approx(expected, rel=1e-5)


def test_l2_leaves_frozen_kernels_alone():
    transfer = CONFIG.changed(
        architecture="mobilenetv2_transfer",
        options={"base_weights": "untrained", "unfreeze_blocks": 1},
        l2=0.01,
    )
    model = network.build(transfer, (32, 32, 3), 3)
    learning = [w for w in model.trainable_weights if w.name == "kernel"]
    expected = 0.01 * sum(float((w.numpy() ** 2).sum()) for w in learning)
    assert len(learning) == 2  # Conv_1 and the last layer
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


def test_smoothed_labels_cost_what_keras_says_of_one_hot_labels_and_accuracy_stays_accuracy():
    images, labels = some_images(6), np.array([0, 1, 2, 3, 4, 5])
    model = network.build(CONFIG.changed(label_smoothing=0.2), SHAPE, 10)
    answers = model.predict(images, verbose=0)
    authority = keras.losses.CategoricalCrossentropy(label_smoothing=0.2)
    loss, accuracy = model.evaluate(images, labels, verbose=0)
    assert loss == pytest.approx(float(authority(np.eye(10)[labels], answers)), rel=1e-5)
    assert accuracy == pytest.approx(np.mean(answers.argmax(1) == labels))
    rebuilt = SmoothedCrossentropy.from_config(model.loss.get_config())
    assert rebuilt.label_smoothing == 0.2


@pytest.fixture
def sixteen_bits():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy(before)


def test_with_mixed_precision_weights_and_answers_stay_float32(sixteen_bits, tmp_path):
    model = network.build(CONFIG, SHAPE, 10)
    assert model.get_layer("conv1").compute_dtype == "bfloat16"
    assert {w.dtype for w in model.trainable_weights} == {"float32"}
    model.train_on_batch(some_images(), np.arange(4))
    answer = model(some_images())
    assert answer.dtype == "float32"
    assert np.asarray(answer).sum(axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    model.save(tmp_path / "m.keras")
    assert keras.models.load_model(tmp_path / "m.keras").get_layer("conv1").compute_dtype == "bfloat16"


@pytest.mark.parametrize(
    ("gpus", "policy"), [([(7, 0)], "mixed_float16"), ([(8, 9), (7, 5)], "mixed_float16"), ([(6, 1)], None)]
)
def test_mixed_precision_needs_tensor_cores_on_every_gpu(monkeypatch, gpus, policy):
    monkeypatch.setattr("tensorflow.config.get_visible_devices", lambda kind: gpus)
    details = "tensorflow.config.experimental.get_device_details"
    monkeypatch.setattr(details, lambda gpu: {"compute_capability": gpu})
    mixed = CONFIG.changed(precision="mixed")
    if policy:
        assert precision.mixed_precision(mixed) == policy
    else:
        with pytest.raises(ConfigError, match=r"compute capability 7\.0 or above; choose float32"):
            precision.mixed_precision(mixed)
    assert precision.mixed_precision(CONFIG) == "float32"


def test_a_fork_takes_over_every_layer_of_its_name_and_shape_and_begins_the_others_anew(tmp_path):
    parent = network.build(CONFIG, SHAPE, 10)
    parent.save(tmp_path / "parent.keras")
    same = network.forked(CONFIG.changed(dropout=0.5), SHAPE, 10, tmp_path / "parent.keras")
    for mine, theirs in zip(same.get_weights(), parent.get_weights(), strict=True):
        assert np.array_equal(mine, theirs)
    assert int(same.optimizer.iterations.numpy()) == 0
    three = network.forked(CONFIG, SHAPE, 3, tmp_path / "parent.keras")
    assert np.array_equal(three.get_layer("conv1").kernel, parent.get_layer("conv1").kernel)
    assert three.output_shape == (None, 3)


def test_fine_tuning_forks_a_transfer_run_with_its_last_blocks_opened(tmp_path):
    frozen = CONFIG.changed(architecture="mobilenetv2_transfer", options={"base_weights": "untrained"})
    parent = network.build(frozen, (32, 32, 3), 3)
    parent.save(tmp_path / "parent.keras")
    opened = CONFIG.changed(architecture=frozen.architecture, options={"unfreeze_blocks": 2})  # no download
    child = network.forked(opened, (32, 32, 3), 3, tmp_path / "parent.keras")
    assert len(child.trainable_weights) > len(parent.trainable_weights) == 2
    for layer in parent.layers:
        for mine, theirs in zip(child.get_layer(layer.name).get_weights(), layer.get_weights(), strict=True):
            assert np.array_equal(mine, theirs), layer.name


def test_weights_of_another_network_are_refused(tmp_path):
    image = keras.Input(SHAPE, name="image")
    x = keras.layers.Flatten(name="flat")(image)
    keras.Model(image, keras.layers.Dense(10, name="other")(x)).save(tmp_path / "other.keras")
    with pytest.raises(ArchitectureError, match="start a new run"):
        network.forked(CONFIG, SHAPE, 10, tmp_path / "other.keras")
