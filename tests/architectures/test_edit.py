"""What-if edits: the edited network is the one a person would have written."""

import keras
import numpy as np
import pytest

from cnnlab import architectures, inspection
from cnnlab.architectures.own.edit import MOST_EDITS, Edit, edited
from cnnlab.errors import ArchitectureError

LENET5 = ["image", "conv1", "pool1", "conv2", "pool2", "flatten", "fc3", "fc4", "output"]


def rows(name: str, *edits: str) -> dict[str, inspection.LayerRow]:
    reference = architectures.get(name).reference
    model = inspection.shape_only_model(name, reference.input_shape, reference.num_classes)
    changed = inspection.edited(model, [Edit.parsed(text) for text in edits], show_left_out=False)
    return {row.name: row for row in inspection.layer_table(changed)}


def test_edited_network_follows_in_shape_parameters_and_field():
    found = rows("lenet5", "conv1.kernel_size.3", "conv2.filters.32", "conv2.padding.same")
    assert found["conv1"].output_shape == (30, 30, 6)
    assert found["conv2"].output_shape == (15, 15, 32)
    assert found["conv2"].params == 32 * 5 * 5 * 6 + 32
    assert found["pool2"].receptive_field == (14, 14)
    assert found["fc3"].params == 7 * 7 * 32 * 120 + 120


def test_layer_that_is_left_out_passes_its_input_on_and_is_gone():
    found = rows("lenet5", "pool1.left_out.1")
    assert found["conv2"].output_shape == (24, 24, 16)
    assert found["conv2"].receptive_field == (9, 9)
    assert found["conv2"].inputs == ("conv1",) and "pool1" not in found


def test_layer_that_is_left_out_can_be_shown_without_any_effect():
    model = inspection.shape_only_model("lenet5", (32, 32, 3), 10)
    shown = inspection.layer_table(inspection.edited(model, [Edit.parsed("pool1.left_out.1")]))
    assert [row.name for row in shown] == LENET5
    assert inspection.Totals.of(shown).params == sum(
        row.params for row in rows("lenet5", "pool1.left_out.1").values()
    )


def test_added_layers_stand_behind_the_layer_they_were_added_to():
    found = rows(
        "lenet5",
        "batch_norm_1.added_after.conv1",
        "dropout_1.added_after.batch_norm_1",
        "dropout_1.rate.0.25",
        "convolution_1.added_after.image",
        "convolution_1.filters.8",
    )
    order = ["image", "convolution_1", "conv1", "batch_norm_1", "dropout_1", *LENET5[2:]]
    assert list(found) == order
    assert found["convolution_1"].params == 8 * 3 * 3 * 3 + 8
    assert found["conv1"].params == 6 * 5 * 5 * 8 + 6
    assert found["batch_norm_1"].params == 4 * 6


def test_moved_layer_works_at_its_new_place():
    found = rows("lenet5", "pool1.moved_after.conv2")
    assert list(found) == ["image", "conv1", "conv2", "pool1", *LENET5[4:]]
    assert found["conv2"].output_shape == (24, 24, 16)
    assert found["pool2"].output_shape == (6, 6, 16)


def test_of_two_layers_added_after_one_the_later_stands_nearer_to_it():
    found = rows("lenet5", "dropout_1.added_after.conv1", "batch_norm_1.added_after.conv1")
    assert list(found)[1:4] == ["conv1", "batch_norm_1", "dropout_1"]


def test_edits_happen_in_their_order():
    found = rows(
        "lenet5", "pool1.moved_after.conv2", "dropout_1.added_after.pool1", "pool1.moved_after.conv1"
    )
    assert list(found)[1:5] == ["conv1", "pool1", "conv2", "dropout_1"]


def test_a_layer_is_added_to_one_path_of_a_branched_network():
    found = rows("inception10", "convolution_1.added_after.block1_unit1_5x5_relu")
    assert found["convolution_1"].inputs == ("block1_unit1_5x5_relu",)
    assert found["block1_unit1_join"].inputs[2] == "convolution_1"
    assert found["block1_unit1_join"].receptive_field == (3 + 4 * 2 + 2 * 2,) * 2


