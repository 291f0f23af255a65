"""The sum that made a cell, against what Keras computed and against NumPy by hand."""

import keras
import numpy as np
import pytest
from keras import layers

from cnnlab.errors import ArchitectureError
from cnnlab.inference.execution import executed
from cnnlab.inference.worked_sum import worked_sum
from tests.inference.networks import KINDS, network, shape_of, some_image

ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": lambda x: max(x, 0.0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
}


@pytest.mark.parametrize("kind", KINDS)
def test_sums_of_a_network_give_what_it_computed(kind):
    model = network(kind)
    image, draw, worked = some_image(*shape_of(model)), np.random.default_rng(1), set()
    outputs = {step.name: (step, output) for step, _, output in executed(model, image[None])}
    for name in {type(step.layer): name for name, (step, _) in outputs.items()}.values():  # one of each type
        step, output = outputs[name]
        if isinstance(step.layer, layers.InputLayer | layers.Flatten | layers.Rescaling):
            continue
        cell = tuple(int(draw.integers(size)) for size in step.output_shape)
        found = worked_sum(model, image, name, cell)
        value = float(output[(0, *cell)])
        assert found.value == value and found.layer == name and found.cell == cell
        if found.activation in ACTIVATIONS:
            assert ACTIVATIONS[found.activation](found.before) == pytest.approx(value, rel=1e-4, abs=1e-5)
        else:
            assert found.activation == "softmax"
        worked.add(found.kind)
    expected = {
        "plain": {"convolution", "maximum", "dense"},
        "residual": {"convolution", "batch_norm", "addition", "activation", "mean", "dense"},
        "inception": {"convolution", "batch_norm", "activation", "maximum", "concatenation", "mean", "dense"},
        "nested": {"convolution", "maximum", "dense"},
    }
    assert worked == expected[kind]


def one_layer(layer: keras.Layer, shape: tuple[int, ...] = (9, 11, 4)) -> tuple[keras.Model, np.ndarray]:
    keras.utils.set_random_seed(5)
    image = keras.Input(shape, name="image")
    model = keras.Model(image, layer(image))
    for weight in layer.weights:
        weight.assign(np.random.default_rng(2).normal(size=weight.shape))
    return model, some_image(*shape) - 0.5


