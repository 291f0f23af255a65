"""Transfer from VGG-16: its convolutions know ImageNet already, only the last layer learns (arXiv:1409.1556).

    preprocess             224 x 224   blue, green, red less ImageNet's mean
    block1 to block5_pool    7 x 7     512 maps, frozen
    largest over all positions, dropout 0.5, classes

Differences from the paper: the dense layers are replaced by one; its ImageNet weights come from Keras.
"""

from __future__ import annotations

from cnnlab.architectures.deferred import keras, layers
from cnnlab.architectures.imagenet import SERVER, Weights, freeze, load_base, prepared
from cnnlab.architectures.registry import PretrainedBase, Reference, Shape, register
from cnnlab.remote import RemoteFile

NAME = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
BASE = PretrainedBase(
    "VGG16",
    RemoteFile(
        NAME, f"{SERVER}/vgg16/{NAME}", sha256="", megabytes=58.9, md5="6d6bbae143d832006294945121d1f1fc"
    ),
)
BLOCKS = [f"block{n}_conv1" for n in range(1, 6)]


@register(
    title="VGG-16, pretrained",
    year=2014,
    paper="https://arxiv.org/abs/1409.1556",
    summary="A network that was trained on a million images learns your classes in minutes.",
    min_size=32,
    reference=Reference(
        (224, 224, 3), 3, total_params=14_716_227, trainable_params=1_539, receptive_field=212
    ),
    base=BASE,
    notes={
        "unfreeze_blocks": "How many of the base's 5 blocks, counted from its end, learn too "
        "(a block is two or three convolutions); the others keep what ImageNet taught them.",
        "base_weights": "imagenet: the base begins with what it learned from more than a million "
        "photographs. untrained: it begins at random, to see what that knowledge is worth.",
    },
)
def vgg16_transfer(
    input_shape: Shape, num_classes: int, *, base_weights: Weights = "imagenet", unfreeze_blocks: int = 0
) -> keras.Model:
    """A frozen base and one dense layer; ``unfreeze_blocks`` lets the last of 5 blocks learn too."""
    image = keras.Input(input_shape, name="image")
    base = load_base(BASE, prepared(image, "caffe"), base_weights)
    freeze(base, BLOCKS, unfreeze_blocks)
    x = layers.GlobalMaxPooling2D(name="pool")(base.output)
    x = layers.Dropout(0.5, name="drop")(x)
    x = layers.Dense(num_classes, activation="softmax", name="output")(x)
    return keras.Model(image, x, name="vgg16_transfer")
