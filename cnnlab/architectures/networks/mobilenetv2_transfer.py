"""Transfer from MobileNetV2, the base for a laptop (Sandler et al., 2018, arXiv:1801.04381, table 2).

    preprocess           224 x 224   scaled to [-1, 1]
    Conv1                112 x 112   32 filters 3x3 stride 2
    expanded_conv and 16 inverted residual blocks: expand 1x1, depthwise 3x3, project 1x1
    Conv_1                 7 x 7     1280 filters 1x1, all frozen
    average over all positions, dropout 0.2, classes

Differences from the paper: only the last layer is new; its ImageNet weights come from Keras.
"""

from __future__ import annotations

from cnnlab.architectures.deferred import keras, layers
from cnnlab.architectures.imagenet import HDF5, SERVER, Weights, freeze, load_base, prepared
from cnnlab.architectures.registry import PretrainedBase, Reference, Shape, register
from cnnlab.remote import RemoteFile

NAME = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"
BASE = PretrainedBase(
    "MobileNetV2",
    RemoteFile(NAME, f"{SERVER}/mobilenet_v2/{NAME}", sha256="", megabytes=9.4, begins=HDF5),
)
BLOCKS = ["Conv1", "expanded_conv_depthwise", *(f"block_{n}_expand" for n in range(1, 17)), "Conv_1"]


@register(
    title="MobileNetV2, pretrained",
    year=2018,
    paper="https://arxiv.org/abs/1801.04381",
    summary="The light base for a laptop: a sixth of VGG-16's parameters, a fiftieth of its work.",
    min_size=32,
    reference=Reference(
        (224, 224, 3), 3, total_params=2_261_827, trainable_params=3_843, receptive_field=491
    ),
    base=BASE,
    notes={
        "unfreeze_blocks": "How many of the base's 19 blocks, counted from its end, learn too "
        "(a block is an inverted residual, or the first or last convolution); "
        "the others keep what ImageNet taught them.",
        "base_weights": "imagenet: the base begins with what it learned from more than a million "
        "photographs. untrained: it begins at random, to see what that knowledge is worth.",
    },
)
def mobilenetv2_transfer(
    input_shape: Shape, num_classes: int, *, base_weights: Weights = "imagenet", unfreeze_blocks: int = 0
) -> keras.Model:
    """A frozen base and one dense layer; ``unfreeze_blocks`` lets the last of 19 blocks learn too."""
    image = keras.Input(input_shape, name="image")
    base = load_base(BASE, prepared(image, "tf"), base_weights)
    freeze(base, BLOCKS, unfreeze_blocks)
    x = layers.GlobalAveragePooling2D(name="pool")(base.output)
    x = layers.Dropout(0.2, name="drop")(x)
    x = layers.Dense(num_classes, activation="softmax", name="output")(x)
    return keras.Model(image, x, name="mobilenetv2_transfer")