CONVOLUTIONS = {
    "plain": lambda **more: layers.Conv2D(6, 3, name="layer", **more),
    "grouped": lambda **more: layers.Conv2D(6, 3, groups=2, name="layer", **more),
    "depthwise": lambda **more: layers.DepthwiseConv2D(3, depth_multiplier=2, name="layer", **more),
    "separable": lambda **more: layers.SeparableConv2D(6, 3, depth_multiplier=2, name="layer", **more),
    "uneven": lambda **more: layers.Conv2D(6, (2, 5), name="layer", **more),
    "without bias": lambda **more: layers.Conv2D(6, 3, use_bias=False, name="layer", **more),
}


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("window", [{}, {"strides": 2}, {"dilation_rate": 2}], ids=str)
@pytest.mark.parametrize("kind", CONVOLUTIONS)
def test_convolution_is_patch_times_kernel_plus_bias(kind, window, padding):
    model, image = one_layer(CONVOLUTIONS[kind](padding=padding, activation="tanh", **window))
    output = np.asarray(model([image[None]]))[0]
    rows, columns, channels = output.shape
    for cell in ((0, 0, 0), (rows - 1, columns - 1, channels - 1), (rows // 2, columns // 2, 3)):
        found = worked_sum(model, image, "layer", cell)
        assert np.tanh(found.before) == pytest.approx(output[cell], abs=1e-5)
        assert found.patch.shape == found.kernel.shape and found.inside.shape == found.patch.shape[:2]
        assert found.before == pytest.approx((found.patch * found.kernel).sum() + (found.bias or 0))
        assert (found.bias is None) == (kind == "without bias")
        assert not found.patch[~found.inside].any() and (padding == "same" or found.inside.all())
        for r, c in zip(*np.nonzero(found.inside), strict=True):  # the patch is a part of the image
            at = [start + n * d for start, n, d in zip(found.corner, (r, c), found.dilation, strict=True)]
            assert np.isin(found.patch[r, c].astype(np.float32), image[at[0], at[1]]).all()


def test_sum_worked_out_by_hand():
    image = np.arange(9, dtype=np.float32).reshape(3, 3, 1)
    given = keras.Input((3, 3, 1), name="image")
    layer = layers.Conv2D(1, 2, activation="relu", name="conv")
    model = keras.Model(given, layer(given))
    layer.set_weights([np.array([1, -1, 2, 0], np.float32).reshape(2, 2, 1, 1), np.array([-3], np.float32)])
    found = worked_sum(model, image, "conv", (1, 0, 0))  # 3·1 − 4·1 + 6·2 + 7·0 − 3
    assert (found.before, found.value, found.activation, found.bias) == (8, 8, "relu", -3)
    assert found.patch[..., 0].tolist() == [[3, 4], [6, 7]] and found.corner == (1, 0)
    negative = worked_sum(model, image - 5, "conv", (0, 0, 0))  # −5 + 4 − 4 − 0 − 3
    assert (negative.before, negative.value) == (-8, 0)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_pooling_tells_which_cell_won_and_the_mean_of_how_many(padding):
    model, image = one_layer(layers.MaxPooling2D(3, strides=2, padding=padding, name="layer"))
    output = np.asarray(model([image[None]]))[0]
    for row in range(output.shape[0]):
        for column in range(output.shape[1]):
            found = worked_sum(model, image, "layer", (row, column, 2))
            assert image[(*found.winner, 2)] == output[row, column, 2] == found.value
            assert found.before == pytest.approx(found.value)
    model, image = one_layer(layers.AveragePooling2D(3, strides=2, padding=padding, name="layer"))
    output = np.asarray(model([image[None]]))[0]
    for cell in ((0, 0, 1), tuple(n - 1 for n in output.shape)):
        found = worked_sum(model, image, "layer", cell)
        assert found.before == pytest.approx(output[cell], abs=1e-6)
        assert found.parts["cells"] == found.inside.sum()


def test_global_pooling_looks_at_the_whole_map():
    for kind, name in ((layers.GlobalMaxPooling2D, "maximum"), (layers.GlobalAveragePooling2D, "mean")):
        model, image = one_layer(kind(name="layer"))
        found = worked_sum(model, image, "layer", (3,))
        assert found.kind == name and found.patch.shape == (9, 11, 1)
        assert found.before == pytest.approx(float(model([image[None]])[0, 3]), abs=1e-6)
    assert worked_sum(*one_layer(layers.GlobalMaxPooling2D(name="layer")), "layer", (0,)).winner


def test_dense_layer_tells_its_ten_largest_terms_and_the_rest():
    model, image = one_layer(layers.Dense(3, activation="sigmoid", name="layer"), (40,))
    found = worked_sum(model, image, "layer", (1,))
    kernel, bias = (np.asarray(weight) for weight in model.get_layer("layer").weights)
    products = image * kernel[:, 1]
    order = np.argsort(-np.abs(products))[:10]
    assert [term.index for term in found.terms] == order.tolist()
    np.testing.assert_allclose([term.product for term in found.terms], products[order], rtol=1e-5)
    total = sum(term.product for term in found.terms) + found.rest + found.bias
    assert found.before == pytest.approx(total) == pytest.approx(products.sum() + bias[1], abs=1e-5)
    assert found.value == pytest.approx(1 / (1 + np.exp(-total)), abs=1e-6)


def test_what_has_no_sum_and_cells_that_do_not_exist_are_one_sentence():
    model, image = network("plain"), some_image(20, 20, 3)
    for cell in ((99, 0, 0), (0, 0), (-1, 0, 0)):
        with pytest.raises(ArchitectureError, match="conv1 is 16 × 16 × 6; there is no cell"):
            worked_sum(model, image, "conv1", cell)
    with pytest.raises(ArchitectureError, match="Flatten layer, whose values are no sums"):
        worked_sum(model, image, "flatten", (0,))
