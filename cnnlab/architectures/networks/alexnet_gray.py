"""AlexNet for gray cats and dogs, as a course teaches it (after Krizhevsky et al., 2012).

    conv1   56 x 56   96 filters 11x11 stride 4      pool1   28 x 28   3x3 stride 2, batch norm
    conv2   28 x 28   256 filters 5x5                pool2   14 x 14   3x3 stride 2, batch norm
    conv3   14 x 14   384 filters 3x3
    conv4   14 x 14   384 filters 3x3
    conv5   14 x 14   256 filters 3x3                pool5    7 x 7    3x3 stride 2
    4096, 4096, classes, with dropout 0.5

Differences from the paper: gray pictures, "same" padding everywhere, LeakyReLU (slope 0.3 below zero, Keras's
default) instead of ReLU, batch norm behind the pools instead of local response normalisation, one tower.
"""

from __future__ import annotations

from cnnlab.architectures.deferred import keras, layers
from cnnlab.architectures.registry import Reference, Shape, register


@register(
    title="AlexNet for grayscale images",
    year=2012,
    paper="https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
    summary="AlexNet with LeakyReLU and batch norm, for gray cats and dogs.",
    min_size=1,
    reference=Reference(
        (224, 224, 1), 2, total_params=71_899_202, trainable_params=71_898_498, receptive_field=195
    ),
)
def alexnet_gray(input_shape: Shape, num_classes: int) -> keras.Model:
    """Five convolutions and three dense layers, each with LeakyReLU."""
    x = image = keras.Input(input_shape, name="image")
    for block, filters, kernel, stride in ((1, 96, 11, 4), (2, 256, 5, 1)):
        x = layers.Conv2D(filters, kernel, stride, padding="same", name=f"conv{block}")(x)
        x = layers.LeakyReLU(name=f"relu{block}")(x)
        x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"pool{block}")(x)
        x = layers.BatchNormalization(name=f"norm{block}")(x)
    for block, filters in ((3, 384), (4, 384), (5, 256)):
        x = layers.Conv2D(filters, 3, padding="same", name=f"conv{block}")(x)
        x = layers.LeakyReLU(name=f"relu{block}")(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="pool5")(x)
    x = layers.Flatten(name="flatten")(x)
    for block in (6, 7):
        x = layers.Dense(4096, name=f"fc{block}")(x)
        x = layers.LeakyReLU(name=f"relu{block}")(x)
        x = layers.Dropout(0.5, name=f"drop{block}")(x)
    x = layers.Dense(num_classes, activation="softmax", name="output")(x)
    return keras.Model(image, x, name="alexnet_gray")
