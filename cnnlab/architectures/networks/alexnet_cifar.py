"""AlexNet at full size on 32 pixels (after Krizhevsky et al., 2012): nothing is made smaller but the picture.

    conv1    8 x 8    96 filters 11x11 stride 4      pool1    4 x 4    3x3 stride 2
    conv2    4 x 4    256 filters 5x5                pool2    2 x 2    3x3 stride 2
    conv3    2 x 2    384 filters 3x3
    conv4    2 x 2    384 filters 3x3
    conv5    2 x 2    256 filters 3x3                pool5    1 x 1    3x3 stride 2
    4096, 4096, classes, with dropout 0.5

Differences from the paper: 32 pixels with "same" padding everywhere, one tower, no local response
normalisation. Most of what the later layers look at is padding.
"""

from __future__ import annotations

from cnnlab.architectures.deferred import keras, layers
from cnnlab.architectures.registry import Reference, Shape, register


@register(
    title="AlexNet on CIFAR-10",
    year=2012,
    paper="https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
    summary="The 11×11 kernels of AlexNet on 32 pixels: 21 million parameters that look mostly at padding.",
    min_size=1,
    reference=Reference(
        (32, 32, 3), 10, total_params=21_622_154, trainable_params=21_622_154, receptive_field=195
    ),
)
def alexnet_cifar(input_shape: Shape, num_classes: int) -> keras.Model:
    """Five convolutions and three dense layers, padded so that any image fits."""
    x = image = keras.Input(input_shape, name="image")
    for block, filters, kernel, stride in ((1, 96, 11, 4), (2, 256, 5, 1)):
        x = layers.Conv2D(filters, kernel, stride, padding="same", activation="relu", name=f"conv{block}")(x)
        x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"pool{block}")(x)
    for block, filters in ((3, 384), (4, 384), (5, 256)):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"conv{block}")(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="pool5")(x)
    x = layers.Flatten(name="flatten")(x)
    for block in (6, 7):
        x = layers.Dense(4096, activation="relu", name=f"fc{block}")(x)
        x = layers.Dropout(0.5, name=f"drop{block}")(x)
    x = layers.Dense(num_classes, activation="softmax", name="output")(x)
    return keras.Model(image, x, name="alexnet_cifar")
