"""Our own layer classes: importing this registers them with Keras, so that saved networks can be loaded."""

from cnnlab.architectures.frozen_batch_norm import FrozenBatchNormalization
from cnnlab.architectures.imagenet_preprocessing import ImageNetPreprocessing
from cnnlab.architectures.local_response import LocalResponseNormalization

__all__ = ["FrozenBatchNormalization", "ImageNetPreprocessing", "LocalResponseNormalization"]
