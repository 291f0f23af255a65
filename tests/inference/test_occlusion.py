"""Occlusion: a network whose answer depends on one patch, and the grid of places."""

import keras
import numpy as np
import pytest
from keras import layers

from cnnlab.errors import ArchitectureError
from cnnlab.inference.activations import activation
from cnnlab.inference.execution import executed, steps_of
from cnnlab.inference.occlusion import Grid, losses, occlusion
from tests.inference.networks import KINDS, network, shape_of, some_image

LOOKED_AT = (slice(4, 6), slice(8, 11))


def looks_at_one_patch() -> keras.Model:
    """Class 1 gains by the pixels of one box, and by nothing else."""
    image = keras.Input((14, 28, 1), name="image")
    x = layers.Flatten(name="flatten")(image)
    model = keras.Model(image, layers.Dense(2, activation="softmax", name="output")(x))
    weights = np.zeros((14, 28, 2), np.float32)
    weights[(*LOOKED_AT, 1)] = 0.5
    model.get_layer("output").set_weights([weights.reshape(-1, 2), np.zeros(2, np.float32)])
    return model


def test_class_loses_where_the_patch_that_it_depends_on_is_hidden_and_nowhere_else():
    image = some_image(14, 28, 1)

    def probability(pixels: np.ndarray) -> float:
        return 1 / (1 + np.exp(-0.5 * pixels[LOOKED_AT].sum()))

    expected = np.zeros((14, 28))
    for row in range(14):
        for column in range(28):  # cells of one pixel, squares of three
            copy = image.copy()
            copy[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2] = image.mean()
            expected[row, column] = probability(image) - probability(copy)
    said = []
    found = occlusion(looks_at_one_patch(), image, 1, progress=said.append)
    np.testing.assert_allclose(found.heatmap, expected, atol=1e-6)
    assert found.heatmap[3:7, 7:12].all() and np.count_nonzero(np.abs(found.heatmap) > 1e-6) <= 4 * 5
    assert found.probability == pytest.approx(probability(image))
    assert found.layer is None and found.heatmap.dtype == np.float32
    assert said[0] == 0 and said == sorted(said) and said[-1] < 1


def test_other_class_gains_what_one_loses():
    image = some_image(14, 28, 1)
    one, other = (occlusion(looks_at_one_patch(), image, index).heatmap for index in (0, 1))
    np.testing.assert_allclose(one, -other, atol=1e-6)


def test_the_maps_of_all_classes_are_those_of_each():
    model, image = looks_at_one_patch(), some_image(14, 28, 1)
    whole, lost = losses(model, image)
    for class_index in range(2):
        alone = occlusion(model, image, class_index)
        assert np.array_equal(lost[..., class_index], alone.heatmap)
        assert whole[class_index] == alone.probability


def test_cells_cover_the_image_and_squares_lie_over_their_middle():
    grid = Grid.over(224, 224)
    assert (grid.rows, grid.columns, grid.stride, grid.patch) == (14, 14, 16, 48)
    assert grid.box(3, 0) == (slice(32, 80), slice(0, 32))
    odd = Grid.over(10, 7, patch=4, stride=2)
    assert (odd.rows, odd.columns) == (5, 4)
    assert odd.box(4, 3) == (slice(7, 10), slice(5, 7))
    covered = np.zeros((10, 7), int)
    for row in range(odd.rows):
        for column in range(odd.columns):
            covered[row * 2 : row * 2 + 2, column * 2 : column * 2 + 2] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize(("patch", "stride"), [(2, 4), (5, 2), (4, 0), (600, 2)])
def test_impossible_sizes_are_one_sentence(patch, stride):
    with pytest.raises(ArchitectureError, match="patch must be"):
        Grid.over(32, 32, patch, stride)
    with pytest.raises(ArchitectureError, match="larger stride"):
        Grid.over(1024, 1024, 3, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_activation_of_every_layer_is_what_keras_computes(kind):
    model = network(kind)
    image = some_image(*shape_of(model))
    inner = model.get_layer("base") if kind == "nested" else None
    outer = [layer for layer in model.layers if layer is not inner]
    values = keras.Model(model.inputs, [layer.output for layer in outer])([image[None]])
    expected = dict(zip((layer.name for layer in outer), values, strict=True))
    if inner is not None:
        inside = keras.Model(inner.inputs, [layer.output for layer in inner.layers])
        values = inside([expected["rescale"]])
        expected |= dict(zip((layer.name for layer in inner.layers), values, strict=True))
    for step, _, output in executed(model, image[None]):
        assert output.shape[1:] == step.output_shape
        np.testing.assert_allclose(output, expected[step.name], atol=1e-6, err_msg=step.name)
    name = list(steps_of(model))[-3]
    found = activation(model, image, name)
    np.testing.assert_allclose(found, expected[name][0], atol=1e-6)
    assert found.dtype == np.float32


def test_unknown_layer_is_one_sentence():
    with pytest.raises(ArchitectureError, match="no layer 'nowhere'"):
        activation(network("plain"), some_image(20, 20, 3), "nowhere")
