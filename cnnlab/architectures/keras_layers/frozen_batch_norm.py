"""Batch norm that never normalises with its batch, which Keras's ``fit`` cannot be told."""

import keras
from keras import layers


@keras.saving.register_keras_serializable(package="cnnlab")
class FrozenBatchNormalization(layers.BatchNormalization):
    """Batch norm in inference mode, always: in Keras 3.15 ``fit`` overrules ``layer(x, training=False)``."""

    def call(self, inputs: keras.KerasTensor, training: bool | None = None) -> keras.KerasTensor:
        """Normalise with the moving statistics, which stay at mean 0 and variance 1."""
        return super().call(inputs, training=False)
