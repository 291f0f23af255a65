"""Cross-entropy with softened truth, for labels that are class numbers."""

import keras


@keras.saving.register_keras_serializable(package="cnnlab")
class SmoothedCrossentropy(keras.losses.Loss):
    """Cross-entropy of class numbers ``(B,)`` against probabilities ``(B, C)``, the truth softened.

    The true class gets ``1 - s + s / C``, each other one ``s / C`` (Szegedy et al. 2016, arXiv:1512.00567,
    section 7): the network is not pushed towards certainty. Keras offers this for one-hot labels only.
    """

    def __init__(self, label_smoothing: float, name: str = "smoothed_crossentropy", **options: object):
        super().__init__(name=name, **options)
        self.label_smoothing = label_smoothing

    def call(self, y_true: keras.KerasTensor, y_pred: keras.KerasTensor) -> keras.KerasTensor:
        """Return the loss of each image ``(B,)``."""
        classes = y_pred.shape[-1]
        truth = keras.ops.one_hot(keras.ops.cast(y_true, "int32"), classes, dtype=y_pred.dtype)
        smoothing = self.label_smoothing
        return keras.losses.categorical_crossentropy(truth, y_pred, label_smoothing=smoothing)

    def get_config(self) -> dict:
        """Return the smoothing, so that a saved run goes on with it."""
        return super().get_config() | {"label_smoothing": self.label_smoothing}
