"""Feature maps and filters: what the network computes, and which come first."""

import keras
import numpy as np
import pytest
from keras import layers

from cnnlab import inspection
from cnnlab.inference.feature_maps import feature_maps, filters, strongest_first


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return inspection.initialised(inspection.shape_only_model("lenet5", (32, 32, 3), 10))


def test_maps_are_the_convolution_worked_by_hand(model):
    image = np.random.default_rng(0).random((32, 32, 3), np.float32)
    maps = feature_maps(model, "conv1", image)
    kernel, bias = model.get_layer("conv1").get_weights()
    sums = (image[3:8, 7:12, :, None] * kernel).sum((0, 1, 2)) + bias
    np.testing.assert_allclose(maps[3, 7], 1 / (1 + np.exp(-sums)), rtol=1e-4)
    assert maps.shape == (28, 28, 6)


def test_strongest_map_comes_first_whatever_its_sign():
    maps = np.zeros((2, 2, 3), np.float32)
    maps[..., 1], maps[..., 2] = -3, 1
    assert strongest_first(maps).tolist() == [1, 2, 0]


def test_filters_of_the_first_convolution_are_images(model):
    kernel = model.get_layer("conv1").kernel.numpy()
    found = filters(model, "conv1")
    assert found.shape == (6, 5, 5, 3)
    np.testing.assert_array_equal(found[4], kernel[..., 4])


def test_filters_over_many_channels_and_depthwise_ones_are_not_images(model):
    assert filters(model, "conv2") is None
    assert filters(model, "pool1") is None
    image = keras.Input((8, 8, 3), name="image")
    depthwise = keras.Model(image, layers.DepthwiseConv2D(3, name="depthwise")(image))
    assert filters(depthwise, "depthwise") is None
