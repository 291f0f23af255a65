"""Our own layer classes: importing this registers them with Keras, so that saved networks can be loaded."""

from cnnlab.architectures.keras_layers.frozen_batch_norm import FrozenBatchNormalization
from cnnlab.architectures.keras_layers.imagenet_preprocessing import ImageNetPreprocessing
from cnnlab.architectures.keras_layers.local_response import LocalResponseNormalization

__all__ = ["FrozenBatchNormalization", "ImageNetPreprocessing", "LocalResponseNormalization"]
