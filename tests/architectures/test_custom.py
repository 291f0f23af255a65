"""People's own networks: a list of layers is the network one would have written, and is never code."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

from cnnlab import architectures, inspection
from cnnlab.architectures import registry
from cnnlab.architectures.own import from_model, network
from cnnlab.architectures.own.definition import MOST_LAYERS, Definition, Listed
from cnnlab.architectures.own.edit import Edit
from cnnlab.architectures.own.kinds import KINDS
from cnnlab.architectures.shape_errors import explained
from cnnlab.errors import ArchitectureError
from cnnlab.keras_internals import without_weights

TWO_BLOCKS = {
    "title": "Two blocks",
    "input_shape": [32, 32, 3],
    "classes": 10,
    "layers": [
        {"kind": "convolution", "name": "conv1", "filters": 8, "kernel_size": 5, "padding": "valid"},
        {"kind": "batch_norm", "name": "norm1"},
        {"kind": "max_pooling", "name": "pool1"},
        {"kind": "depthwise_convolution", "name": "depth2", "strides": 2},
        {"kind": "dropout", "name": "drop2", "rate": 0.3},
        {"kind": "flatten", "name": "flatten"},
        {"kind": "dense", "name": "fc3", "units": 20},
    ],
}
LINEAR = (
    *("baseline", "lenet5", "alexnet_2012", "alexnet", "alexnet_gray"),
    *("alexnet8", "alexnet_cifar", "vgg16", "vgg16_cifar"),
)


def definition(**changes: object) -> Definition:
    return Definition.from_dict(TWO_BLOCKS | changes)


def shape_only(name: str) -> keras.Model:
    reference = architectures.get(name).reference
    return inspection.shape_only_model(name, reference.input_shape, reference.num_classes)


def built(found: Definition, classes: int = 10) -> keras.Model:
    return network.architecture("own", found).build(found.input_shape, classes)


def by_hand() -> keras.Model:
    x = image = keras.Input((32, 32, 3), name="image")
    x = layers.Conv2D(8, 5, activation="relu", name="conv1")(x)
    x = layers.BatchNormalization(name="norm1")(x)
    x = layers.MaxPooling2D(2, name="pool1")(x)
    x = layers.DepthwiseConv2D(3, strides=2, padding="same", activation="relu", name="depth2")(x)
    x = layers.Dropout(0.3, name="drop2")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(20, activation="relu", name="fc3")(x)
    return keras.Model(image, layers.Dense(10, activation="softmax", name="output")(x))


def test_network_from_a_list_equals_the_same_network_built_by_hand():
    own, hand = built(definition()), by_hand()
    assert inspection.layer_table(own) == inspection.layer_table(hand)
    assert [layer.get_config() for layer in own.layers] == [layer.get_config() for layer in hand.layers]
    own.set_weights(hand.get_weights())
    images = np.random.default_rng(0).random((3, 32, 32, 3), np.float32)
    np.testing.assert_array_equal(own(images, training=False), hand(images, training=False))


def test_parameters_of_a_list_are_those_of_the_arithmetic():
    """28×28×8 after the convolution, 14×14×8 after the pool, 7×7×8 after the depthwise convolution."""
    convolution, norm, depthwise = 8 * 5 * 5 * 3 + 8, 4 * 8, 3 * 3 * 8 + 8
    dense = 20 * 7 * 7 * 8 + 20 + 10 * 20 + 10
    count = inspection.count_params(built(definition()))
    assert (count.total, count.total - count.trainable) == (convolution + norm + depthwise + dense, 2 * 8)


def test_empty_list_is_one_softmax_over_the_pixels():
    assert built(definition(layers=[])).count_params() == 10 * 32 * 32 * 3 + 10


def test_maps_at_the_end_of_a_list_are_flattened():
    model = built(definition(layers=TWO_BLOCKS["layers"][:3]))
    assert [layer.name for layer in model.layers][-2:] == ["flatten", "output"]
    assert model.output.shape == (None, 10)
    taken = built(definition(layers=[{"kind": "convolution", "name": "flatten"}]))
    assert [layer.name for layer in taken.layers] == ["image", "flatten", "flatten_0", "output"]


def test_every_kind_can_be_picked_and_read_back():
    for kind in KINDS:
        before = [Listed("flatten", "flat")] if KINDS[kind].takes == "vector" else []
        found = Definition("One", (32, 32, 3), 10, (*before, Listed(kind, "it", dict(KINDS[kind].settings))))
        after = from_model.listed(built(found))
        assert after[: len(found.layers)] == found.layers


@pytest.mark.parametrize("name", LINEAR)
def test_copy_of_a_network_that_is_one_line_is_that_network(name):
    model = shape_only(name)
    copy = from_model.defined("Copy", model, name, {}, ())
    assert copy.layers and not copy.base
    with without_weights():
        again = built(Definition.from_dict(json.loads(json.dumps(copy.to_dict()))), copy.classes)
    assert inspection.layer_table(again) == inspection.layer_table(model)


@pytest.mark.parametrize("name", sorted(set(architectures.built_in()) - set(LINEAR)))
def test_network_that_is_no_list_says_so_and_is_kept_as_it_is_with_edits(name):
    model = shape_only(name)
    with pytest.raises(ArchitectureError, match=r"has branches|of no kind that a list of layers can hold"):
        from_model.listed(model)
    copy = from_model.defined("Copy", model, name, {}, ())
    assert (copy.base, copy.layers) == (name, ())
    with without_weights():
        options = {"base_weights": "untrained"} if "transfer" in name else {}
        again = network.architecture("own", copy).build(copy.input_shape, copy.classes, **options)
    assert inspection.layer_table(again) == inspection.layer_table(model)


def test_edited_branched_network_is_built_with_its_edits_and_options():
    """A 7×7 kernel in place of 5×5: 16 × 16 × (49 − 25) parameters more."""
    edits = (Edit("block1_unit1_5x5", "kernel_size", 7), Edit("block1_unit1_pool", "left_out", 1))
    found = Definition(
        "Wide", (16, 16, 1), 4, base="inception10", options={"batch_norm": "frozen"}, edits=edits
    )
    facts = network.architecture("wide", found)
    assert facts.options == {"batch_norm": "frozen"}
    assert facts.choices == {"batch_norm": ("learning", "frozen")}
    model = facts.build((32, 32, 3), 10)
    assert model.count_params() == 121_418 + 16 * 16 * (49 - 25)
    assert "block1_unit1_pool" not in [layer.name for layer in model.layers]
    assert type(model.get_layer("conv1_norm")).__name__ == "FrozenBatchNormalization"
    assert facts.build((32, 32, 3), 10, batch_norm="learning").get_layer("conv1_norm").moving_mean.shape == (
        16,
    )


def test_edited_transfer_network_keeps_the_weights_of_layers_that_keep_their_shapes(monkeypatch):
    facts = architectures.get("mobilenetv2_transfer")

    def base(input_shape, num_classes, *, base_weights="imagenet", unfreeze_blocks=0):
        model = facts.build(input_shape, num_classes, base_weights="untrained")
        model.set_weights([np.full(w.shape, 0.5, np.float32) for w in model.weights])
        return model

    known = registry.BUILT_IN | {facts.name: replace(facts, build=base)}
    monkeypatch.setattr("cnnlab.architectures.registry.BUILT_IN", known)
    edits = (Edit("dense_1", "added_after", "drop"), Edit("dense_1", "units", 6))
    found = Definition("Deeper", (32, 32, 3), 3, base=facts.name, edits=edits)
    model = network.architecture("deeper", found).build((32, 32, 3), 3)
    assert np.all(model.get_layer("Conv1").kernel == 0.5)
    assert model.get_layer("dense_1").kernel.shape == (1280, 6)
    assert not np.all(model.get_layer("output").kernel == 0.5)
    assert not model.get_layer("Conv1").trainable


def test_network_that_cannot_be_trained_by_anybody_is_not_kept():
    huge = [{"kind": "flatten", "name": "flat"}, {"kind": "dense", "name": "fc", "units": 8192}]
    with without_weights():
        model = built(definition(input_shape=[1024, 1024, 3], layers=huge))
    with pytest.raises(ArchitectureError, match=r"has 25,769\S+ parameters, more than the 500,000,000"):
        from_model.defined("Huge", model, "lenet5", {}, ())


def test_layer_that_cannot_fit_is_named_with_the_reason():
    found = definition(
        layers=[{"kind": "convolution", "name": "wide", "kernel_size": 40, "padding": "valid"}]
    )
    with (
        pytest.raises(ArchitectureError, match=r"wide slides a 40×40 window without padding over .* 32×32"),
        explained("own", (32, 32, 3)),
    ):
        built(found)


@pytest.mark.parametrize(
    ("kinds", "sentence"),
    [
        (("dense",), "it0 takes a vector, not maps of 32×32×3"),
        (("flatten", "convolution"), r"it1 takes maps with rows and columns, not a vector of 3,072"),
    ],
)
def test_layer_in_an_impossible_place_says_where_it_belongs(kinds, sentence):
    found = definition(layers=[{"kind": kind, "name": f"it{n}"} for n, kind in enumerate(kinds)])
    with pytest.raises(ArchitectureError, match=sentence):
        built(found)


HOSTILE = {
    "no object": [],
    "nothing": {},
    "title of markup": TWO_BLOCKS | {"title": "<script>alert(1)</script>"},
    "title of a path": TWO_BLOCKS | {"title": "../../etc/passwd"},
    "title of nothing": TWO_BLOCKS | {"title": "  "},
    "title too long": TWO_BLOCKS | {"title": "a" * 41},
    "shape of words": TWO_BLOCKS | {"input_shape": ["32", "32", "3"]},
    "shape too large": TWO_BLOCKS | {"input_shape": [10**9, 10**9, 3]},
    "one class": TWO_BLOCKS | {"classes": 1},
    "classes true": TWO_BLOCKS | {"classes": True},
    "layers no list": TWO_BLOCKS | {"layers": "conv"},
    "layer no object": TWO_BLOCKS | {"layers": ["conv"]},
    "unknown kind": TWO_BLOCKS | {"layers": [{"kind": "Lambda", "name": "x"}]},
    "code": TWO_BLOCKS | {"layers": [{"kind": "__import__('os')", "name": "x"}]},
    "unknown setting": TWO_BLOCKS
    | {"layers": [{"kind": "dense", "name": "x", "kernel_initializer": "zeros"}]},
    "foreign activation": TWO_BLOCKS
    | {"layers": [{"kind": "dense", "name": "x", "activation": "os.system"}]},
    "too many filters": TWO_BLOCKS | {"layers": [{"kind": "convolution", "name": "x", "filters": 10**6}]},
    "infinite rate": TWO_BLOCKS | {"layers": [{"kind": "dropout", "name": "x", "rate": float("nan")}]},
    "filters true": TWO_BLOCKS | {"layers": [{"kind": "convolution", "name": "x", "filters": True}]},
    "filters a list": TWO_BLOCKS | {"layers": [{"kind": "convolution", "name": "x", "filters": [3]}]},
    "name with a slash": TWO_BLOCKS | {"layers": [{"kind": "flatten", "name": "a/b"}]},
    "name of the output": TWO_BLOCKS | {"layers": [{"kind": "flatten", "name": "output"}]},
    "one name twice": TWO_BLOCKS | {"layers": [{"kind": "flatten", "name": "x"}] * 2},
    "too many layers": TWO_BLOCKS | {"layers": [{"kind": "flatten", "name": "x"}] * (MOST_LAYERS + 1)},
    "edits no list": TWO_BLOCKS | {"base": "lenet5", "edits": "conv1.filters.3"},
    "edit of nothing": TWO_BLOCKS | {"base": "lenet5", "edits": [None]},
    "options no object": TWO_BLOCKS | {"base": "lenet5", "options": [1]},
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_hostile_definition_is_refused_in_one_sentence(content):
    with pytest.raises(ArchitectureError) as error:
        Definition.from_dict(content)
    message = str(error.value)
    assert message.endswith(".") and "\n" not in message and len(message) < 400


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"base": "nothing"}, "built-in network, not from 'nothing'"),
        ({"base": "inception10", "options": {"depth": 3}}, "no option 'depth'"),
        ({"base": "inception10", "options": {"batch_norm": "<b>"}}, "learning or frozen"),
    ],
)
def test_base_or_option_that_does_not_exist_is_refused(change, sentence):
    with pytest.raises(ArchitectureError, match=sentence):
        network.architecture("own", Definition.from_dict(TWO_BLOCKS | change))
