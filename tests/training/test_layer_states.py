"""Norms, dead units and statistics, each computed in another way."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from cnnlab.training.layer_states import LayerStates
from tests.inference.networks import KINDS, network, shape_of, some_image
from tests.long import LONG


def batch(model: keras.Model, count: int = 6) -> tuple[tf.Tensor, tf.Tensor]:
    images = np.stack([some_image(*shape_of(model), seed=seed) for seed in range(count)])
    return tf.constant(images), tf.constant(np.arange(count) % model.output_shape[-1])


def compiled(kind: str, optimizer: str = "adam") -> keras.Model:
    model = network(kind)
    model.compile(optimizer, loss="sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return model


def norm(arrays) -> float:
    return float(np.sqrt(sum((np.asarray(array, np.float64) ** 2).sum() for array in arrays)))


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=LONG if kind == "inception" else ()) for kind in KINDS]
)
def test_norms_are_those_of_a_real_step_and_nothing_is_changed(kind):
    model = compiled(kind)
    images, labels = batch(model)
    model.train_on_batch(images, labels)  # the optimizer has met gradients before
    before = [np.array(variable) for variable in [*model.variables, *model.optimizer.variables]]
    layer_states, _ = LayerStates(model, model, images, labels).measure()
    states = {state.name: state for state in layer_states}
    for was, now in zip(before, [*model.variables, *model.optimizer.variables], strict=True):
        np.testing.assert_array_equal(was, np.array(now))

    with tf.GradientTape() as tape:  # as Keras trains: batch norm in training mode
        answer = model(images, training=True)
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(labels, answer))
    variables = model.trainable_variables
    gradients = tape.gradient(loss, [variable.value for variable in variables])
    was = {id(variable): np.array(variable) for variable in variables}
    model.optimizer.apply(gradients, variables)
    of = dict(zip(map(id, variables), gradients, strict=True))
    checked = 0
    for layer in model._flatten_layers():
        if not isinstance(layer, keras.Model) and layer.trainable_weights:
            state, mine = states[layer.name], layer.trainable_weights
            expected = norm(of[id(v)] for v in mine)
            # a bias before a batch norm has no gradient but rounding
            assert state.gradient_norm == pytest.approx(expected, rel=2e-3, abs=1e-6)
            assert state.weight_norm == pytest.approx(norm(was[id(v)] for v in mine), rel=1e-5)
            step = norm(np.array(v) - was[id(v)] for v in mine)
            assert state.update_norm == pytest.approx(step, rel=0.05)
            assert state.ratio == pytest.approx(step / norm(was[id(v)] for v in mine), rel=0.05)
            checked += 1
    assert checked == sum(state.gradient_norm is not None for state in layer_states) > 2


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adamw", "adagrad", "adadelta"])
def test_update_is_that_of_each_optimizer(optimizer):
    model = compiled("plain", optimizer)
    images, labels = batch(model)
    model.train_on_batch(images, labels)
    states, _ = LayerStates(model, model, images, labels).measure()
    was = [np.array(weight) for weight in model.get_layer("conv2").trainable_weights]
    model.train_on_batch(images, labels)
    now = [np.array(weight) for weight in model.get_layer("conv2").trainable_weights]
    [state] = [state for state in states if state.name == "conv2"]
    assert state.update_norm == pytest.approx(norm(a - b for a, b in zip(now, was, strict=True)), rel=0.02)


def test_batch_statistics_are_those_of_numpy():
    model = compiled("residual")
    images, labels = batch(model)
    _, [found] = LayerStates(model, model, images, labels).measure()
    met = np.asarray(keras.Model(model.inputs, model.get_layer("conv2").output)([images]))
    np.testing.assert_allclose(found.batch_mean, met.mean((0, 1, 2)), atol=1e-5)
    np.testing.assert_allclose(found.batch_variance, met.var((0, 1, 2)), rtol=1e-3)
    np.testing.assert_allclose(found.running_mean, 0.1, atol=1e-6)
    assert found.layer == "norm2"


def test_dead_and_saturated_fractions_worked_out_by_hand():
    x = image = keras.Input((4, 4, 1), name="image")
    x = layers.Conv2D(4, 1, activation="relu", name="conv")(x)
    x = layers.Conv2D(2, 1, activation="sigmoid", name="sigmoid")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(5, name="dense")(x)
    x = layers.ReLU(name="relu")(x)
    x = layers.LeakyReLU(name="leaky")(x)
    x = layers.Dense(4, activation="tanh", name="tanh")(x)
    model = keras.Model(image, layers.Dense(2, activation="softmax", name="output")(x))
    model.compile("adam", loss="sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)

    def give(name: str, *weights: object) -> None:
        layer = model.get_layer(name)
        shapes = [weight.shape for weight in layer.weights]
        arrays = [np.broadcast_to(np.array(w, np.float32), s) for w, s in zip(weights, shapes, strict=True)]
        layer.set_weights(arrays)

    give("conv", [1, 1, -1, -1], [0, -100, 0, 0.5])  # of pixels 0 to 1: alive, dead, dead, alive
    give("sigmoid", 0, [4, 0])  # 0.98, 0.5
    give("dense", 0, [1, -1, -1, 1, 0])  # alive, dead, dead, alive, dead
    give("tanh", 0, [3, -3, 0.1, 1])  # 0.995, -0.995, 0.1, 0.76
    images = np.random.default_rng(0).uniform(0.1, 1, (8, 4, 4, 1)).astype(np.float32)
    found, _ = LayerStates(model, model, tf.constant(images), tf.zeros(8, tf.int64)).measure()
    dead = {state.name: state.dead for state in found}
    assert dead == {
        **{"conv": 0.5, "relu": pytest.approx(0.6)},
        **dict.fromkeys(("sigmoid", "dense", "tanh", "output")),
    }
    saturated = {state.name: state.saturated for state in found if state.saturated is not None}
    assert saturated == {"sigmoid": 0.5, "tanh": 0.5}


def test_frozen_layers_have_weights_and_no_gradient():
    model = network("plain")
    model.get_layer("conv1").trainable = False
    model.compile("adam", loss="sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    states, _ = LayerStates(model, model, *batch(model)).measure()
    first, second = states[0], states[1]
    assert (first.name, first.gradient_norm, first.update_norm) == ("conv1", None, None)
    assert first.weight_norm > 0 and second.gradient_norm > 0 and second.update_norm > 0
