"""The effective receptive field: never outside the exact one, and the weights where all is linear."""

import keras
import numpy as np
import pytest
from keras import layers

from cnnlab import inspection
from cnnlab.errors import ArchitectureError
from cnnlab.inference.effective import EffectiveField, gradient, images_within_budget


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape, np.float32)


def test_gradient_of_one_linear_filter_is_the_size_of_its_weights_where_it_lies():
    image = keras.Input((9, 9, 3), name="image")
    model = keras.Model(image, layers.Conv2D(1, 3, strides=2, name="conv")(image))
    heat = gradient(model, "conv", (1, 2), noise(9, 9, 3))
    expected = np.zeros((9, 9), np.float32)
    expected[2:5, 4:7] = np.abs(model.get_layer("conv").kernel.numpy()[..., 0]).sum(-1)
    np.testing.assert_allclose(heat, expected, rtol=1e-5)


def test_channels_are_added_before_the_derivative():
    image = keras.Input((3, 3, 1), name="image")
    model = keras.Model(image, layers.Conv2D(2, 1, name="conv", use_bias=False)(image))
    model.get_layer("conv").set_weights([np.array([3, -1], np.float32).reshape(1, 1, 1, 2)])
    assert gradient(model, "conv", (1, 1), noise(3, 3, 1))[1, 1] == pytest.approx(2)


@pytest.mark.parametrize(
    ("name", "shape", "layer", "unit"),
    [
        ("lenet5", (32, 32, 3), "pool2", (2, 3)),
        ("inception10", (24, 24, 3), "block1_unit2_join", (0, 5)),
        ("resnet18", (32, 32, 3), "stage2_block1_add", (15, 8)),
        ("alexnet", (96, 96, 1), "pool1", (4, 4)),
        ("mobilenetv2_transfer", (64, 64, 3), "block_3_depthwise", (3, 4)),
    ],
)
def test_gradient_is_zero_outside_the_exact_receptive_field(name, shape, layer, unit):
    model = inspection.shape_only_model(name, shape, 10)
    heat = gradient(inspection.initialised(model), layer, unit, noise(*shape))
    seen = inspection.seen_pixels(model, layer, *unit)
    assert not heat[~seen].any()
    assert (heat[seen] > 0).mean() > 0.3


def test_initial_weights_depend_on_the_seed_alone():
    model = inspection.shape_only_model("lenet5", (32, 32, 3), 10)
    first, again, other = (
        inspection.initialised(model, seed).get_layer("conv2").kernel.numpy() for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01
    bound = (6 / (5 * 5 * 6 + 5 * 5 * 16)) ** 0.5  # Glorot and Bengio, 2010, equation 16
    assert 0.9 * bound < np.abs(first).max() <= bound


def test_layers_of_one_shape_begin_with_different_weights():
    model = inspection.initialised(inspection.shape_only_model("resnet18", (32, 32, 3), 10))
    kernels = [model.get_layer(f"stage1_block{n}_conv1").kernel.numpy() for n in (1, 2)]
    assert np.abs(kernels[0] - kernels[1]).max() > 0.01


def test_pixels_are_the_fewest_that_hold_95_per_cent():
    assert EffectiveField(np.array([[90, 4], [5, 1]], np.float32)).pixels == 2
    assert EffectiveField(np.ones((10, 10), np.float32)).pixels == 95
    silent = EffectiveField(np.zeros((4, 4), np.float32))
    assert silent.silent
    assert silent.pixels == 0


def test_field_is_the_mean_over_the_images():
    field = EffectiveField.mean([np.full((2, 2), 1.0), np.full((2, 2), 3.0)])
    assert field.heat.tolist() == [[2, 2], [2, 2]]


def test_what_would_take_too_long_is_measured_on_fewer_images_or_refused():
    vgg16_at_224, maps = 15_470_264_320, 60_000_000
    assert images_within_budget(6, 1_000_000, 1000) == 6
    assert images_within_budget(6, vgg16_at_224, maps) == 3
    with pytest.raises(ArchitectureError, match=r"61\.9 billion MACs .*choose an earlier layer"):
        images_within_budget(6, 4 * vgg16_at_224, maps)
    with pytest.raises(ArchitectureError, match="500 MB of maps"):
        images_within_budget(6, 1, 500_000_000)


@pytest.mark.parametrize(
    ("layer", "why"), [("conv9", "no single layer conv9"), ("fc3", "no single layer fc3")]
)
def test_layer_without_maps_is_refused_in_one_sentence(layer, why):
    model = inspection.initialised(inspection.shape_only_model("lenet5", (32, 32, 3), 10))
    with pytest.raises(ArchitectureError, match=why):
        gradient(model, layer, (0, 0), noise(32, 32, 3))


def test_dense_layer_of_a_whole_network_has_no_field_to_measure():
    image = keras.Input((4, 4, 1), name="image")
    model = keras.Model(image, layers.Dense(2, name="output")(layers.Flatten(name="flatten")(image)))
    with pytest.raises(ArchitectureError, match="output has no rows and columns"):
        gradient(model, "output", (0, 0), noise(4, 4, 1))
