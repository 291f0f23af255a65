"""Where a unit looks in fact: the effective receptive field of Luo et al. (2016, arXiv:1701.04128).

The receptive field says which pixels *can* change a unit; the gradient of the unit with respect to the
image says how much each of them *does*.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlab.errors import ArchitectureError

FRACTION = 0.95
"""Of the gradient, for the area it needs."""
MOST_IMAGES = 6
MOST_MACS = 60 * 10**9
"""For all images together; a gradient costs about three times the multiplications of its image."""
MOST_BYTES = 315 * 10**6
"""Of the maps up to the layer, for one image; a gradient keeps them and about as many again."""


@dataclass(frozen=True, eq=False)
class EffectiveField:
    """``heat`` float32 ``(H, W)``: the mean size of a unit's gradient at each pixel of the image."""

    heat: np.ndarray

    @classmethod
    def mean(cls, gradients: Sequence[np.ndarray]) -> "EffectiveField":
        """Average what ``gradient`` returned for several images."""
        return cls(np.asarray(np.mean(gradients, axis=0, dtype=np.float32)))

    @property
    def silent(self) -> bool:
        """Whether no pixel changes the unit on any of the images, such as behind a ReLU that is shut."""
        return not self.heat.any()

    @property
    def pixels(self) -> int:
        """The fewest pixels with ``FRACTION`` of the gradient; were it even, that fraction of the field."""
        strongest_first = np.sort(self.heat, axis=None)[::-1].astype(np.float64)
        so_far = np.cumsum(strongest_first)
        return int(np.searchsorted(so_far, FRACTION * so_far[-1] * (1 - 1e-9))) + 1 if so_far[-1] else 0


def gradient(model: Any, layer: str, unit: tuple[int, int], image: np.ndarray) -> np.ndarray:
    """Return how much each pixel changes one unit, float32 ``(H, W)``, never negative.

    The unit is the sum of a layer's channels at ``unit`` (row, column); of its derivative the absolute values
    are added over the colours. ``image`` is ``(H, W, C)`` as the network takes it.

    Raises:
        ArchitectureError: the network has no maps of that layer.
    """
    import tensorflow as tf

    part = up_to(model, layer)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        pixels = tf.constant(image[None], tf.float32)
        tape.watch(pixels)
        maps = part([pixels], training=False)
        middle = tf.reduce_sum(tf.cast(maps[:, unit[0], unit[1]], tf.float32))
    change = tape.gradient(middle, pixels, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return np.abs(change.numpy()[0]).sum(-1)


def images_within_budget(available: int, macs: int, activation_bytes: int) -> int:
    """Return on how many images a unit is measured: fewer where the layers up to it cost much.

    Raises:
        ArchitectureError: even one is too much for a server that others use too.
    """
    if macs > MOST_MACS or activation_bytes > MOST_BYTES:
        raise ArchitectureError(
            f"Up to this layer one image takes {macs / 1e9:,.1f} billion MACs and "
            f"{activation_bytes / 10**6:,.0f} MB of maps, more than the {MOST_MACS / 1e9:.0f} billion and "
            f"{MOST_BYTES / 10**6:.0f} MB that this page allows; choose an earlier layer or a smaller input."
        )
    return min(available, MOST_IMAGES, MOST_MACS // max(1, macs))


def up_to(model: Any, layer: str) -> Any:
    """Return the part of a model that ends with a layer's maps.

    Raises:
        ArchitectureError: the layer does not exist, is called twice, or its output has no rows and columns.
    """
    import keras

    try:
        end = model.get_layer(layer).output
    except (AttributeError, ValueError) as error:
        raise ArchitectureError(
            f"These weights have no single layer {layer} to look into; choose another."
        ) from error
    if len(end.shape) != 4:
        raise ArchitectureError(f"{layer} has no rows and columns; choose an earlier layer.")
    return keras.Model(model.inputs, end)
