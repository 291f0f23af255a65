"""Blocks: found by how paths part and meet, not by the kinds of layers; folding them loses nothing."""

import keras
import pytest
from keras import layers

from cnnlab import architectures, inspection
from cnnlab.keras_internals import without_weights


def folded(
    rows: list[inspection.LayerRow], blocks: list[inspection.Block], opened: list[str] | tuple[()] = ()
) -> list[inspection.LayerRow]:
    """Return the rows with one in place of each block, but for those opened: their sums are the same."""
    block_of = {name: block for block in blocks if block.name not in opened for name in block.members}
    found: list[inspection.LayerRow] = []
    for row in rows:
        block = block_of.get(row.name)
        if block is None:
            found.append(row)
        elif row.name == block.members[0]:
            found.append(block.as_row())
    return found


def rows_of(name: str) -> list[inspection.LayerRow]:
    reference = architectures.get(name).reference
    return inspection.layer_table(
        inspection.shape_only_model(name, reference.input_shape, reference.num_classes)
    )


def application(name: str) -> list[inspection.LayerRow]:
    with without_weights():
        return inspection.layer_table(getattr(keras.applications, name)(weights=None))


@pytest.mark.parametrize("name", architectures.names())
def test_folding_keeps_every_total_and_opening_a_block_gives_its_rows_back(name):
    rows = rows_of(name)
    blocks = inspection.find_blocks(rows)
    totals = inspection.Totals.of(rows)
    assert inspection.Totals.of(folded(rows, blocks)) == totals
    assert folded(rows, blocks, [block.name for block in blocks]) == rows
    for block in blocks:
        opened = folded(rows, blocks, [block.name])
        assert inspection.Totals.of(opened) == totals
        assert set(block.members) <= {row.name for row in opened}


@pytest.mark.parametrize("name", ["baseline", "lenet5", "alexnet", "vgg16", "vgg16_cifar"])
def test_network_without_branches_has_no_blocks(name):
    assert inspection.find_blocks(rows_of(name)) == []


def test_resnet18_folds_to_the_eight_blocks_of_its_paper():
    rows = rows_of("resnet18")
    blocks = inspection.find_blocks(rows)
    assert [block.name for block in blocks] == [
        f"stage{stage}_block{block}" for stage in (1, 2, 3, 4) for block in (1, 2)
    ]
    first, third = blocks[0].as_row(), blocks[2].as_row()
    assert blocks[0].members[-1] == "stage1_block1_relu2"
    assert first.params == 2 * (3 * 3 * 64 * 64 + 4 * 64)
    assert first.macs == 2 * 32 * 32 * 3 * 3 * 64 * 64
    projection = 64 * 128 + 4 * 128
    assert third.params == 3 * 3 * 64 * 128 + 3 * 3 * 128 * 128 + 2 * 4 * 128 + projection
    assert third.output_shape == (16, 16, 128)
    assert third.inputs == ("stage1_block2_relu2",)


def test_receptive_field_of_a_block_is_that_at_its_end():
    whole = rows_of("inception10")
    rows = {row.name: row for row in folded(whole, inspection.find_blocks(whole))}
    assert list(rows) == [
        *("image", "conv1", "conv1_norm", "conv1_relu"),
        *("block1_unit1", "block1_unit2", "block2_unit1", "block2_unit2", "pool", "output"),
    ]
    assert rows["block2_unit2"].receptive_field == (51, 51)
    assert rows["block2_unit2"].output_shape == (8, 8, 128)


def test_blocks_without_a_shortcut_are_found_by_the_names_of_their_neighbours():
    """MobileNetV2, table 2: 17 inverted residuals; Keras calls the first one by another name."""
    blocks = inspection.find_blocks(rows_of("mobilenetv2_transfer"))
    assert [block.name for block in blocks] == [f"block_{n}" for n in range(1, 17)]


@pytest.mark.parametrize(("name", "blocks"), [("ResNet50", 3 + 4 + 6 + 3), ("InceptionV3", 11), ("VGG16", 0)])
def test_blocks_of_networks_that_are_not_ours_are_those_of_their_papers(name, blocks):
    rows = application(name)
    assert len(inspection.find_blocks(rows)) == blocks
    assert inspection.Totals.of(folded(rows, inspection.find_blocks(rows))) == inspection.Totals.of(rows)


def test_region_that_somebody_outside_looks_into_is_no_block():
    x = image = keras.Input((8, 8, 4), name="image")
    a = layers.Conv2D(4, 3, padding="same", name="a")(x)
    b = layers.Conv2D(4, 3, padding="same", name="b")(x)
    joined = layers.Add(name="join")([a, b])
    late = layers.Add(name="late")([joined, a])
    ends = layers.Concatenate(name="ends")([late, layers.ReLU(name="again")(late), late])
    for name in ("one", "two", "three", "four"):
        ends = layers.ReLU(name=name)(ends)
    found = inspection.find_blocks(inspection.layer_table(keras.Model(image, ends)))
    assert [block.members for block in found] == [("a", "b", "join", "late"), ("again", "ends")]
    assert [block.name for block in found] == ["a to late", "again to ends"]


def test_path_around_most_of_a_network_does_not_swallow_it():
    image = keras.Input((8, 8, 4), name="image")
    x = layers.Conv2D(4, 3, padding="same", name="stem")(image)
    for name in ("first", "second"):
        y = layers.Conv2D(4, 3, padding="same", name=f"{name}_conv")(x)
        x = layers.Add(name=f"{name}_add")([x, y])
    x = layers.Add(name="around")([x, image])
    found = inspection.find_blocks(inspection.layer_table(keras.Model(image, x)))
    assert [block.name for block in found] == ["first", "second"]
