"""VGG-16, configuration D (Simonyan and Zisserman, 2014, arXiv:1409.1556, table 1).

    conv1_1, conv1_2             224 x 224    64 filters 3x3    pool1   112 x 112
    conv2_1, conv2_2             112 x 112   128 filters 3x3    pool2    56 x 56
    conv3_1, conv3_2, conv3_3     56 x 56    256 filters 3x3    pool3    28 x 28
    conv4_1, conv4_2, conv4_3     28 x 28    512 filters 3x3    pool4    14 x 14
    conv5_1, conv5_2, conv5_3     14 x 14    512 filters 3x3    pool5     7 x 7
    4096, 4096, classes, with dropout 0.5

Differences from the paper: Keras's initial weights; the paper started from a shallower, trained network.
"""

from __future__ import annotations

from cnnlab.architectures.deferred import keras, layers
from cnnlab.architectures.registry import Reference, Shape, register


@register(
    title="VGG-16",
    year=2014,
    paper="https://arxiv.org/abs/1409.1556",
    summary="Nothing but 3×3 convolutions, thirteen of them: depth instead of large kernels.",
    min_size=32,
    reference=Reference(
        (224, 224, 3), 1000, total_params=138_357_544, trainable_params=138_357_544, receptive_field=212
    ),
)
def vgg16(input_shape: Shape, num_classes: int) -> keras.Model:
    """Five blocks of 3×3 convolutions and three dense layers."""
    x = image = keras.Input(input_shape, name="image")
    for block, (filters, depth) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), start=1):
        for n in range(1, depth + 1):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"conv{block}_{n}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{block}")(x)
    x = layers.Flatten(name="flatten")(x)
    for block in (6, 7):
        x = layers.Dense(4096, activation="relu", name=f"fc{block}")(x)
        x = layers.Dropout(0.5, name=f"drop{block}")(x)
    x = layers.Dense(num_classes, activation="softmax", name="output")(x)
    return keras.Model(image, x, name="vgg16")
