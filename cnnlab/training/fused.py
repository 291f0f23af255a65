"""Batch norm and Adam in one pass over memory each, where Keras makes a dozen.

On a CPU a small network spends more time on these passes than on its convolutions. TensorFlow has both as one
operation with the same formulas, so the same is learned, but for the rounding of the last bits. Layers,
optimizer, their variables and what is saved of them stay Keras's own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import MethodType

import keras
import tensorflow as tf

from cnnlab.keras_internals import all_layers


@contextmanager
def fused(model: keras.Model) -> Iterator[None]:
    """Let what is compiled in the block compute this model's batch norms and Adam in one operation each.

    Several devices are left alone, and GPUs: there XLA fuses what Keras says.
    """
    changed: list[tuple[object, str]] = []
    if model.distribute_strategy.num_replicas_in_sync == 1 and not tf.config.list_logical_devices("GPU"):
        for layer in filter(_is_usual, all_layers(model)):
            layer.call = MethodType(_normalise, layer)
            changed.append((layer, "call"))
        adam = type(model.optimizer) in (keras.optimizers.Adam, keras.optimizers.AdamW)
        if adam and not model.optimizer.amsgrad:
            model.optimizer.update_step = MethodType(_adam, model.optimizer)
            changed.append((model.optimizer, "update_step"))
    try:
        yield
    finally:
        for owner, name in changed:
            delattr(owner, name)


def _is_usual(layer: keras.Layer) -> bool:
    """Whether a layer is a batch norm over the channels of images, in float32 and with all its weights."""
    return (
        isinstance(layer, keras.layers.BatchNormalization)
        and type(layer).call is keras.layers.BatchNormalization.call
        and layer.input_spec.ndim == 4
        and layer.axis in (-1, 3)
        and layer.scale
        and layer.center
        and layer.compute_dtype == "float32"
        and not (layer.renorm or layer.synchronized)
    )


def _normalise(
    self: keras.layers.BatchNormalization,
    inputs: tf.Tensor,
    training: bool | None = None,
    mask: tf.Tensor | None = None,
) -> tf.Tensor:
    """Do what ``BatchNormalization.call`` does with ``(B, H, W, C)``."""
    if not (training and self.trainable) or mask is not None:
        return type(self).call(self, inputs, training=training, mask=mask)
    outputs, mean, unbiased = tf.raw_ops.FusedBatchNormV3(
        x=inputs,
        scale=self.gamma.value,
        offset=self.beta.value,
        mean=tf.constant([], tf.float32),
        variance=tf.constant([], tf.float32),
        epsilon=self.epsilon,
        is_training=True,
    )[:3]
    count = tf.cast(tf.size(inputs) // inputs.shape[-1], tf.float32)
    for average, new in (
        (self.moving_mean, mean),
        (self.moving_variance, unbiased * ((count - 1) / count)),  # Keras takes the batch's own
    ):
        average.assign(average * self.momentum + new * (1.0 - self.momentum))
    return outputs


def _adam(
    self: keras.optimizers.Adam, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor
) -> None:
    """Do what ``Adam.update_step`` does (Kingma & Ba 2015, arXiv:1412.6980, end of section 2)."""
    if isinstance(gradient, tf.IndexedSlices) or variable.dtype != tf.float32:
        type(self).update_step(self, gradient, variable, learning_rate)
        return
    step = tf.cast(self.iterations + 1, tf.float32)
    place = self._get_variable_index(variable)
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=self._momentums[place].value.handle,
        v=self._velocities[place].value.handle,
        beta1_power=tf.pow(self.beta_1, step),
        beta2_power=tf.pow(self.beta_2, step),
        lr=tf.cast(learning_rate, tf.float32),
        beta1=self.beta_1,
        beta2=self.beta_2,
        epsilon=self.epsilon,
        grad=tf.cast(gradient, tf.float32),
        use_locking=True,
    )
