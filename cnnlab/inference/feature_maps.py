"""What a layer makes of an image, and the filters that it looks with."""

from typing import Any

import numpy as np

from cnnlab.inference.effective import up_to

COLOURS = (1, 3)
"""Channels of a filter that can be looked at as an image."""


def feature_maps(model: Any, layer: str, image: np.ndarray) -> np.ndarray:
    """Return a layer's maps float32 ``(rows, columns, channels)`` of an image as the network takes it.

    Raises:
        ArchitectureError: the network has no maps of that layer.
    """
    return np.asarray(up_to(model, layer)([image[None]], training=False)[0], np.float32)


def strongest_first(maps: np.ndarray) -> np.ndarray:
    """Return the channels of ``(rows, columns, channels)`` ordered by their mean size, the largest first."""
    return np.argsort(-np.abs(maps).mean((0, 1)), kind="stable")


def filters(model: Any, layer: str) -> np.ndarray | None:
    """Return the ``(filters, height, width, colours)`` of a convolution over gray or RGB, or None."""
    import keras

    found = model.get_layer(layer)
    if not isinstance(found, keras.layers.Conv2D) or found.groups > 1 or found.input.shape[-1] not in COLOURS:
        return None
    return np.moveaxis(np.asarray(found.kernel, np.float32), -1, 0)
