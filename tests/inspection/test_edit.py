"""What-if edits: the edited network is the one a person would have written."""

import pytest

from cnnlab import inspection
from cnnlab.errors import ArchitectureError


@pytest.fixture
def lenet5():
    return inspection.outline("lenet5", (32, 32, 3), 10)


def test_edited_network_follows_in_shape_parameters_and_field(lenet5):
    changes = {"conv1": {"kernel_size": 3}, "conv2": {"filters": 32, "padding": "same"}}
    rows = {row.name: row for row in inspection.layer_table(inspection.edited(lenet5, changes))}
    assert rows["conv1"].output_shape == (30, 30, 6)
    assert rows["conv2"].output_shape == (15, 15, 32)
    assert rows["conv2"].params == 32 * 5 * 5 * 6 + 32
    assert rows["pool2"].receptive_field == (14, 14)
    assert rows["fc3"].params == 7 * 7 * 32 * 120 + 120


def test_layer_that_is_left_out_passes_its_input_on(lenet5):
    rows = {row.name: row for row in inspection.layer_table(inspection.edited(lenet5, {"pool1": None}))}
    assert rows["conv2"].output_shape == (24, 24, 16)
    assert rows["conv2"].receptive_field == (9, 9)


def test_original_is_not_touched(lenet5):
    before = inspection.layer_table(lenet5)
    inspection.edited(lenet5, {"conv1": {"filters": 99}})
    assert inspection.layer_table(lenet5) == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"conv2": {"kernel_size": 15}},
            "conv2 slides a 15×15 window without padding over a map of only 14×14",
        ),
        ({"conv1": {"filters": 0}}, "conv1 cannot be like this: .*filters"),
        ({"conv1": {"strides": 0}}, "conv1 cannot be like this: .*strides"),
        ({"conv9": {"filters": 1}}, "no layer 'conv9'"),
        ({"pool1": {"units": 3}}, "pool1 cannot be like this"),
    ],
)
def test_impossible_edit_names_the_layer_and_why(lenet5, changes, message):
    with pytest.raises(ArchitectureError, match=message):
        inspection.edited(lenet5, changes)
