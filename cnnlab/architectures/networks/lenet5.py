"""LeNet-5 as it is taught (LeCun et al., 1998, doi:10.1109/5.726791, figure 2).

    conv1   28 x 28   6 filters 5x5
    pool1   14 x 14   2x2
    conv2   10 x 10   16 filters 5x5
    pool2    5 x 5    2x2
    120, 84, classes

Differences from the paper: sigmoid instead of scaled tanh, max pooling instead of trainable
subsampling, softmax instead of radial basis functions, and conv2 sees all six maps.
"""

from __future__ import annotations

from cnnlab.architectures.deferred import keras, layers
from cnnlab.architectures.registry import Reference, Shape, register


@register(
    title="LeNet-5",
    year=1998,
    paper="https://doi.org/10.1109/5.726791",
    summary="Read postal codes and cheques: the network that set the pattern of convolve, pool, repeat.",
    min_size=16,
    reference=Reference((32, 32, 3), 10, total_params=62_006, trainable_params=62_006, receptive_field=16),
)
def lenet5(input_shape: Shape, num_classes: int) -> keras.Model:
    """Two convolutions, each with a pool, then three dense layers."""
    x = image = keras.Input(input_shape, name="image")
    for block, filters in enumerate((6, 16), start=1):
        x = layers.Conv2D(filters, 5, activation="sigmoid", name=f"conv{block}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{block}")(x)
    x = layers.Flatten(name="flatten")(x)
    for name, units in (("fc3", 120), ("fc4", 84)):
        x = layers.Dense(units, activation="sigmoid", name=name)(x)
    x = layers.Dense(num_classes, activation="softmax", name="output")(x)
    return keras.Model(image, x, name="lenet5")
