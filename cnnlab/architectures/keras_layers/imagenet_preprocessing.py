"""What the ImageNet networks of ``keras.applications`` want their images turned into."""

import keras


@keras.saving.register_keras_serializable(package="cnnlab")
class ImageNetPreprocessing(keras.layers.Layer):
    """Turn images in [0, 1] into what a base network was trained with; ``mode`` as in Keras.

    ``"tf"`` scales to [-1, 1]; ``"caffe"`` gives blue, green, red from 0 to 255 less ImageNet's mean.
    """

    pointwise = True
    """A unit depends on one position of its input."""

    def __init__(self, mode: str, **options: object):
        super().__init__(**options)
        self.mode = mode

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Scale images ``(N, H, W, 3)``."""
        return keras.applications.imagenet_utils.preprocess_input(inputs * 255.0, mode=self.mode)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Return the shape unchanged."""
        return input_shape

    def get_config(self) -> dict:
        """Return the mode, so that a saved model can be loaded."""
        return super().get_config() | {"mode": self.mode}
