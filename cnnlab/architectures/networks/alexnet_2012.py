"""AlexNet as published (Krizhevsky, Sutskever, Hinton, NIPS 2012, section 3.5 and figure 2).

    conv1   55 x 55   96 filters 11x11 stride 4, response norm              pool1   27 x 27   3x3 stride 2
    conv2   27 x 27   256 filters 5x5 in two groups, response norm          pool2   13 x 13   3x3 stride 2
    conv3   13 x 13   384 filters 3x3, sees both groups
    conv4   13 x 13   384 filters 3x3 in two groups
    conv5   13 x 13   256 filters 3x3 in two groups                         pool5    6 x 6    3x3 stride 2
    4096, 4096, classes, ReLU everywhere, dropout 0.5 in the dense layers

The groups are the paper's two GPUs: conv2, conv4 and conv5 see only the half on their own GPU.

Differences from the paper: pictures of 227 pixels, because its 224 do not give 55 (see ``alexnet``); Keras's
initial weights instead of the paper's.
"""

from __future__ import annotations

from cnnlab.architectures.deferred import keras, layers, own_layers
from cnnlab.architectures.registry import Reference, Shape, register


@register(
    title="AlexNet",
    year=2012,
    paper="https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
    summary="The network that won ImageNet in 2012, on two GPUs: groups, response norm and all.",
    min_size=67,
    reference=Reference(
        (227, 227, 3), 1000, total_params=60_965_224, trainable_params=60_965_224, receptive_field=195
    ),
    notes={
        "conv1": "The paper says 224 pixels, but they give ⌊(224 − 11)/4⌋ + 1 = 54 and not its 55; "
        "227 pixels do: ⌊(227 − 11)/4⌋ + 1 = 55."
    },
)
def alexnet_2012(input_shape: Shape, num_classes: int) -> keras.Model:
    """Five convolutions, three of them in two groups, and three dense layers."""
    x = image = keras.Input(input_shape, name="image")
    x = layers.Conv2D(96, 11, strides=4, activation="relu", name="conv1")(x)
    x = own_layers.LocalResponseNormalization(name="norm1")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    x = layers.Conv2D(256, 5, padding="same", groups=2, activation="relu", name="conv2")(x)
    x = own_layers.LocalResponseNormalization(name="norm2")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool2")(x)
    for block, filters, groups in ((3, 384, 1), (4, 384, 2), (5, 256, 2)):
        x = layers.Conv2D(filters, 3, padding="same", groups=groups, activation="relu", name=f"conv{block}")(
            x
        )
    x = layers.MaxPooling2D(3, strides=2, name="pool5")(x)
    x = layers.Flatten(name="flatten")(x)
    for block in (6, 7):
        x = layers.Dense(4096, activation="relu", name=f"fc{block}")(x)
        x = layers.Dropout(0.5, name=f"drop{block}")(x)
    x = layers.Dense(num_classes, activation="softmax", name="output")(x)
    return keras.Model(image, x, name="alexnet_2012")
