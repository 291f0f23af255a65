"""Running a trained network step by step: every layer's inputs and output, those of nested networks too.

Keras gives the output of an inner layer by making a second model up to it, which fails ("graph disconnected")
where the layer belongs to a network within the network. Here the calls are repeated one after the other.
"""

from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

import keras
import tensorflow as tf

from cnnlab.errors import ArchitectureError
from cnnlab.inspection.graph import Step, walk

Call = Callable[[Step, dict[str, tf.Tensor]], tf.Tensor]
"""Computes a step from the values of the steps before it, by their names."""
_TO_PROBABILITIES = ("softmax", "log_softmax", "sigmoid", "hard_sigmoid")
_PASSING = (keras.layers.Identity, keras.layers.Dropout)
_POOLING = (
    keras.layers.MaxPooling2D,
    keras.layers.AveragePooling2D,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.GlobalMaxPooling2D,
)
_SHRINKING = (
    *_POOLING,
    *_PASSING,
    keras.layers.SpatialDropout2D,
    keras.layers.ZeroPadding2D,
    keras.layers.Cropping2D,
)
_BEFORE_LEARNING = (keras.layers.InputLayer, keras.layers.Rescaling)

_walked: WeakKeyDictionary[keras.Model, dict[str, Step]] = WeakKeyDictionary()


def steps_of(model: keras.Model) -> dict[str, Step]:
    """Return the steps of a network by name, as ``inspection.graph.walk``; walked once."""
    if model not in _walked:
        _walked[model] = walk(model)
    return _walked[model]


def executed(
    model: keras.Model, images: Any, call: Call = Step.call
) -> Iterator[tuple[Step, list[tf.Tensor], tf.Tensor]]:
    """Yield each step with its inputs and its output ``(N, …)``, in inference mode, as it is computed.

    Args:
        model: a functional network of one input.
        images: float32 ``(N, H, W, C)`` as the network takes them.
        call: computes a step, if not as the layer does; a tape of the caller may watch what is yielded.
    """
    steps = steps_of(model)
    last_use = {name: number for number, step in enumerate(steps.values()) for name in step.inputs}
    values: dict[str, tf.Tensor] = {}
    for number, step in enumerate(steps.values()):
        inputs = [values[name] for name in step.inputs]
        if step.inputs:
            values[step.name] = call(step, values)
        else:
            values[step.name] = tf.convert_to_tensor(images, tf.float32)
        yield step, inputs, values[step.name]
        for name in {*step.inputs, step.name}:
            if last_use.get(name, -1) <= number:
                del values[name]


def step_called(model: keras.Model, layer: str) -> Step:
    """Return the step of a layer, by the name that the layer table shows.

    Raises:
        ArchitectureError: there is none.
    """
    steps = steps_of(model)
    if layer not in steps:
        names = ", ".join(steps)
        known = names if len(names) < 400 else f"{names[:400].rpartition(', ')[0]} and {len(steps)} in all"
        raise ArchitectureError(f"The network has no layer {layer[:60]!r}; its layers are {known}.")
    return steps[layer]


def has_map(step: Step) -> bool:
    """Whether a step's output has rows and columns."""
    return len(step.output_shape) == 3


def last_map(model: keras.Model) -> str:
    """Return the last layer with rows and columns that a convolution has a part in.

    Poolings, padding and dropout behind it only make its map smaller, so they are passed over: of VGG-16 it
    is ``block5_conv3``, of ResNet-18 the ReLU behind the last addition.

    Raises:
        ArchitectureError: the network has no such layer.
    """
    steps = steps_of(model)
    maps = [step for step in steps.values() if has_map(step)]
    maps = [step for step in maps if step.output_shape[0] * step.output_shape[1] > 1] or maps
    step = maps[-1] if maps else None
    while step is not None and isinstance(step.layer, _SHRINKING) and step.inputs:
        step = steps[step.inputs[0]]
    if step is None or isinstance(step.layer, _BEFORE_LEARNING) or not _learns_before(steps, step):
        raise ArchitectureError(
            "The network has no convolution, so no layer of it has a map to look at; try --method occlusion."
        )
    return step.name


def _learns_before(steps: dict[str, Step], step: Step) -> bool:
    """Whether a layer with weights lies between the image and a step."""
    waiting = [step]
    while waiting:
        now = waiting.pop()
        if now.layer.weights:
            return True
        waiting += [steps[name] for name in now.inputs]
    return False


def logit_step(model: keras.Model) -> Step:
    """Return the step whose scores become the probabilities: the last dense layer, as a rule.

    A softmax or sigmoid that is a layer of its own is passed over; see ``logits`` for one within the layer.
    """
    steps = steps_of(model)
    step = list(steps.values())[-1]
    while isinstance(step.layer, _PASSING):
        step = steps[step.inputs[0]]
    if isinstance(step.layer, keras.layers.Softmax) or (
        isinstance(step.layer, keras.layers.Activation) and _makes_probabilities(step.layer)
    ):
        return steps[step.inputs[0]]
    return step


def logits(step: Step, inputs: list[tf.Tensor], output: tf.Tensor) -> tf.Tensor:
    """Return the scores ``(N, classes)`` before softmax or sigmoid, float32, of an executed ``logit_step``.

    Raises:
        ArchitectureError: the layer's probabilities come from something that is no weighted sum.
    """
    if not _makes_probabilities(step.layer) or isinstance(
        step.layer, keras.layers.Softmax | keras.layers.Activation
    ):
        return tf.cast(output, tf.float32)
    return tf.cast(weighted_sum(step.layer, inputs[0]), tf.float32)


def weighted_sum(layer: keras.Layer, x: tf.Tensor) -> tf.Tensor:
    """Return what a layer with weights computes before its activation.

    Raises:
        ArchitectureError: it is neither dense nor a convolution.
    """
    x = tf.cast(x, layer.compute_dtype)

    def weight(variable: keras.Variable) -> tf.Tensor:
        return tf.cast(variable.value, layer.compute_dtype)

    if isinstance(layer, keras.layers.Dense):
        result = tf.tensordot(x, weight(layer.kernel), 1)
    elif isinstance(layer, keras.layers.DepthwiseConv2D):
        result = keras.ops.depthwise_conv(x, weight(layer.kernel), **_sliding(layer))
    elif isinstance(layer, keras.layers.SeparableConv2D):
        kernels = weight(layer.depthwise_kernel), weight(layer.pointwise_kernel)
        result = keras.ops.separable_conv(x, *kernels, **_sliding(layer))
    elif isinstance(layer, keras.layers.Conv2D):
        result = layer.convolution_op(x, weight(layer.kernel))
    else:
        raise ArchitectureError(f"{layer.name} is no weighted sum, so it has no score before its activation.")
    return result + weight(layer.bias) if layer.use_bias else result


def image_batch(image: Any) -> tf.Tensor:
    """Return one image ``(H, W, C)`` as a batch."""
    return tf.convert_to_tensor(image, tf.float32)[None]


def _sliding(layer: keras.Layer) -> dict[str, Any]:
    return {
        "strides": layer.strides,
        "padding": layer.padding,
        "dilation_rate": layer.dilation_rate,
        "data_format": layer.data_format,
    }


def _makes_probabilities(layer: keras.Layer) -> bool:
    if isinstance(layer, keras.layers.Softmax):
        return True
    return activation_of(layer) in _TO_PROBABILITIES


def activation_of(layer: keras.Layer) -> str:
    """Return the name of the activation within a layer, ``linear`` where it has none."""
    return getattr(getattr(layer, "activation", None), "__name__", "linear")
