"""Architecture: what changes is computed at once, and the address restores the scene."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import keras
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import architectures, runs
from cnnlab.preprocessing import Preprocessing
from cnnlab.ui import wording

OpenPage = Callable[..., AppTest]


def metrics(app: AppTest) -> dict[str, str]:
    """Return the line of totals, label by value."""
    found = (re.fullmatch(r":small\[(.+)\]  \n\*\*(.+)\*\*", element.value) for element in app.markdown)
    return {line[1]: line[2] for line in found if line}


def choose(app: AppTest, label: str, value: object) -> AppTest:
    widget = next(w for w in (*app.selectbox, *app.number_input, *app.slider) if w.label == label)
    return widget.set_value(value).run()


def text(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.header))


def diagram(app: AppTest) -> dict:
    """Return what the browser gets to draw the diagram, with what is chosen."""
    shown = [json.loads(element.proto.json) for element in app.get("bidi_component") if element.proto.json]
    return next(data for data in shown if "drawing" in data)


def layer_rows(app: AppTest) -> dict[str, list[str]]:
    """Return the rows of the layer list, in their order: label, indented, to output, parameters and field."""
    marks = {None: "", False: "▸ ", True: "▾ "}
    lines = diagram(app)["layers"]["lines"]
    return {"  " * line["depth"] + marks[line["opened"]] + line["label"]: line["cells"] for line in lines}


def parameters_of(rows: dict[str, list[str]]) -> int:
    """Return the sum of the column of parameters."""
    return sum(int(cells[1].replace(",", "") or 0) for cells in rows.values())


def drawn(app: AppTest) -> dict[str, dict]:
    """Return the blocks of the diagram by name."""
    return {node["name"]: node for node in diagram(app)["drawing"]["nodes"]}


def badges(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown if "badge" in element.value)


def open_tab(app: AppTest, name: str) -> AppTest:
    app.session_state["layer_tab"] = name
    return app.run()


def give_trained(run: runs.Run, model: keras.Model) -> None:
    """Give a run the weights of a network, as a worker would, and say what it takes."""
    height, width, channels = model.input_shape[1:]
    seen_as = Preprocessing(height, width, channels)
    classes = [f"class {n}" for n in range(model.output_shape[-1])]
    facts = {
        "classes": classes,
        "preprocessing": seen_as.to_dict(),
        "input_shape": seen_as.input_shape,
    }
    (run.folder / "model.json").write_text(json.dumps(facts))
    model.save(run.folder / "checkpoints" / "best.keras")


def test_first_view_is_the_chosen_network_at_its_reference(open_page: OpenPage):
    app = open_page("architecture")
    assert not app.exception
    assert metrics(app)["Parameters"] == "62,006"
    rows = layer_rows(app)
    assert list(rows)[:3] == ["image", "conv1", "pool1"]
    assert rows["pool2"] == ["5×5×16", "", "16"]
    assert "6×5×5×3 + 6 = 456" in text(app).replace("\\", "")


def test_other_input_and_classes_are_computed_at_once(open_page: OpenPage):
    app = open_page("architecture")
    for label, value in (("Channels", 1), ("Height", 28), ("Width", 28), ("Classes", 2)):
        app = choose(app, label, value)
    assert metrics(app)["Parameters"] == f"{156 + 2_416 + 120 * 257 + 84 * 121 + 2 * 85:,}"
    assert app.query_params == {"arch": "lenet5", "input": "28x28x1", "classes": "2"}


def test_address_restores_network_input_and_layer(open_page: OpenPage):
    app = open_page("architecture", arch="resnet18", input="64x64x3", layer="stage2_block1_add")
    assert app.header[0].value == "stage2\\_block1\\_add · Add"
    assert metrics(app)["Receptive field"] == "109×109"
    assert "different centres" in text(app)
    assert not app.exception


def test_layer_that_was_chosen_stays_when_the_input_changes(open_page: OpenPage):
    app = open_page("architecture", arch="lenet5", layer="conv1")
    app.query_params["layer"] = "conv2"  # as a click in the diagram leaves it, which runs a part of the page
    app = choose(app, "Height", 40)
    assert app.query_params["layer"] == "conv2"
    assert diagram(app)["chosen"] == "conv2"
    assert app.header[0].value == "conv2 · Conv2D"


def test_moving_the_unit_moves_its_box(open_page: OpenPage):
    app = open_tab(open_page("architecture", arch="lenet5", layer="conv2"), "Receptive field")
    assert "Rows 10 to 23 and columns 10 to 23" in text(app)
    app = choose(app, "Unit's row", 0)
    assert "Rows 0 to 13 and columns 10 to 23" in text(app)


def test_image_too_small_names_the_layer_and_keeps_the_diagram_and_the_form(open_page: OpenPage):
    app = choose(open_page("architecture"), "Height", 12)
    [error] = app.error
    assert "conv2 slides a 5×5 window" in error.value
    assert diagram(app)["broken"] == "conv2" and "does not fit at conv2" in diagram(app)["said"]
    assert drawn(app)["conv1"]["labels"] == ["conv1", "28×28×6"]  # the last one that fits
    assert app.button(key="train_this").disabled
    app = choose(app, "Height", 32)
    assert metrics(app)["Parameters"] == "62,006"
    assert not diagram(app)["said"] and not app.error


@pytest.mark.parametrize(
    "address",
    [
        {"arch": "nothing"},
        {"arch": "lenet5", "input": "../../etc"},
        {"arch": "lenet5", "input": "9999x9999x3"},
        {"arch": "lenet5", "classes": "-1"},
        {"arch": "lenet5", "classes": "1"},
        {"arch": "lenet5", "input": "0x0x0"},
        {"arch": "lenet5", "edit": "conv1.__class__.3"},
        {"arch": "inception10", "batch_norm": "<script>"},
        {"arch": "vgg16_transfer", "unfreeze_blocks": "all"},
        {"arch": "vgg16_transfer", "unfreeze_blocks": "1000"},
    ],
)
def test_hostile_address_gives_one_sentence(open_page: OpenPage, address: dict[str, str]):
    app = open_page("architecture", **address)
    assert len(app.error) == 1
    assert not app.exception


def test_edit_of_a_kernel_changes_the_whole_network(open_page: OpenPage):
    app = choose(open_tab(open_page("architecture", arch="lenet5", layer="conv1"), "Edit"), "Kernel size", 3)
    assert metrics(app)["Receptive field"] == "14×14"
    assert metrics(app)["Parameters"] == f"{62_006 - 6 * 3 * (25 - 9):,}"
    assert app.query_params["edit"] == "conv1.kernel_size.3"
    back = next(button for button in app.button if button.label == "Reset edits")
    assert metrics(back.click().run())["Parameters"] == "62,006"


def test_address_restores_edits_and_a_layer_left_out(open_page: OpenPage):
    app = open_page("architecture", arch="lenet5", edit="conv2.filters.32~pool1.left_out.1")
    assert layer_rows(app)["conv2"][0] == "24×24×32"
    assert not app.exception


def test_impossible_edit_says_why_and_offers_the_way_back(open_page: OpenPage):
    app = choose(open_tab(open_page("architecture", arch="lenet5", layer="conv2"), "Edit"), "Kernel size", 15)
    assert "conv2 slides a 15×15 window without padding over a map of only 14×14" in app.error[0].value
    assert "edited, 1 change" in badges(app)
    assert diagram(app)["broken"] == "conv2" and drawn(app)["conv2"]["labels"] == ["conv2", "10×10×16"]
    kernel = next(field for field in app.number_input if field.label == "Kernel size")
    assert kernel.value == 15  # what was asked for stays, beside the sentence
    assert metrics(kernel.set_value(3).run())["Parameters"] == f"{62_006 - 16 * 6 * 16 + 120 * 16 * 11:,}"
    assert not app.error


@pytest.mark.parametrize("edit", ["conv2.kernel_size.15", "conv1.filters.3~conv2.kernel_size.15"])
def test_address_with_an_impossible_edit_shows_the_last_network_that_fits(open_page: OpenPage, edit: str):
    app = open_page("architecture", arch="lenet5", layer="conv2", edit=edit)
    [error] = app.error
    assert "conv2 slides a 15×15 window" in error.value
    assert app.session_state.layer_tab == "Edit"
    filters = 3 if "filters" in edit else 6
    assert drawn(app)["conv1"]["labels"][1] == f"28×28×{filters}"
    undo = next(button for button in app.button if button.label == "Undo this edit")
    assert undo.click().run().query_params.get("edit") == (edit.rpartition("~")[0] or None)
    assert not app.error and not app.exception


def test_unfreezing_blocks_shows_what_is_trained(open_page: OpenPage):
    app = open_page("architecture", arch="vgg16_transfer")
    assert metrics(app)["Trainable parameters"] == "1,539"
    app = choose(app, "Trainable blocks of the base", 1)
    assert metrics(app)["Trainable parameters"] == f"{1_539 + 3 * (512 * 512 * 9 + 512):,}"


def test_layers_whose_field_is_larger_than_the_image_are_counted_and_marked(open_page: OpenPage):
    unfolded = {"opened_blocks": {"stage 3", "stage 4"}}
    app = open_page("architecture", state=unfolded, arch="vgg16_cifar")
    fields, jump, field = [], 1, 1  # VGG-16 by hand: 3×3 convolutions, and pools that double the stride
    for depth in (2, 2, 3, 3, 3):
        for _ in range(depth):
            fields.append(field := field + 2 * jump)
        field, jump = field + jump, 2 * jump
    assert (sum(size > 32 for size in fields), max(fields)) == (7, 196)
    assert "7 of 13 convolutions have a receptive field larger than the 32×32 image" in text(app)
    assert "At 196×196 pixels none would" in text(app)
    rows = layer_rows(app)
    assert rows["  conv4_1"][-1] == "60 ↔"
    assert rows["  conv3_2"][-1] == "32"


def test_image_as_wide_as_the_widest_field_is_wide_enough(open_page: OpenPage):
    app = open_page("architecture", arch="vgg16_cifar", input="196x196x3")
    assert "receptive field larger than" not in text(app)


def test_networks_stand_side_by_side_at_the_same_input(open_page: OpenPage):
    app = open_page("architecture", arch="lenet5")
    app.session_state["further_compare"] = True
    app = app.run().multiselect[0].set_value(["baseline", "resnet18"]).run()
    table = app.dataframe[0].value.set_index("Network")
    assert table["Parameters"].tolist() == [62_006, 198_506, 11_183_562]
    assert table["Receptive field"].tolist() == ["16×16", "6×6", "109×109"]
    assert set(table["Input"]) == {"32×32×3"}


def test_networks_are_compared_each_at_its_own_input(open_page: OpenPage):
    app = open_page("architecture", arch="lenet5")
    app.session_state["further_compare"] = True
    app.session_state["side_by_side_input"] = "own"
    app = app.run().multiselect[0].set_value(["vgg16", "alexnet_2012"]).run()
    table = app.dataframe[0].value.set_index("Network")
    assert table["Input"].tolist() == ["32×32×3", "224×224×3", "227×227×3"]
    # Simonyan and Zisserman 2014, table 2: 138 million; Krizhevsky et al. 2012: 60 million
    assert table["Parameters"].tolist() == [62_006, 138_357_544, 60_965_224]


def test_network_that_does_not_fit_beside_says_so(open_page: OpenPage):
    app = open_page("architecture", arch="lenet5")
    app.session_state["further_compare"] = True
    app = app.run().multiselect[0].set_value(["alexnet_2012", "baseline"]).run()
    assert "does not fit an input of 32×32×3" in text(app)
    assert len(app.dataframe[0].value) == 2


def test_deep_network_is_folded_at_first(open_page: OpenPage):
    app = open_page("architecture", arch="vgg16")
    assert not diagram(app)["drawing"]["frames"]
    assert diagram(app)["chosen"] == "stage 1"
    assert app.header[0].value == "stage 1 · 3 layers"


def test_stages_are_folded_and_their_columns_add_up_to_the_totals(open_page: OpenPage):
    app = open_page("architecture", arch="resnet18", layer="conv1")
    rows = layer_rows(app)
    assert len(rows) == 4 + 4 + 2
    assert parameters_of(rows) == 11_183_562
    assert rows["▸ stage1"][1] == f"{2 * 2 * (9 * 64 * 64 + 4 * 64):,}"
    assert "stage1" in drawn(app) and "stage1_block1" not in drawn(app)


def test_block_of_the_chosen_layer_is_open_and_columns_still_add_up(open_page: OpenPage):
    app = open_page("architecture", arch="resnet18", layer="stage1_block1_relu1")
    rows = layer_rows(app)
    assert len(rows) == 4 + 4 + 2 + 7 + 2
    assert list(rows)[4:8] == ["▾ stage1", "  ▾ block1", "    conv1", "    conv1_norm"]
    assert parameters_of(rows) == 11_183_562
    assert {"stage1_block1_relu1", "stage1_block2", "stage2"} <= drawn(app).keys()
    assert [frame["name"] for frame in diagram(app)["drawing"]["frames"]] == ["stage1", "stage1_block1"]


def test_all_layers_stand_in_one_table_whatever_is_folded(open_page: OpenPage):
    app = open_page("architecture", arch="resnet18")
    assert not app.dataframe
    app.session_state["further_layers"] = True
    table = app.run().dataframe[0].value.set_index("Layer")
    assert table["Parameters"].sum() == 11_183_562
    assert table.loc["stage4_block2_conv2", "Kernel"] == "3×3"
    assert table.loc["stage2_block1_conv1", "Stride (jump)"] == "2"


def test_block_can_be_looked_at_as_a_whole(open_page: OpenPage):
    app = open_page("architecture", arch="inception10", layer="block2_unit2")
    assert app.header[0].value == "block2\\_unit2 · 20 layers"
    assert "51×51 pixels" in text(app)
    app = open_tab(app, "Receptive field")
    assert "of the image's 1,024 pixels" in text(app)
    assert not app.exception


def test_measured_field_stands_beside_the_box_and_says_how_much_of_it_counts(open_page: OpenPage):
    app = open_tab(open_page("architecture", arch="lenet5", layer="conv1"), "Receptive field")
    [said] = [caption.value for caption in app.caption if "95 % of the gradient" in caption.value]
    pixels = int(re.search(r"lies on (\d+) of the 25 pixels", said)[1])
    assert 1 <= pixels <= 24
    assert not app.exception


def test_trained_run_is_measured_beside_the_untrained_network(open_page: OpenPage, run: runs.Run):
    give_trained(run, architectures.build("lenet5", (32, 32, 3), 10))
    app = open_tab(open_page("architecture", arch="lenet5", layer="conv2"), "Receptive field")
    app = choose(app, "Weights", run.id)
    measured = [caption.value for caption in app.caption if "95 % of the gradient" in caption.value]
    assert len(measured) == 2
    assert measured[0].startswith("**Untrained**")
    assert measured[1].startswith("**LeNet\\-5 on Digits**")


def test_run_with_another_input_takes_the_page_there(open_page: OpenPage, run: runs.Run):
    give_trained(run, architectures.build("lenet5", (20, 20, 1), 3))
    app = open_tab(open_page("architecture", arch="lenet5", layer="conv2"), "Feature maps")
    app = choose(app, "Weights", run.id)
    assert (app.query_params["input"], app.query_params["classes"]) == ("20x20x1", "3")
    assert "LeNet\\-5 on Digits: under each map" in text(app)
    assert not app.exception


def test_measuring_what_costs_too_much_is_refused_in_one_sentence(open_page: OpenPage):
    app = open_page("architecture", arch="vgg16", layer="conv5_3", input="512x512x3")
    app = open_tab(app, "Receptive field")
    assert "more than the 60 billion" in text(app)
    app = open_tab(app, "Feature maps")
    assert "choose an earlier layer or a smaller input" in text(app)
    assert not app.exception


def test_maps_show_the_strongest_channels_with_the_value_of_the_unit(open_page: OpenPage):
    app = open_tab(open_page("architecture", arch="lenet5", layer="conv1"), "Feature maps")
    assert "under each map its channel" in text(app)
    view = next(group for group in app.button_group if group.key == "look_view")
    assert "gray is 0" in text(view.set_value("Filters").run())
    assert not app.exception


def test_layers_without_weights_or_without_rows_can_be_opened_in_every_tab(open_page: OpenPage):
    app = open_page("architecture", arch="lenet5")
    for layer in ("image", "flatten", "output"):
        app.query_params["layer"] = layer
        for tab in ("Receptive field", "Feature maps"):
            assert not open_tab(app, tab).exception


def test_alexnet_works_out_54_against_55_where_a_student_looks(open_page: OpenPage):
    app = open_page("architecture", arch="alexnet")
    [note] = app.info
    assert "⌊(224 − 11)/4⌋ + 1 = 54, not the famous 55" in note.value.replace("\\", "")


def test_weights_that_cannot_be_fetched_name_the_file_and_where_to_put_it(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("CNNLAB_MIRROR", "http://127.0.0.1:9")
    app = open_page("architecture", arch="vgg16_transfer")
    fetch = next(button for button in app.button if button.label == "Download ImageNet weights (58.9 MB)")
    [error] = fetch.click().run().error
    assert (
        "vgg16\\_weights\\_tf\\_dim\\_ordering\\_tf\\_kernels\\_notop.h5 could not be downloaded"
        in error.value
    )
    assert wording.plain(str(tmp_path / "models")) in error.value
    weights = architectures.weights_path(architectures.get("vgg16_transfer").base.weights)
    weights.parent.mkdir(exist_ok=True)
    weights.touch()
    assert not [button for button in app.run().button if button.label.startswith("Download ImageNet")]


def test_options_are_explained(open_page: OpenPage):
    app = open_page("architecture", arch="inception10")
    assert "so that it never normalises anything" in text(app)


def test_unknown_layer_in_the_address_opens_the_first(open_page: OpenPage):
    app = open_page("architecture", arch="lenet5", layer="conv99")
    assert app.header[0].value == "conv1 · Conv2D"


def test_network_is_remembered_for_the_other_pages(open_page: OpenPage):
    app = choose(open_page("architecture"), "Network", "baseline")
    assert app.session_state.lab.architecture == "baseline"
    app = app.switch_page("pages/home.py").run().switch_page("pages/architecture.py").run()
    assert metrics(app)["Parameters"] == "198,506"
