"""AlexNet cut down to 32 pixels, as courses train it on CIFAR-10 (after Krizhevsky et al., 2012).

    conv1   30 x 30   96 filters 3x3, batch norm      pool1   14 x 14   3x3 stride 2
    conv2   12 x 12   256 filters 3x3, batch norm     pool2    5 x 5    3x3 stride 2
    conv3    5 x 5    384 filters 3x3
    conv4    5 x 5    384 filters 3x3
    conv5    5 x 5    256 filters 3x3                 pool5    2 x 2    3x3 stride 2
    2048, 2048, classes, with dropout 0.5

Differences from the paper: 3x3 kernels instead of 11x11 and 5x5, batch norm instead of local response
normalisation, one tower, dense layers of half the width.
"""

from __future__ import annotations

from cnnlab.architectures.deferred import keras, layers
from cnnlab.architectures.registry import Reference, Shape, register


@register(
    title="AlexNet for small images",
    year=2012,
    paper="https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
    summary="Five convolutions and three dense layers of AlexNet, with stems small enough for 32 pixels.",
    min_size=21,
    reference=Reference(
        (32, 32, 3), 10, total_params=9_639_178, trainable_params=9_638_474, receptive_field=45
    ),
)
def alexnet8(input_shape: Shape, num_classes: int) -> keras.Model:
    """Two normalised stems, three convolutions, two wide dense layers."""
    x = image = keras.Input(input_shape, name="image")
    for block, filters in ((1, 96), (2, 256)):
        x = layers.Conv2D(filters, 3, name=f"conv{block}")(x)
        x = layers.BatchNormalization(name=f"norm{block}")(x)
        x = layers.ReLU(name=f"relu{block}")(x)
        x = layers.MaxPooling2D(3, strides=2, name=f"pool{block}")(x)
    for block, filters in ((3, 384), (4, 384), (5, 256)):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"conv{block}")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool5")(x)
    x = layers.Flatten(name="flatten")(x)
    for block in (6, 7):
        x = layers.Dense(2048, activation="relu", name=f"fc{block}")(x)
        x = layers.Dropout(0.5, name=f"drop{block}")(x)
    x = layers.Dense(num_classes, activation="softmax", name="output")(x)
    return keras.Model(image, x, name="alexnet8")