def test_original_is_not_touched():
    model = inspection.shape_only_model("lenet5", (32, 32, 3), 10)
    before = inspection.layer_table(model)
    inspection.edited(model, [Edit("conv1", "filters", 99)])
    assert inspection.layer_table(model) == before


def test_edited_network_has_weights_and_computes_what_its_layers_say():
    model = architectures.build("lenet5", (32, 32, 1), 3)
    copy = edited(model, [Edit.parsed("pool2.left_out.1"), Edit.parsed("max_pooling_1.added_after.image")])
    assert [layer.name for layer in copy.layers][:3] == ["image", "max_pooling_1", "conv1"]
    image = np.random.default_rng(0).random((1, 32, 32, 1), np.float32)
    pooled = image.reshape(1, 16, 2, 16, 2, 1).max((2, 4))
    seen = keras.Model(copy.input, copy.get_layer("max_pooling_1").output)(image)
    np.testing.assert_array_equal(seen, pooled)


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ("conv2.kernel_size.15", "conv2 slides a 15×15 window without padding over a map of only 14×14"),
        ("conv1.groups.4", "conv1 cannot be like this: .*groups"),
        ("pool1.units.3", "pool1 has no setting 'units'"),
        ("conv9.filters.1", "no layer 'conv9'"),
        ("output.units.3", "output belongs to the images and classes"),
        ("image.left_out.1", "image belongs to the images and classes"),
        ("dropout_1.added_after.output", "output names the classes"),
        ("dropout_1.added_after.conv9", "no layer 'conv9'"),
        ("lambda_1.added_after.conv1", "called like dropout_1, not 'lambda_1'"),
        ("dropout_1.added_after.conv1~dropout_1.added_after.conv2", "a layer dropout_1 already"),
        ("conv1.moved_after.conv1", "a place after itself"),
        ("flatten.left_out.1", "fc3 takes a vector, not maps of 5×5×16; put a flatten"),
        ("convolution_1.added_after.fc3", "takes maps with rows and columns, not a vector of 120"),
    ],
)
def test_impossible_edit_names_the_layer_and_why(edits, message):
    with pytest.raises(ArchitectureError, match=message) as error:
        rows("lenet5", *edits.split("~"))
    assert str(error.value).endswith(".") and "\n" not in str(error.value)


@pytest.mark.parametrize("edit", ["left_out.1", "moved_after.conv1"])
def test_layer_that_joins_paths_can_neither_go_nor_move(edit):
    with pytest.raises(ArchitectureError, match="block1_unit1_join"):
        rows("inception10", f"block1_unit1_join.{edit}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "conv1",
        "conv1.kernel_size",
        "conv1.__class__.3",
        "conv1.trainable.0",
        "a b.filters.3",
        "☃.filters.3",
    ],
)
def test_text_that_is_no_edit_is_refused(text):
    with pytest.raises(ArchitectureError, match=r"written like conv1\.kernel_size\.3"):
        Edit.parsed(text)


@pytest.mark.parametrize(
    "text",
    [
        "conv1.filters.0",
        "conv1.filters.5000",
        "conv1.strides.0",
        "drop1.rate.0.99",
        "drop1.rate.1",
        "conv1.filters.0.5",
        "conv1.padding.causal",
        "conv1.activation.softmax",
        "conv1.filters.999999999",
    ],
)
def test_value_out_of_its_limits_is_refused_with_the_limits(text):
    with pytest.raises(ArchitectureError, match=r"cannot be like this: .* (from .* to|is one of)"):
        Edit.parsed(text)


@pytest.mark.parametrize(
    "text", ["conv1.filters.3", "drop1.rate.0.25", "pool1.left_out.1", "dropout_1.added_after.conv1"]
)
def test_an_edit_is_read_as_it_was_written(text):
    assert str(Edit.parsed(text)) == text


def test_no_end_of_edits_is_refused():
    with pytest.raises(ArchitectureError, match="at most 200 edits"):
        rows("lenet5", *["conv1.filters.3"] * (MOST_EDITS + 1))
