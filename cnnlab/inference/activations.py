"""What any layer makes of a picture: its whole output, in nested networks too."""

from typing import Any

import numpy as np

from cnnlab.inference.execution import executed, picture_batch, step_called


def activation(model: Any, picture: np.ndarray, layer: str) -> np.ndarray:
    """Return a layer's output for one picture, float32 ``(rows, columns, channels)`` or ``(units,)``.

    Args:
        model: a functional network, which may hold other networks.
        picture: float32 ``(H, W, C)`` as the network takes it.
        layer: its name, as in the layer table.

    Raises:
        ArchitectureError: there is no such layer.
    """
    step_called(model, layer)
    for step, _, output in executed(model, picture_batch(picture)):
        if step.name == layer:
            return np.asarray(output[0], np.float32)
    raise AssertionError(layer)
