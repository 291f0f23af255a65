"""AlexNet in one tower, as most people build it today (after Krizhevsky et al., 2012).

    pad     228 x 228
    conv1   55 x 55   96 filters 11x11 stride 4      pool1   27 x 27   3x3 stride 2
    conv2   27 x 27   256 filters 5x5                pool2   13 x 13   3x3 stride 2
    conv3   13 x 13   384 filters 3x3
    conv4   13 x 13   384 filters 3x3
    conv5   13 x 13   256 filters 3x3                pool5    6 x 6    3x3 stride 2
    4096, 4096, classes, with dropout 0.5

A trap in the usual telling: 224 pixels, 11x11, stride 4 and no padding give floor((224 - 11) / 4) + 1 = 54,
not the famous 55. It takes a padding of 2, floor((224 + 4 - 11) / 4) + 1 = 55, or a picture of 227 pixels.

Differences from the paper: one tower without groups, no local response normalisation, padding of 2.
"""

from __future__ import annotations

from cnnlab.architectures.deferred import keras, layers
from cnnlab.architectures.registry import Reference, Shape, register


@register(
    title="AlexNet in one tower",
    year=2012,
    paper="https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
    summary="AlexNet without its two halves: 224 pixels padded by 2, so that conv1 makes the famous 55×55.",
    min_size=63,
    reference=Reference(
        (224, 224, 3), 2, total_params=58_289_538, trainable_params=58_289_538, receptive_field=195
    ),
    notes={
        "conv1": "A trap in the usual telling: 224 pixels, 11×11, stride 4 and no padding give "
        "⌊(224 − 11)/4⌋ + 1 = 54, not the famous 55. It takes a padding of 2, "
        "⌊(224 + 2 + 2 − 11)/4⌋ + 1 = 55, or an image of 227 pixels, ⌊(227 − 11)/4⌋ + 1 = 55."
    },
)
def alexnet(input_shape: Shape, num_classes: int) -> keras.Model:
    """Five convolutions and three dense layers."""
    x = image = keras.Input(input_shape, name="image")
    x = layers.ZeroPadding2D(2, name="pad")(x)
    x = layers.Conv2D(96, 11, strides=4, activation="relu", name="conv1")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    x = layers.Conv2D(256, 5, padding="same", activation="relu", name="conv2")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool2")(x)
    for block, filters in ((3, 384), (4, 384), (5, 256)):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"conv{block}")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool5")(x)
    x = layers.Flatten(name="flatten")(x)
    for block in (6, 7):
        x = layers.Dense(4096, activation="relu", name=f"fc{block}")(x)
        x = layers.Dropout(0.5, name=f"drop{block}")(x)
    x = layers.Dense(num_classes, activation="softmax", name="output")(x)
    return keras.Model(image, x, name="alexnet")
