"""A small Inception network (after Szegedy et al., 2014, arXiv:1409.4842, figure 2b).

    conv1          32 x 32   16 filters 3x3
    block1, 1      16 x 16   Inception unit of 4 x 16 filters, stride 2
    block1, 2      16 x 16   Inception unit of 4 x 16 filters
    block2, 1       8 x 8    Inception unit of 4 x 32 filters, stride 2
    block2, 2       8 x 8    Inception unit of 4 x 32 filters
    average over all positions, classes

    a unit joins   1x1 | 1x1, 3x3 | 1x1, 5x5 | max pool 3x3, 1x1    each convolution with batch norm and ReLU

Differences from the paper: four units instead of nine, the same number of filters in each branch, batch norm,
no side outputs. Courses publish it with batch norm forced to inference mode, so that its moving statistics
never move: ``batch_norm="frozen"`` does that, to see what it costs.
"""

from __future__ import annotations

from typing import Literal

from cnnlab.architectures.deferred import keras, layers, own_layers
from cnnlab.architectures.registry import Reference, Shape, register

BatchNorm = Literal["learning", "frozen"]


@register(
    title="Inception with 10 layers",
    year=2014,
    paper="https://arxiv.org/abs/1409.4842",
    summary="Several kernel sizes side by side, concatenated: the network picks what it needs.",
    min_size=1,
    reference=Reference((32, 32, 3), 10, total_params=121_418, trainable_params=120_234, receptive_field=51),
    notes={
        "batch_norm": "Courses publish this network with batch norm forced to inference mode (frozen): "
        "its moving mean and variance stay at 0 and 1, so that it never normalises anything. "
        "Train both to see what it costs."
    },
)
def inception10(input_shape: Shape, num_classes: int, *, batch_norm: BatchNorm = "learning") -> keras.Model:
    """A stem, two blocks of two Inception units, and one dense layer."""
    norm = layers.BatchNormalization if batch_norm == "learning" else own_layers.FrozenBatchNormalization

    def conv(x: keras.KerasTensor, filters: int, kernel: int, stride: int, name: str) -> keras.KerasTensor:
        x = layers.Conv2D(filters, kernel, stride, padding="same", name=name)(x)
        x = norm(name=f"{name}_norm")(x)
        return layers.ReLU(name=f"{name}_relu")(x)

    def unit(x: keras.KerasTensor, filters: int, stride: int, name: str) -> keras.KerasTensor:
        one = conv(x, filters, 1, stride, f"{name}_1x1")
        three = conv(x, filters, 1, stride, f"{name}_3x3_reduce")
        three = conv(three, filters, 3, 1, f"{name}_3x3")
        five = conv(x, filters, 1, stride, f"{name}_5x5_reduce")
        five = conv(five, filters, 5, 1, f"{name}_5x5")
        pool = layers.MaxPooling2D(3, strides=1, padding="same", name=f"{name}_pool")(x)
        pool = conv(pool, filters, 1, stride, f"{name}_pool_proj")
        return layers.Concatenate(name=f"{name}_join")([one, three, five, pool])

    image = keras.Input(input_shape, name="image")
    x = conv(image, 16, 3, 1, "conv1")
    for block, filters in ((1, 16), (2, 32)):
        x = unit(x, filters, 2, f"block{block}_unit1")
        x = unit(x, filters, 1, f"block{block}_unit2")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(num_classes, activation="softmax", name="output")(x)
    return keras.Model(image, x, name="inception10")
