"""The Keras source of a network: running it builds the same network."""

import keras
import pytest
from keras import layers

from cnnlab import architectures, inspection
from cnnlab.errors import ArchitectureError
from cnnlab.keras_internals import without_weights


def run(source: str) -> keras.Model:
    with without_weights():
        scope: dict = {"__name__": "pasted"}
        exec(compile(source, "source.py", "exec"), scope)
    return scope["model"]


@pytest.mark.parametrize("name", architectures.built_in())
def test_source_builds_a_network_with_the_same_layer_table(name):
    reference = architectures.get(name).reference
    model = inspection.shape_only_model(name, reference.input_shape, reference.num_classes)
    built = run(inspection.keras_source(model))
    assert inspection.layer_table(built) == inspection.layer_table(model)
    for layer in model.layers:
        expected, config = layer.get_config(), built.get_layer(layer.name).get_config()
        assert {key: expected[key] for key in config if key != "dtype"} | {"dtype": 0} == config | {
            "dtype": 0
        }


def test_source_reads_as_people_write_it():
    lines = inspection.keras_source(inspection.shape_only_model("lenet5", (28, 28, 1), 10)).splitlines()
    assert lines[:2] == ["import keras", "from keras import layers"]
    assert (
        "conv1 = layers.Conv2D(filters=6, kernel_size=5, activation='sigmoid', name='conv1')(image)" in lines
    )


def test_regularizer_and_frozen_layers_are_written():
    image = keras.Input((4, 4, 3), name="image")
    frozen = layers.Conv2D(2, 3, kernel_regularizer="l2", trainable=False, name="conv")
    source = inspection.keras_source(keras.Model(image, frozen(image)))
    assert (
        "trainable=False, filters=2, kernel_size=3, kernel_regularizer=keras.regularizers.L2(l2=0.01)"
        in source
    )


def test_layer_that_is_called_twice_is_refused():
    image = keras.Input((4, 4, 3), name="image")
    shared = layers.Conv2D(3, 3, padding="same", name="shared")
    with pytest.raises(ArchitectureError, match="shared is called twice"):
        inspection.keras_source(keras.Model(image, shared(shared(image))))
