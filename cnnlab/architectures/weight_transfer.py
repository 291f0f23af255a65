"""Weights that go from one network to another, layer by layer."""

import keras

from cnnlab.keras_internals import all_layers


def transfer_weights(source: keras.Model, target: keras.Model) -> list[str]:
    """Copy weights between layers of one name and equal shapes; return the names of these layers."""
    known = {layer.name: layer.get_weights() for layer in all_layers(source)}
    carried = []
    for layer in all_layers(target):
        weights, fitting = known.get(layer.name, []), [weight.shape for weight in layer.weights]
        if fitting and [weight.shape for weight in weights] == fitting:
            layer.set_weights(weights)
            carried.append(layer.name)
    return carried
