"""What if: the same network with some layers changed or left out, computed without weights."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import layers

from cnnlab.architectures.fit import explained
from cnnlab.errors import ArchitectureError

Change = Mapping[str, Any] | None
"""New settings of a layer, such as ``{"kernel_size": 3}``; None leaves the layer out."""


def edited(model: keras.Model, changes: Mapping[str, Change]) -> keras.Model:
    """Return a copy of ``model``, shapes only, with the layers named in ``changes`` changed or left out.

    Raises:
        ArchitectureError: a setting is impossible, or a layer does not fit any more.
    """
    if unknown := changes.keys() - {layer.name for layer in model.layers}:
        raise ArchitectureError(f"The network has no layer {min(unknown)!r} to change.")

    def copy(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        if layer.name not in changes:
            return type(layer).from_config(config)
        if (change := changes[layer.name]) is None:
            return layers.Activation("linear", name=layer.name)
        try:
            return type(layer).from_config(config | dict(change))
        except (TypeError, ValueError) as error:
            why = str(error).splitlines()[-1].removeprefix("Exception encountered: ")
            raise ArchitectureError(f"{layer.name} cannot be like this: {why}") from error

    shape = tuple(model.inputs[0].shape[1:])
    with keras.StatelessScope(initialize_variables=False), explained(model.name, shape):
        return keras.models.clone_model(model, clone_function=copy)
