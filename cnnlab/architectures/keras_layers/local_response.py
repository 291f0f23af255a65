"""Local response normalisation, which Keras has no layer for."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="cnnlab")
class LocalResponseNormalization(keras.layers.Layer):
    """Divide each value by ``(k + α·Σ a²) ** β``, summed over ``size`` neighbouring channels at its position.

    The paper's constants are k = 2, n = 5, α = 1e-4, β = 0.75. ``tf.nn.local_response_normalization`` sums
    without dividing by n, so its α is the paper's; Caffe and PyTorch divide by n, and need n·α for the same.
    """

    pointwise = True
    """A unit depends on one position of its input."""

    def __init__(
        self, k: float = 2.0, size: int = 5, alpha: float = 1e-4, beta: float = 0.75, **options: object
    ):
        super().__init__(**options)
        self.k, self.size, self.alpha, self.beta = k, size, alpha, beta

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Normalise maps ``(N, H, W, C)``."""
        return tf.nn.local_response_normalization(inputs, self.size // 2, self.k, self.alpha, self.beta)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Return the shape unchanged."""
        return input_shape

    def get_config(self) -> dict:
        """Return the constants, so that a saved model can be loaded."""
        constants = {"k": self.k, "size": self.size, "alpha": self.alpha, "beta": self.beta}
        return super().get_config() | constants
