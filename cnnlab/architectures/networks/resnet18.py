"""ResNet-18 for small pictures (He et al., 2015, arXiv:1512.03385, table 1 and figure 2).

    conv1     32 x 32   64 filters 3x3
    stage 1   32 x 32   2 blocks of two 3x3, 64 filters
    stage 2   16 x 16   2 blocks of two 3x3, 128 filters
    stage 3    8 x 8    2 blocks of two 3x3, 256 filters
    stage 4    4 x 4    2 blocks of two 3x3, 512 filters
    average over all positions, classes

Differences from the paper: a 3x3 stem of stride 1 without pooling instead of 7x7 stride 2 and a pool (the
paper's own choice for CIFAR-10), and a little L2 on the last layer.
"""

from __future__ import annotations

from cnnlab.architectures.deferred import keras, layers
from cnnlab.architectures.registry import Reference, Shape, register


@register(
    title="ResNet-18",
    year=2015,
    paper="https://arxiv.org/abs/1512.03385",
    summary="Residual connections let gradients pass, so that deeper networks train.",
    min_size=1,
    reference=Reference(
        (32, 32, 3), 10, total_params=11_183_562, trainable_params=11_173_962, receptive_field=109
    ),
)
def resnet18(input_shape: Shape, num_classes: int) -> keras.Model:
    """A 3×3 stem and four stages of two residual blocks."""
    image = keras.Input(input_shape, name="image")
    x = _conv(image, 64, 3, 1, "conv1")
    x = layers.ReLU(name="conv1_relu")(x)
    for stage, filters in enumerate((64, 128, 256, 512), start=1):
        x = _block(x, filters, 1 if stage == 1 else 2, f"stage{stage}_block1")
        x = _block(x, filters, 1, f"stage{stage}_block2")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(num_classes, activation="softmax", kernel_regularizer="l2", name="output")(x)
    return keras.Model(image, x, name="resnet18")


def _block(x: keras.KerasTensor, filters: int, stride: int, name: str) -> keras.KerasTensor:
    shortcut = x if stride == 1 else _conv(x, filters, 1, stride, f"{name}_shortcut")
    x = _conv(x, filters, 3, stride, f"{name}_conv1")
    x = layers.ReLU(name=f"{name}_relu1")(x)
    x = _conv(x, filters, 3, 1, f"{name}_conv2")
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.ReLU(name=f"{name}_relu2")(x)


def _conv(x: keras.KerasTensor, filters: int, kernel: int, stride: int, name: str) -> keras.KerasTensor:
    x = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False, name=name)(x)
    return layers.BatchNormalization(name=f"{name}_norm")(x)
