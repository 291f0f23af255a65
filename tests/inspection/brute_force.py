"""Measure receptive fields instead of computing them: light one pixel after the other, see what changes."""

import keras
import numpy as np
from keras import layers


def influence(model: keras.Model) -> dict[str, np.ndarray]:
    """Return for each layer with rows and columns a bool array (rows, columns, H, W): pixel changes unit.

    The model is copied with positive weights, linear activations and averages for maxima, so that no change
    can be hidden by another; one filter is enough, because a window does not depend on the channel. It works
    in float64: TensorFlow 2.21's oneDNN kernels for float32 get some convolutions with unequal strides wrong.
    """
    copy = keras.models.clone_model(model, clone_function=_transparent)
    rows = [layer for layer in copy.layers if not isinstance(layer, keras.Model)]
    maps = {layer.name: layer.output for layer in rows if len(layer.output.shape) == 4}
    measured = keras.Model(copy.input, maps)
    height, width, channels = copy.input_shape[1:]
    changed = {name: [] for name in maps}
    for pixels in np.array_split(np.arange(height * width), max(1, height * width // 512)):
        lit = np.zeros((len(pixels), height * width, channels))
        lit[np.arange(len(pixels)), pixels] = 1
        for name, value in measured(lit.reshape(-1, height, width, channels), training=False).items():
            changed[name].append((value.numpy() > 0).any(-1))
    return {
        name: np.moveaxis(np.concatenate(parts), 0, -1).reshape(*parts[0].shape[1:], height, width)
        for name, parts in changed.items()
    }


def _transparent(layer: keras.Layer) -> keras.Layer:
    config = layer.get_config() | {"dtype": "float64"}
    match layer:
        case layers.Conv2D():
            same = {"filters": 1, "groups": 1, "activation": "linear", "kernel_initializer": "ones"}
            return layers.Conv2D.from_config(config | same)
        case layers.DepthwiseConv2D():
            same = {"activation": "linear", "depthwise_initializer": "ones"}
            return layers.DepthwiseConv2D.from_config(config | same)
        case layers.MaxPooling2D():
            return layers.AveragePooling2D.from_config(config)
        case layers.GlobalMaxPooling2D():
            return layers.GlobalAveragePooling2D.from_config(config)
        case _ if getattr(layer, "pointwise", False):
            return layers.Activation("linear", name=layer.name, dtype="float64")
        case keras.Model():
            return keras.models.clone_model(layer, clone_function=_transparent)
    return type(layer).from_config(config)
