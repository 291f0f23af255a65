"""What any layer makes of an image: its whole output, in nested networks too."""

from typing import Any

import numpy as np

from cnnlab.inference.execution import executed, image_batch, step_called


def activation(model: Any, image: np.ndarray, layer: str) -> np.ndarray:
    """Return a layer's output for one image, float32 ``(rows, columns, channels)`` or ``(units,)``.

    Args:
        model: a functional network, which may hold other networks.
        image: float32 ``(H, W, C)`` as the network takes it.
        layer: its name, as in the layer table.

    Raises:
        ArchitectureError: there is no such layer.
    """
    step_called(model, layer)
    for step, _, output in executed(model, image_batch(image)):
        if step.name == layer:
            return np.asarray(output[0], np.float32)
    raise AssertionError(layer)
