"""The layer table: worked formulas checked by working them, totals by adding them up again."""

import re
from math import ceil, floor, prod

import keras
import pytest
from keras import layers

from cnnlab import architectures, inspection
from cnnlab.errors import ArchitectureError

every_architecture = pytest.mark.parametrize("name", architectures.built_in())


def table(name: str) -> list[inspection.LayerRow]:
    reference = architectures.get(name).reference
    return inspection.layer_table(
        inspection.shape_only_model(name, reference.input_shape, reference.num_classes)
    )


def row_of(layer: layers.Layer, shape: tuple[int, ...] = (32, 32, 3)) -> inspection.LayerRow:
    """Return the row of one layer on an image."""
    image = keras.Input(shape)
    return inspection.layer_table(keras.Model(image, layer(image)))[-1]


def work_out(formula: str) -> list[tuple[int, int]]:
    """Evaluate each "left = right" of a formula as a person would."""
    words = {"×": "*", "−": "-", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "channels": ""}
    for sign, code in words.items():
        formula = formula.replace(sign, code)
    formula = re.sub(r"(?<=\d),(?=\d{3})", "", formula)
    sides = [part.removeprefix("rows ").removeprefix("columns ").split("=") for part in formula.split(", ")]
    return [tuple(eval(side, {"floor": floor, "ceil": ceil}) for side in pair) for pair in sides]


@every_architecture
def test_totals_are_the_sums_of_the_rows(name):
    rows, model = table(name), architectures.get(name).reference
    assert sum(row.params for row in rows) == model.total_params
    assert sum(row.trainable_params for row in rows) == model.trainable_params


@every_architecture
def test_formulas_come_out_at_what_keras_says(name):
    for row in table(name):
        if row.parameter_formula:
            [(worked, said)] = work_out(row.parameter_formula)
            assert worked == said == row.params, row.name
        if row.shape_formula and "=" in row.shape_formula:
            for worked, said in work_out(row.shape_formula):
                assert worked == said, row.name
                assert said in (*row.output_shape, prod(row.output_shape)), row.name


@every_architecture
def test_rows_are_in_the_order_and_shapes_of_keras(name):
    reference = architectures.get(name).reference
    model = inspection.shape_only_model(name, reference.input_shape, reference.num_classes)
    if any(isinstance(layer, keras.Model) for layer in model.layers):
        return
    expected = [(layer.name, type(layer).__name__, layer.output.shape[1:]) for layer in model.layers]
    assert [(row.name, row.type, row.output_shape) for row in inspection.layer_table(model)] == expected


def test_lenet5_as_worked_by_hand():
    rows = {row.name: row for row in table("lenet5")}
    assert rows["conv1"].parameter_formula == "6×5×5×3 + 6 = 456"
    assert rows["conv1"].shape_formula == "⌊(32 − 5)/1⌋ + 1 = 28"
    assert rows["conv1"].macs == 28 * 28 * 6 * 5 * 5 * 3
    assert rows["pool1"].shape_formula == "⌊(28 − 2)/2⌋ + 1 = 14"
    assert rows["flatten"].shape_formula == "5×5×16 = 400"
    assert rows["fc3"].parameter_formula == "120×400 + 120 = 48,120"
    assert rows["fc3"].macs == 400 * 120
    assert rows["conv2"].activation_bytes == 10 * 10 * 16 * 4
    assert rows["pool2"].inputs == ("conv2",)


