"""Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391, equations 1 and 2): where a class is seen in a map.

The score is the class's logit, before softmax. The weight of a channel is the mean of the score's gradient
over the rows and columns of that channel; the heat map is the weighted sum of the channels, without what is
negative. It has the layer's rows and columns, and is neither resized nor normalised.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from cnnlab.errors import ArchitectureError
from cnnlab.inference.execution import (
    executed,
    has_map,
    last_map,
    logit_step,
    logits,
    picture_batch,
    step_called,
)
from cnnlab.inference.explanation import Explanation

HALF_SCALE = 2.0**10
"""With 16 bits the small gradients of a large map would be 0, so the score is multiplied by this."""


def gradcam(
    model: Any, picture: np.ndarray, layer: str | None = None, class_index: int | None = None
) -> Explanation:
    """Return the Grad-CAM of one picture.

    Args:
        model: a functional network, which may hold other networks.
        picture: float32 ``(H, W, C)`` as the network takes it.
        layer: the name of a layer with rows and columns, as in the layer table; default: ``last_map``.
        class_index: the class; default: the one with the highest probability.

    Raises:
        ArchitectureError: there is no such layer, it has no rows and columns, or lies behind the score.
    """
    layer = last_map(model) if layer is None else layer
    if not has_map(step_called(model, layer)):
        raise ArchitectureError(f"{layer} has no rows and columns; choose an earlier layer.")
    scored, maps, scores = logit_step(model).name, None, None
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        for step, inputs, output in executed(model, picture_batch(picture)):
            if step.name == layer:
                maps = output
                tape.watch(maps)
            if step.name == scored:
                scores = logits(step, inputs, output)
                if len(scores.shape) != 2:
                    raise ArchitectureError("These weights end before the classes; choose a trained run.")
                with tape.stop_recording():
                    class_index = _chosen(scores, class_index)
                scale = HALF_SCALE if maps is not None and maps.dtype == tf.float16 else 1.0
                score = scores[0, class_index] * scale
        probabilities = np.asarray(output[0], np.float32)
    assert class_index is not None  # the scored step is one of those that were executed
    if maps is None or (gradient := tape.gradient(score, maps)) is None:
        raise ArchitectureError(f"The score of a class does not depend on {layer}; choose an earlier layer.")
    gradient = gradient.numpy()[0].astype(np.float32) / scale
    heat = (maps.numpy()[0].astype(np.float32) * gradient.mean((0, 1))).sum(-1)
    return Explanation(np.maximum(heat, 0), class_index, probabilities, layer, "gradcam")


def _chosen(scores: tf.Tensor, class_index: int | None) -> int:
    if class_index is None:
        return int(tf.argmax(scores[0]))
    if not 0 <= class_index < scores.shape[1]:
        raise ArchitectureError(f"The network tells {scores.shape[1]} classes apart; choose one of them.")
    return class_index
