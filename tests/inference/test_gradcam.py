"""Grad-CAM: worked out by hand, by finite differences, and by the closed form of CAM."""

import gc
import weakref
from concurrent.futures import wait

import keras
import numpy as np
import pytest
from keras import layers

from cnnlab import architectures
from cnnlab.errors import ArchitectureError
from cnnlab.inference.execution import executed, last_map, logit_step, logits, steps_of
from cnnlab.inference.gradcam import RepeatedGradcam, gradcam
from tests.inference.networks import KINDS, base, network, shape_of, some_image


def logits_of(model: keras.Model, image: np.ndarray) -> np.ndarray:
    """Return the scores before softmax from the probabilities alone, up to one number for all classes."""
    return np.log(np.asarray(model(image[None], training=False), np.float64)[0])


def two_filters(last: str = "dense") -> keras.Model:
    """Two 1 × 1 filters over 2 × 2 pixels, all positions to two classes; weights are whole numbers."""
    image = keras.Input((2, 2, 1), name="image")
    x = layers.Conv2D(2, 1, use_bias=False, name="conv")(image)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(2, activation="softmax" if last == "dense" else None, name="output")(x)
    if last == "softmax":
        x = layers.Softmax(name="probabilities")(x)
    elif last == "activation":
        x = layers.Activation("softmax", name="probabilities")(x)
    model = keras.Model(image, x)
    model.get_layer("conv").set_weights([np.array([1, -1], np.float32).reshape(1, 1, 1, 2)])
    # flattened: (row, column, channel); for each of them the weights to class 0 and class 1
    to_classes = np.array([[1, 0], [2, 1], [3, 0], [0, 1], [1, 0], [1, 1], [3, 0], [1, 5]], np.float32)
    model.get_layer("output").set_weights([to_classes, np.array([17, -7], np.float32)])
    return model


@pytest.mark.parametrize("last", ["dense", "softmax", "activation"])
def test_heat_map_worked_out_by_hand(last):
    image = np.array([[1, 2], [3, -4]], np.float32)[..., None]
    # class 0: channel 0 has the weight (1 + 3 + 1 + 3) / 4 = 2, channel 1 (2 + 0 + 1 + 1) / 4 = 1
    # class 1: channel 0 has 0, channel 1 (1 + 1 + 1 + 5) / 4 = 2; the maps are the image and its negative
    model = two_filters(last)
    assert gradcam(model, image, "conv", 0).heatmap.tolist() == [[1, 2], [3, 0]]
    assert gradcam(model, image, "conv", 1).heatmap.tolist() == [[0, 0], [0, 8]]


def test_what_is_explained_is_the_most_probable_class_unless_one_is_named():
    image = np.array([[1, 2], [3, -4]], np.float32)[..., None]
    found = gradcam(two_filters(), image)
    assert (found.class_index, found.layer, found.method) == (0, "conv", "gradcam")
    assert found.probability == found.probabilities.max() == pytest.approx(1 / (1 + np.exp(-7)))
    assert gradcam(two_filters(), image, None, 1).probability == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_channel_weights_are_the_finite_differences_of_the_logit(kind):
    model = network(kind)
    image, name = some_image(*shape_of(model)), last_map(model)

    maps = next(np.asarray(out[0]) for step, _, out in executed(model, image[None]) if step.name == name)
    cells, channels = maps.shape[0] * maps.shape[1], maps.shape[2]
    shifts = 0.02 * np.concatenate([np.eye(channels), -np.eye(channels)]).astype(np.float32)

    def call(step, values):  # shifts all cells of one channel, of another one in each copy of the image
        made = step.call(values)
        return made + shifts[:, None, None] if step.name == name else made

    for step, inputs, output in executed(model, np.stack([image] * len(shifts)), call):
        if step.name == logit_step(model).name:
            up, down = np.split(np.asarray(logits(step, inputs, output))[:, 2], 2)
    heat = (maps * (up - down) / 0.04 / cells).sum(-1)
    found = gradcam(model, image, name, 2).heatmap
    np.testing.assert_allclose(found, np.maximum(heat, 0), atol=2e-3 * np.abs(heat).max())
    assert found.dtype == np.float32


