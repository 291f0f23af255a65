"""The smallest network worth training: one CBAPD block and one hidden layer.

    conv1   32 x 32   6 filters 5x5, batch norm, ReLU
    pool1   16 x 16   2x2, dropout 0.2
    128, dropout 0.2, classes

CBAPD is the usual order of a block: convolution, batch norm, activation, pooling, dropout.

Differences from the paper: there is none; it is the first network of a course, to be beaten by the others.
"""

from __future__ import annotations

from cnnlab.architectures.deferred import keras, layers
from cnnlab.architectures.registry import Reference, Shape, register


@register(
    title="Baseline",
    year=2020,
    paper="https://www.cnblogs.com/mllt/p/jjsjwl.html",
    summary="One convolution block and one hidden layer: what every other network has to beat.",
    min_size=1,
    reference=Reference((32, 32, 3), 10, total_params=198_506, trainable_params=198_494, receptive_field=6),
)
def baseline(input_shape: Shape, num_classes: int) -> keras.Model:
    """Convolution, batch norm, activation, pooling, dropout, then two dense layers."""
    x = image = keras.Input(input_shape, name="image")
    x = layers.Conv2D(6, 5, padding="same", name="conv1")(x)
    x = layers.BatchNormalization(name="norm1")(x)
    x = layers.ReLU(name="relu1")(x)
    x = layers.MaxPooling2D(2, padding="same", name="pool1")(x)
    x = layers.Dropout(0.2, name="drop1")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(128, activation="relu", name="fc2")(x)
    x = layers.Dropout(0.2, name="drop2")(x)
    x = layers.Dense(num_classes, activation="softmax", name="output")(x)
    return keras.Model(image, x, name="baseline")
