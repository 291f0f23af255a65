"""Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391, equations 1 and 2): where a class is seen in a map.

The score is the class's logit, before softmax. The weight of a channel is the mean of the score's gradient
over the rows and columns of that channel; the heat map is the weighted sum of the channels, without what is
negative. It has the layer's rows and columns, and is neither resized nor normalised.
"""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import tensorflow as tf

from cnnlab.errors import ArchitectureError
from cnnlab.inference.execution import (
    executed,
    has_map,
    image_batch,
    last_map,
    logit_step,
    logits,
    step_called,
)
from cnnlab.inference.explanation import Explanation

HALF_SCALE = 2.0**10
"""With 16 bits the small gradients of a large map would be 0, so the score is multiplied by this."""
MOST_LIKELY = -1
MOST_GRAPHS = 4
"""Layers of one network that are kept as graphs."""
MOST_ASKED = 64
"""Layers of one network of which it is known that they were asked about once."""

_background = ThreadPoolExecutor(1, "Grad-CAM graphs")


def gradcam(
    model: Any, image: np.ndarray, layer: str | None = None, class_index: int | None = None
) -> Explanation:
    """Return the Grad-CAM of one image.

    Args:
        model: a functional network, which may hold other networks.
        image: float32 ``(H, W, C)`` as the network takes it.
        layer: the name of a layer with rows and columns, as in the layer table; default: ``last_map``.
        class_index: the class; default: the one with the highest probability.

    Raises:
        ArchitectureError: there is no such layer, it has no rows and columns, or lies behind the score.
    """
    layer = _map_layer(model, layer, class_index)
    return _explained(lambda *asked: _weighed(model, layer, *asked), image, layer, class_index)


class RepeatedGradcam:
    """The Grad-CAM of one network that is asked again and again, as a live camera asks.

    From the second question about a layer on a graph is made of it in the background, which takes seconds;
    once it is there, Python does not run at each layer any more, and an answer takes a fraction of the time.
    """

    def __init__(self, model: Any):
        self._model = model
        self._asked: OrderedDict[str, Future[Callable] | None] = OrderedDict()

    def __call__(
        self, image: np.ndarray, layer: str | None = None, class_index: int | None = None
    ) -> Explanation:
        """Return the Grad-CAM of one image, as ``gradcam``; one thread at a time.

        Raises:
            ArchitectureError: as ``gradcam``.
        """
        layer = _map_layer(self._model, layer, class_index)
        again, making = layer in self._asked, self._asked.pop(layer, None)
        if again and making is None:
            making = _background.submit(_graph, self._model, layer)
        self._asked[layer] = making
        self._forget()
        if making and making.done() and not making.exception():
            return _explained(making.result(), image, layer, class_index)
        return gradcam(self._model, image, layer, class_index)

    @property
    def graphs(self) -> dict[str, Future[Callable]]:
        """The graphs that are kept or in the making by the name of their layer; the newest is the last."""
        return {layer: making for layer, making in self._asked.items() if making}

    def _forget(self) -> None:
        """Let go of what was asked about longest ago."""
        for layer in list(self.graphs)[:-MOST_GRAPHS]:
            self._asked[layer] = None
        while len(self._asked) > MOST_ASKED:
            self._asked.popitem(last=False)


def _graph(model: Any, layer: str) -> Callable:
    """Return ``_weighed`` of a layer as one graph, warm."""
    signature = [tf.TensorSpec((1, *model.input_shape[1:]), tf.float32), tf.TensorSpec((), tf.int32)]
    graph = tf.function(
        lambda *asked: _weighed(model, layer, *asked), input_signature=signature, autograph=False
    )
    graph(tf.zeros((1, *model.input_shape[1:])), tf.constant(MOST_LIKELY, tf.int32))
    return graph


def _map_layer(model: Any, layer: str | None, class_index: int | None) -> str:
    """Return the layer to explain, once it is known that it and the class can be."""
    layer = last_map(model) if layer is None else layer
    if not has_map(step_called(model, layer)):
        raise ArchitectureError(f"{layer} has no rows and columns; choose an earlier layer.")
    scores = logit_step(model).output_shape
    if len(scores) != 1:
        raise ArchitectureError("These weights end before the classes; choose a trained run.")
    if class_index is not None and not 0 <= class_index < scores[0]:
        raise ArchitectureError(f"The network tells {scores[0]} classes apart; choose one of them.")
    return layer


def _explained(weighed: Callable, image: np.ndarray, layer: str, class_index: int | None) -> Explanation:
    asked = tf.constant(MOST_LIKELY if class_index is None else class_index, tf.int32)
    heat, chosen, probabilities = weighed(image_batch(image), asked)
    probabilities = np.asarray(probabilities, np.float32)
    return Explanation(np.maximum(heat, 0), int(chosen), probabilities, layer, "gradcam")


def _weighed(
    model: Any, layer: str, images: tf.Tensor, class_index: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return the weighted sum of a layer's channels, the class that it is for, and the probabilities.

    Args:
        model: as ``gradcam``.
        layer: as ``gradcam``.
        images: float32 ``(1, H, W, C)``.
        class_index: int32, ``MOST_LIKELY`` for that class.
    """
    scored, maps = logit_step(model).name, None
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        for step, inputs, output in executed(model, images):
            if step.name == layer:
                maps = output
                tape.watch(maps)
            if step.name == scored:
                scores = logits(step, inputs, output)
                best = tf.argmax(scores[0], output_type=tf.int32)
                chosen = tf.where(class_index == MOST_LIKELY, best, class_index)
                scale = HALF_SCALE if maps is not None and maps.dtype == tf.float16 else 1.0
                score = tf.gather(scores[0], chosen) * scale
    if maps is None or (gradient := tape.gradient(score, maps)) is None:
        raise ArchitectureError(f"The score of a class does not depend on {layer}; choose an earlier layer.")
    channels = tf.reduce_mean(tf.cast(gradient[0], tf.float32) / scale, (0, 1))
    return tf.reduce_sum(tf.cast(maps[0], tf.float32) * channels, -1), chosen, output[0]
