"""Multiply-accumulates: whole networks worked by hand from their papers' tables, and what others publish."""

import keras

from cnnlab import architectures, inspection
from cnnlab.keras_internals import without_weights
from tests.inspection.test_receptive_published import imagenet_resnet18


def macs(model: keras.Model, *types: str) -> int:
    rows = inspection.layer_table(model)
    return sum(row.macs for row in rows if not types or row.type in types)


def shape_only(name: str) -> keras.Model:
    reference = architectures.get(name).reference
    return inspection.shape_only_model(name, reference.input_shape, reference.num_classes)


def test_vgg16_costs_what_its_table_says():
    """Chen et al., Eyeriss, ISSCC 2016: 15.3 billion in the convolutions; torchvision: 15.47 in all."""
    by_hand, size, channels = 0, 224, 3
    for filters, depth in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(depth):
            by_hand += size**2 * filters * 3 * 3 * channels
            channels = filters
        size //= 2
    assert round(by_hand / 1e9, 1) == 15.3
    assert macs(shape_only("vgg16"), "Conv2D") == by_hand
    by_hand += 7 * 7 * 512 * 4096 + 4096 * 4096 + 4096 * 1000
    assert macs(shape_only("vgg16")) == by_hand == 15_470_264_320


def test_published_alexnet_costs_what_its_figure_says():
    """Chen et al., Eyeriss, ISSCC 2016: 666 million in the convolutions; conv2, 4 and 5 are in two groups."""
    by_hand = 55**2 * 96 * 11**2 * 3 + 27**2 * 256 * 5**2 * 48
    by_hand += 13**2 * (384 * 3**2 * 256 + 384 * 3**2 * 192 + 256 * 3**2 * 192)
    assert round(by_hand / 1e6) == 666
    assert macs(shape_only("alexnet_2012"), "Conv2D") == by_hand
    assert macs(shape_only("alexnet_2012")) == by_hand + 6 * 6 * 256 * 4096 + 4096 * 4096 + 4096 * 1000


def test_mobilenetv2_costs_300_million():
    """Sandler et al., 2018, table 2 by hand; their table 4 and torchvision say 300 million."""
    size, channels = 112, 32
    by_hand = size**2 * 32 * 3 * 3 * 3
    for expansion, filters, count, stride in (
        *((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)),
        *((6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)),
    ):
        for block in range(count):
            inner = expansion * channels
            by_hand += size**2 * channels * inner if expansion > 1 else 0
            size //= 1 if block else stride
            by_hand += size**2 * inner * 3 * 3 + size**2 * inner * filters
            channels = filters
    by_hand += size**2 * channels * 1280 + 1280 * 1000
    with without_weights():
        model = keras.applications.MobileNetV2(weights=None)
    assert macs(model) == by_hand
    assert round(by_hand / 1e8) == 3


def test_resnet18_of_the_paper_costs_1_8_billion():
    """He et al., 2015, table 1: 1.8 billion; the dense layer adds half a million."""
    by_hand, channels = 112**2 * 64 * 7 * 7 * 3, 64
    for size, filters in ((56, 64), (28, 128), (14, 256), (7, 512)):
        kernels = channels * filters + 3 * filters * filters
        by_hand += size**2 * (9 * kernels + (channels * filters if channels != filters else 0))
        channels = filters
    assert macs(imagenet_resnet18()) == by_hand
    assert round(by_hand / 1e8) == 18


def test_macs_of_a_layer_whose_arithmetic_is_not_known_are_unknown_and_so_is_their_sum():
    image = keras.Input((8, 8, 3), name="image")
    x = keras.layers.Conv2D(4, 3, name="conv")(image)
    x = keras.layers.PReLU(name="prelu")(x)
    x = keras.layers.Conv2DTranspose(2, 3, name="wider")(x)
    x = keras.layers.Flatten(name="flat")(x)
    model = keras.Model(image, keras.layers.Dense(2, name="dense")(x))
    rows = {row.name: row for row in inspection.layer_table(model)}
    assert rows["conv"].macs == 6 * 6 * 4 * 3 * 3 * 3
    assert (rows["prelu"].macs, rows["flat"].macs) == (0, 0)
    assert rows["wider"].macs is None
    assert inspection.Totals.of(list(rows.values())).macs is None
    assert inspection.Totals.of(inspection.up_to(list(rows.values()), "prelu")).macs == rows["conv"].macs
    report = inspection.report(model)
    assert report["macs"] is None
    assert [layer["macs"] for layer in report["layers"] if layer["name"] == "wider"] == [None]
