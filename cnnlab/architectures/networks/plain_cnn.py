"""Five convolutions with batch norm (Ioffe and Szegedy, 2015, arXiv:1502.03167) and global average pooling.

    conv1           32 x 32    32 filters 3x3
    conv2           16 x 16    64 filters 3x3
    conv3            8 x 8    128 filters 3x3
    conv4            4 x 4    128 filters 3x3
    conv5            2 x 2    256 filters 3x3
    average over all positions, dropout 0.3, classes

    behind each convolution batch norm and ReLU, behind all but the last one a max pool 2x2

Differences from the paper: that one puts batch norm into an Inception network, here it is in a plain one.
3x3 kernels are VGG's (Simonyan and Zisserman, 2014, arXiv:1409.1556), the average over all positions is that
of Lin et al. (2013, arXiv:1312.4400). Batch norm makes the bias of a convolution superfluous.
"""

from __future__ import annotations

from cnnlab.architectures.deferred import keras, layers
from cnnlab.architectures.registry import Reference, Shape, register

FILTERS = (32, 64, 128, 128, 256)


@register(
    title="Plain CNN",
    year=2015,
    paper="https://arxiv.org/abs/1502.03167",
    summary="Five convolutions with batch norm, and nothing else: a network to write by yourself.",
    min_size=16,
    reference=Reference((32, 32, 3), 10, total_params=540_394, trainable_params=539_178, receptive_field=78),
)
def plain_cnn(input_shape: Shape, num_classes: int) -> keras.Model:
    """Five times convolution, batch norm and ReLU, pooled in between, and one dense layer."""
    x = image = keras.Input(input_shape, name="image")
    for number, filters in enumerate(FILTERS, 1):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"conv{number}")(x)
        x = layers.BatchNormalization(name=f"conv{number}_norm")(x)
        x = layers.ReLU(name=f"conv{number}_relu")(x)
        if number < len(FILTERS):
            x = layers.MaxPooling2D(2, name=f"pool{number}")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dropout(0.3, name="dropout")(x)
    x = layers.Dense(num_classes, activation="softmax", name="output")(x)
    return keras.Model(image, x, name="plain_cnn")
