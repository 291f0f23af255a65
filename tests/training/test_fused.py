"""Batch norm and Adam as one operation each: what is learned is what Keras learns."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from cnnlab.training.fused import fused


def network(optimizer: keras.optimizers.Optimizer, **norm: object) -> keras.Model:
    keras.utils.set_random_seed(0)
    image = keras.Input((9, 8, 3), name="image")
    x = layers.Conv2D(5, 3, use_bias=False, name="conv")(image)
    x = layers.ReLU(name="relu")(layers.BatchNormalization(name="norm", **norm)(x))
    x = layers.Flatten(name="flatten")(x)
    model = keras.Model(image, layers.Dense(4, activation="softmax", name="output")(x), name="small")
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def learned(block, steps: int, optimizer: str, norm: dict, **settings: object) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(1)
    model = network(keras.optimizers.get({"class_name": optimizer, "config": settings}), **norm)
    with block(model):
        for _ in range(steps):
            model.train_on_batch(draw.random((6, 9, 8, 3), np.float32), draw.integers(0, 4, 6))
    return {v.path.split("/", 1)[-1] + str(i): v.numpy() for i, v in enumerate(variables(model))}


def variables(model: keras.Model) -> list[keras.Variable]:
    return [*model.variables, *model.optimizer.variables]


def plainly(model: keras.Model) -> contextlib.AbstractContextManager:
    return contextlib.nullcontext()


@pytest.mark.parametrize(
    ("optimizer", "settings", "norm"),
    [
        ("adam", {"learning_rate": 0.01}, {}),
        ("adam", {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3, "amsgrad": False}, {"momentum": 0.5}),
        ("adam", {"amsgrad": True}, {"epsilon": 0.1}),
        ("adam", {"clipnorm": 0.01, "weight_decay": 0.1}, {}),
        ("adamw", {"weight_decay": 0.3}, {}),
        ("sgd", {"momentum": 0.9}, {}),
        ("rmsprop", {}, {"scale": False}),
        ("adam", {}, {"center": False}),
        ("adam", {}, {"trainable": False}),
        ("adam", {}, {"momentum": 0.0}),
    ],
)
def test_one_operation_learns_what_keras_learns(optimizer, settings, norm):
    one, other = (learned(block, 4, optimizer, norm, **settings) for block in (fused, plainly))
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_allclose(value, other[name], rtol=2e-4, atol=2e-6, err_msg=name)


def test_the_graph_holds_one_operation_each_and_keras_is_as_it_was_afterwards():
    model = network(keras.optimizers.Adam())
    kinds = []
    for block in (fused, plainly):
        with block(model):
            batch = np.zeros((6, 9, 8, 3), np.float32), np.zeros(6, np.int64)
            model.optimizer.build(model.trainable_variables)
            model.compute_metrics(*batch, model(batch[0]))
            graph = tf.function(model.train_step)
            operations = graph.get_concrete_function(batch).graph.get_operations()
            kinds.append({operation.type for operation in operations})
    assert {"ResourceApplyAdam", "FusedBatchNormV3"} <= kinds[0]
    assert not {"ResourceApplyAdam", "FusedBatchNormV3"} & kinds[1]
    assert "call" not in vars(model.get_layer("norm")) and "update_step" not in vars(model.optimizer)


def test_a_model_trained_so_is_saved_and_loaded_as_any(tmp_path):
    model = network(keras.optimizers.Adam())
    with fused(model):
        model.train_on_batch(np.ones((6, 9, 8, 3), np.float32), np.zeros(6))
        model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert type(loaded.optimizer) is keras.optimizers.Adam
    for mine, yours in zip(variables(model), variables(loaded), strict=True):
        assert np.array_equal(mine.numpy(), yours.numpy())
