"""What we rely on of Keras without its word: a version that breaks it is found here, not in a lesson."""

import keras
import numpy as np

from cnnlab import keras_internals as internals

PINNED = "3.15"


def test_this_is_the_version_that_they_were_read_in():
    assert keras.__version__.startswith(f"{PINNED}.")


def nested() -> keras.Model:
    image = keras.Input((4, 4, 1), name="image")
    x = keras.layers.Conv2D(2, 3, name="inner_conv")(image)
    inner = keras.Model(image, keras.layers.BatchNormalization(name="inner_norm")(x), name="inner")
    start = keras.Input((4, 4, 1), name="start")
    x = keras.layers.Flatten(name="flat")(inner(start))
    return keras.Model(start, keras.layers.Dense(3, name="dense")(x))


def test_all_layers_are_found_where_they_are_nested_and_hold_all_weights():
    model = nested()
    names = sorted(layer.name for layer in internals.all_layers(model))
    assert names == ["dense", "flat", "image", "inner_conv", "inner_norm", "start"]
    weights = [weight for layer in internals.all_layers(model) for weight in layer.weights]
    assert {id(weight) for weight in weights} == {id(weight) for weight in model.weights}


def test_the_call_behind_a_tensor_is_that_of_its_layer_each_time_it_is_called():
    image = keras.Input((4,))
    dense = keras.layers.Dense(4, name="twice")
    first = dense(image)
    second = dense(first)
    calls = internals.calls_behind([second, first])
    assert [call.operation.name for call in calls] == ["twice", "twice"]
    assert [call.input_tensors[0] is tensor for call, tensor in zip(calls, [first, image], strict=True)] == [
        True,
        True,
    ]
    assert [call.outputs[0] is tensor for call, tensor in zip(calls, [second, first], strict=True)] == [
        True,
        True,
    ]


def test_layers_without_weights_have_shapes_and_no_values_and_stay_so():
    with internals.without_weights():
        model = nested()
    after = keras.layers.Dense(2)
    after.build((None, 3))  # opens a scope of Keras's own
    keras.layers.Lambda(lambda x: x * 2)(keras.Input((4, 4, 1)))
    assert model.count_params() == 2 * 9 + 2 + 4 * 2 + 8 * 3 + 3
    assert all(weight._value is None for weight in model.weights)
    assert np.shape(after.kernel) == (3, 2) and after.kernel._value is not None


def test_a_dropout_of_rate_zero_that_gets_another_rate_drops():
    for before in (0.0, 0.3):
        image = keras.Input((1000,))
        dropout = keras.layers.Dropout(before)
        model = keras.Model(image, dropout(image))
        internals.set_dropout_rate(dropout, 0.5)
        seen = np.asarray(model(np.ones((1, 1000), np.float32), training=True))
        assert 300 < np.count_nonzero(seen == 0) < 700
        assert np.all(np.asarray(model(np.ones((1, 1000), np.float32), training=False)) == 1)


def test_averages_are_those_of_the_weights_beside_them_and_none_without():
    model = nested()
    assert internals.averages(keras.optimizers.SGD()) == []
    for wrap in (lambda inner: inner, keras.optimizers.LossScaleOptimizer):
        optimizer = wrap(keras.optimizers.SGD(use_ema=True, ema_momentum=0.5))
        assert internals.averages(optimizer) == []  # it has no variables yet
        optimizer.build(model.trainable_variables)
        found = internals.averages(optimizer)
        assert [
            weight is of_model for (weight, _), of_model in zip(found, model.trainable_variables, strict=True)
        ]
        assert all(weight.shape == average.shape for weight, average in found)