@pytest.mark.parametrize("kind", ["residual", "inception"])
def test_before_average_and_one_dense_layer_it_is_the_closed_form_of_cam(kind):
    model = network(kind)
    image, name = some_image(*shape_of(model)), last_map(model)
    maps = np.asarray(keras.Model(model.inputs, model.get_layer(name).output)([image[None]]))[0]
    kernel = model.get_layer("output").kernel.numpy()
    for index in range(3):
        cam = (maps * kernel[:, index]).sum(-1) / maps[..., 0].size
        np.testing.assert_allclose(gradcam(model, image, name, index).heatmap, np.maximum(cam, 0), atol=1e-6)


def test_a_layer_of_a_nested_network_has_the_heat_map_of_the_same_network_in_one():
    model = network("nested")
    image = keras.Input(model.input_shape[1:], name="image")
    x, inner = model.get_layer("rescale")(image), model.get_layer("base")
    for layer in [*inner.layers[1:], *model.layers[3:]]:
        x = type(layer).from_config(layer.get_config())(x)
    flat = keras.Model(image, x)
    flat.set_weights(model.get_weights())
    shown = some_image(*shape_of(model))
    for name in ("base_conv1", "base_depthwise", "base_conv2", "pool"):
        np.testing.assert_allclose(
            gradcam(model, shown, name, 1).heatmap, gradcam(flat, shown, name, 1).heatmap, atol=1e-6
        )
    assert gradcam(model, shown, "base_conv1").heatmap.shape == (8, 8)


@pytest.mark.parametrize("kind", KINDS)
def test_running_it_step_by_step_is_running_it(kind):
    model = network(kind)
    batch = np.stack([some_image(*shape_of(model), seed=seed) for seed in range(3)])
    *_, (_, _, output) = executed(model, batch)
    np.testing.assert_allclose(output, model(batch, training=False), atol=1e-6)
    for step, inputs, output in executed(model, batch):
        if step.name == logit_step(model).name:
            scores = np.asarray(logits(step, inputs, output))
    expected = np.stack([logits_of(model, image) for image in batch])
    centred = [values - values.mean(1, keepdims=True) for values in (scores, expected)]
    np.testing.assert_allclose(*centred, atol=1e-4)


LAST_MAPS = {
    "baseline": "relu1",
    "lenet5": "conv2",
    "alexnet8": "conv5",
    "vgg16_cifar": "relu5_3",
    "inception10": "block2_unit2_join",
    "resnet18": "stage4_block2_relu2",
}


