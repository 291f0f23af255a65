"""VGG-16 for small pictures (after Simonyan and Zisserman, 2014, arXiv:1409.1556, configuration D).

    conv1_1, conv1_2             32 x 32    64 filters 3x3    pool1   16 x 16
    conv2_1, conv2_2             16 x 16   128 filters 3x3    pool2    8 x 8
    conv3_1, conv3_2, conv3_3     8 x 8    256 filters 3x3    pool3    4 x 4
    conv4_1, conv4_2, conv4_3     4 x 4    512 filters 3x3    pool4    2 x 2
    conv5_1, conv5_2, conv5_3     2 x 2    512 filters 3x3    pool5    1 x 1
    512, 512, classes

Differences from the paper: batch norm behind each convolution, dropout 0.2 behind each pool and dense layer,
dense layers of 512 instead of 4096, "same" padding in the pools.
"""

from __future__ import annotations

from cnnlab.architectures.deferred import keras, layers
from cnnlab.architectures.registry import Reference, Shape, register


@register(
    title="VGG-16 for small images",
    year=2014,
    paper="https://arxiv.org/abs/1409.1556",
    summary="Configuration D with batch norm and dropout, for 32 pixels.",
    min_size=1,
    reference=Reference(
        (32, 32, 3), 10, total_params=15_262_026, trainable_params=15_253_578, receptive_field=212
    ),
)
def vgg16_cifar(input_shape: Shape, num_classes: int) -> keras.Model:
    """Five blocks of normalised 3×3 convolutions and three dense layers."""
    x = image = keras.Input(input_shape, name="image")
    for block, (filters, depth) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), start=1):
        for n in range(1, depth + 1):
            x = layers.Conv2D(filters, 3, padding="same", name=f"conv{block}_{n}")(x)
            x = layers.BatchNormalization(name=f"norm{block}_{n}")(x)
            x = layers.ReLU(name=f"relu{block}_{n}")(x)
        x = layers.MaxPooling2D(2, padding="same", name=f"pool{block}")(x)
        x = layers.Dropout(0.2, name=f"drop{block}")(x)
    x = layers.Flatten(name="flatten")(x)
    for block in (6, 7):
        x = layers.Dense(512, activation="relu", name=f"fc{block}")(x)
        x = layers.Dropout(0.2, name=f"drop{block}")(x)
    x = layers.Dense(num_classes, activation="softmax", name="output")(x)
    return keras.Model(image, x, name="vgg16_cifar")
