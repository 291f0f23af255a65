"""The register itself: unknown names, impossible shapes, unknown options, and adding a network."""

import subprocess
import sys
from dataclasses import replace

import pytest

from cnnlab import architectures
from cnnlab.architectures import Reference, register
from cnnlab.architectures.registry import BASE_WEIGHTS, BUILT_IN
from cnnlab.errors import ArchitectureError


def test_unknown_name_lists_what_exists():
    with pytest.raises(ArchitectureError, match=r"'lenet6'; choose one of .*lenet5"):
        architectures.get("lenet6")


@pytest.mark.parametrize("shape", [(0, 32, 3), (32, 32), (32, -1, 3)])
def test_impossible_input_shape_is_refused(shape):
    with pytest.raises(ArchitectureError, match="three numbers above 0"):
        architectures.build("lenet5", shape, 10)


def test_one_class_is_refused():
    with pytest.raises(ArchitectureError, match="at least 2 classes"):
        architectures.build("lenet5", (32, 32, 3), 1)


def test_unknown_option_is_refused():
    with pytest.raises(ArchitectureError, match="no option 'depth'"):
        architectures.build("lenet5", (32, 32, 3), 10, depth=3)


def test_message_names_the_layer_that_does_not_fit_and_why():
    with pytest.raises(ArchitectureError) as error:
        architectures.build("lenet5", (12, 12, 1), 10)
    assert str(error.value) == (
        "LeNet-5 does not fit an input of 12×12×1: conv2 slides a 5×5 window without padding over a map of "
        "only 4×4; use a larger image, a smaller window or padding."
    )


def test_a_network_is_one_decorated_function(monkeypatch):
    import keras

    monkeypatch.setattr("cnnlab.architectures.registry.BUILT_IN", dict(BUILT_IN))

    @register(
        title="Perceptron",
        year=1958,
        paper="https://doi.org/10.1037/h0042519",
        summary="One layer.",
        min_size=1,
        reference=Reference((8, 8, 1), 10, total_params=650, trainable_params=650, receptive_field=1),
    )
    def perceptron(input_shape, num_classes, *, activation="softmax"):
        image = keras.Input(input_shape, name="image")
        x = keras.layers.Flatten(name="flatten")(image)
        x = keras.layers.Dense(num_classes, activation=activation, name="output")(x)
        return keras.Model(image, x, name="perceptron")

    assert architectures.names()[-1] == "perceptron"
    assert architectures.get("perceptron").options == {"activation": "softmax"}
    assert architectures.build("perceptron", (8, 8, 1), 10, activation="sigmoid").count_params() == 650


def test_a_name_is_given_once():
    before = dict(BUILT_IN)
    for given in ("lenet5", "vgg16_transfer"):
        with pytest.raises(ValueError, match=rf"{given} already, in cnnlab.architectures.networks.{given};"):
            register(title="Another")(replace(architectures.get(given), name="").build)
    assert before == BUILT_IN


@pytest.mark.parametrize("name", architectures.built_in())
def test_only_a_network_with_a_pretrained_base_asks_which_weights_it_begins_with(name):
    facts = architectures.get(name)
    assert (BASE_WEIGHTS in facts.options) == (facts.base is not None)
    assert BASE_WEIGHTS not in facts.shape_options
    assert facts.begins_pretrained({}) == (facts.base is not None)
    without = facts.without_pretrained({"unfreeze_blocks": 2})
    assert not facts.begins_pretrained(without) and without["unfreeze_blocks"] == 2


def test_package_is_imported_without_keras():
    code = "import sys, cnnlab.architectures; sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", architectures.built_in())
def test_every_option_is_explained_and_every_note_is_about_an_option_or_a_layer(name):
    from cnnlab import inspection

    facts = architectures.get(name)
    reference = facts.reference
    layers = inspection.shape_only_model(name, reference.input_shape, reference.num_classes).layers
    assert facts.options.keys() <= facts.notes.keys()
    assert facts.notes.keys() <= facts.options.keys() | {layer.name for layer in layers}