@pytest.mark.parametrize("name", LAST_MAPS)
def test_default_layer_is_the_last_map_that_a_convolution_has_a_part_in(name):
    from cnnlab import inspection

    assert last_map(inspection.shape_only_model(name, (32, 32, 3), 10)) == LAST_MAPS[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", architectures.built_in())
def test_every_network_of_the_registry_has_heat_maps(name):
    facts = architectures.get(name)
    least = {"alexnet": 224, "alexnet_2012": 96}.get(name, 64)
    options = {"base_weights": "untrained"} if "base_weights" in facts.options else {}
    model = architectures.build(name, (least, least, facts.reference.input_shape[2]), 3, **options)
    image = some_image(*shape_of(model))
    found = gradcam(model, image)
    np.testing.assert_allclose(found.probabilities, np.asarray(model([image[None]]))[0], atol=1e-5)
    assert found.heatmap.shape == steps_of(model)[found.layer].output_shape[:2]
    assert np.isfinite(found.heatmap).all() and (found.heatmap >= 0).all()


@pytest.mark.parametrize(
    ("layer", "why"),
    [("conv9", "no layer 'conv9'; its layers are image, conv1"), ("fc3", "fc3 has no rows and columns")],
)
def test_layer_that_cannot_be_explained_is_one_sentence(layer, why):
    with pytest.raises(ArchitectureError, match=why):
        gradcam(network("plain"), some_image(20, 20, 3), layer)


def test_class_that_the_network_does_not_have_is_one_sentence():
    for index in (-1, 4):
        with pytest.raises(ArchitectureError, match="tells 4 classes apart"):
            gradcam(network("residual"), some_image(), class_index=index)


def test_network_without_a_convolution_has_no_default_layer():
    image = keras.Input((4, 4, 1), name="image")
    x = layers.Flatten(name="flatten")(layers.Rescaling(2.0, name="scaled")(image))
    model = keras.Model(image, layers.Dense(2, activation="softmax", name="output")(x))
    with pytest.raises(ArchitectureError, match="no convolution"):
        gradcam(model, some_image(4, 4, 1))
    assert gradcam(model, some_image(4, 4, 1), "scaled").heatmap.shape == (4, 4)


@pytest.mark.parametrize("kind", KINDS)
def test_the_graph_that_repeated_questions_get_answers_as_the_first_one(kind):
    model = network(kind)
    repeated, name = RepeatedGradcam(model), last_map(model)
    for seed in range(2):
        repeated(some_image(*shape_of(model), seed=seed))
    wait(repeated.graphs.values())
    assert [making.exception() for making in repeated.graphs.values()] == [None]
    for seed, index in ((2, None), (3, 1), (4, 3)):
        image = some_image(*shape_of(model), seed=seed)
        found, expected = repeated(image, None, index), gradcam(model, image, name, index)
        assert (found.layer, found.class_index) == (name, expected.class_index)
        np.testing.assert_allclose(found.heatmap, expected.heatmap, atol=1e-6)
        np.testing.assert_allclose(found.probabilities, expected.probabilities, atol=1e-6)
    with pytest.raises(ArchitectureError, match="tells 4 classes apart"):
        repeated(image, None, 4)


def test_graphs_are_made_of_layers_that_are_asked_about_again_and_only_a_few_are_kept(monkeypatch):
    monkeypatch.setattr("cnnlab.inference.gradcam.MOST_GRAPHS", 1)
    repeated = RepeatedGradcam(network("residual"))
    for name in ("conv1", "add"):
        repeated(some_image(), name)
    assert not repeated.graphs
    for name in ("conv1", "add"):
        repeated(some_image(), name)
        wait(repeated.graphs.values())
    assert list(repeated.graphs) == ["add"]


def test_a_network_with_graphs_is_let_go():
    model = network("residual")
    repeated = RepeatedGradcam(model)
    for _ in range(2):
        repeated(some_image())
    wait(repeated.graphs.values())
    gone = weakref.ref(model)
    del model, repeated
    gc.collect()
    assert gone() is None


def test_a_network_that_was_explained_is_let_go():
    model = base()
    x = layers.Dense(2, activation="softmax", name="output")(layers.Flatten(name="flatten")(model.output))
    model = keras.Model(model.input, x)
    gradcam(model, some_image())
    gone = weakref.ref(model)
    del model, x
    gc.collect()
    assert gone() is None


def test_half_precision_gives_nearly_the_same():
    def build(policy: str) -> keras.Model:
        image = keras.Input((8, 8, 1), name="image")
        x = layers.Conv2D(3, 3, padding="same", dtype=policy, name="conv")(image)
        x = layers.GlobalAveragePooling2D(name="pool", dtype=policy)(x)
        return keras.Model(image, layers.Dense(2, activation="softmax", dtype="float32", name="output")(x))

    keras.utils.set_random_seed(0)
    exact, half = build("float32"), build("mixed_float16")
    half.set_weights(exact.get_weights())
    shown = some_image(8, 8, 1)
    for index in (0, 1):
        one, other = (gradcam(model, shown, "conv", index).heatmap for model in (exact, half))
        np.testing.assert_allclose(one, other, atol=2e-3 * max(one.max(), 1e-3))