@pytest.mark.parametrize(
    ("layer", "parameters", "shape"),
    [
        (layers.Conv2D(16, 5), "16×5×5×3 + 16 = 1,216", "⌊(32 − 5)/1⌋ + 1 = 28"),
        (layers.Conv2D(16, 5, 2, "same"), "16×5×5×3 + 16 = 1,216", "⌈32/2⌉ = 16"),
        (layers.Conv2D(6, 3, groups=3), "6×3×3×1 + 6 = 60", "⌊(32 − 3)/1⌋ + 1 = 30"),
        (layers.Conv2D(6, 3, dilation_rate=2), "6×3×3×3 + 6 = 168", "⌊(32 − 5)/1⌋ + 1 = 28"),
        (
            layers.Conv2D(2, (1, 3), use_bias=False),
            "2×1×3×3 = 18",
            "rows ⌊(32 − 1)/1⌋ + 1 = 32, columns ⌊(32 − 3)/1⌋ + 1 = 30",
        ),
        (layers.DepthwiseConv2D(3), "3×3×3×1 + 3 = 30", "⌊(32 − 3)/1⌋ + 1 = 30"),
        (layers.BatchNormalization(), "4×3 = 12", ""),
        (layers.ZeroPadding2D(((1, 2), (0, 0))), "", "rows 32 + 1 + 2 = 35, columns 32 + 0 + 0 = 32"),
        (layers.GlobalAveragePooling2D(), "", "one value for each of 3 channels"),
    ],
)
def test_formulas_of_single_layers(layer, parameters, shape):
    row = row_of(layer)
    assert (row.parameter_formula, row.shape_formula) == (parameters, shape)


def test_nested_model_is_opened_and_its_layers_are_rows():
    entry = keras.Input((8, 8, 3))
    inner = keras.Model(entry, layers.Conv2D(4, 3, name="inner_conv")(entry), name="base")
    image = keras.Input((8, 8, 3), name="image")
    model = keras.Model(image, layers.Conv2D(2, 3, name="head")(inner(image)))
    rows = inspection.layer_table(model)
    assert [(row.name, row.inputs) for row in rows] == [
        ("image", ()),
        ("inner_conv", ("image",)),
        ("head", ("inner_conv",)),
    ]
    assert rows[-1].receptive_field == (5, 5)


def test_shared_layer_has_a_row_for_each_call_and_its_weights_once():
    image = keras.Input((8, 8, 3), name="image")
    shared = layers.Conv2D(3, 3, padding="same", name="shared")
    rows = inspection.layer_table(keras.Model(image, shared(shared(image))))
    assert [(row.name, row.params, row.receptive_field) for row in rows[1:]] == [
        ("shared", 84, (3, 3)),
        ("shared/2", 0, (5, 5)),
    ]


def test_sequential_model_is_read_too():
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(2, 3, name="conv"), layers.Flatten()])
    assert [row.type for row in inspection.layer_table(model)] == ["InputLayer", "Conv2D", "Flatten"]


def test_join_of_paths_with_other_centres_is_marked():
    rows = {row.name: row for row in table("resnet18")}
    assert [row.name for row in rows.values() if not row.aligned] == [
        "stage2_block1_add",
        "stage3_block1_add",
        "stage4_block1_add",
    ]


def test_field_behind_a_layer_we_do_not_know_is_not_guessed():
    image = keras.Input((8, 8, 3), name="image")
    model = keras.Model(image, layers.Conv2D(2, 3, name="conv")(layers.UpSampling2D(name="up")(image)))
    assert inspection.layer_table(model)[-1].receptive_field is None
    with pytest.raises(ArchitectureError, match="not known behind up, a UpSampling2D layer"):
        inspection.receptive_box(model, "conv", 0, 0)


def test_dense_layers_see_all_that_the_maps_below_them_see():
    """alexnet8 at 32 pixels: its strides leave a rest, and no window looks at the last 3 rows and columns."""
    model = inspection.shape_only_model("alexnet8", (32, 32, 3), 10)
    assert inspection.receptive_box(model, "output") == inspection.Box(0, 0, 29, 29)


@pytest.mark.parametrize(
    ("layer", "unit", "message"),
    [("conv9", (0, 0), "no layer 'conv9'"), ("conv1", (28, 0), "units 0,0 to 27,27; there is no unit 28,0")],
)
def test_box_of_what_does_not_exist_is_refused(layer, unit, message):
    with pytest.raises(ArchitectureError, match=message):
        inspection.receptive_box(inspection.shape_only_model("lenet5", (32, 32, 3), 10), layer, *unit)
