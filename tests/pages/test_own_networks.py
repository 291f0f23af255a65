"""Networks of one's own on the Architecture page: add, move, leave out, save, train, and nothing is lost."""

from collections.abc import Callable
from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import architectures, runs
from cnnlab.architectures.own import library
from cnnlab.architectures.own.definition import Definition, Listed
from tests.pages.test_architecture import badges, choose, drawn, layer_rows, metrics, text

OpenPage = Callable[..., AppTest]
MINE = Definition("Mine", (16, 16, 1), 4, (Listed("convolution", "conv1", {"filters": 4}),))


@pytest.fixture
def open_page(open_page: OpenPage) -> OpenPage:
    """Open a page with the tab in front that tells what can be changed."""
    return partial(open_page, state={"layer_tab": "Edit"})


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def name(app: AppTest, title: str) -> AppTest:
    return app.text_input(key="own_network_name").set_value(title).run()


def layers(app: AppTest) -> list[str]:
    return list(layer_rows(app))


def test_layer_is_added_after_the_chosen_one_and_opened(open_page: OpenPage):
    app = choose(open_page("architecture", arch="lenet5", layer="conv1"), *ADD, "batch_norm")
    assert layers(app)[1:4] == ["conv1", "batch_norm_1", "pool1"]
    assert metrics(app)["Parameters"] == f"{62_006 + 4 * 6:,}"
    assert app.query_params["edit"] == "batch_norm_1.added_after.conv1"
    assert app.header[0].value.startswith("batch\\_norm\\_1")


ADD = ("Add a layer after this one",)


def test_only_layers_that_can_take_what_comes_are_offered(open_page: OpenPage):
    def offered(app: AppTest) -> list[str]:
        return next(box for box in app.selectbox if box.label == ADD[0]).options

    maps = offered(open_page("architecture", arch="lenet5", layer="conv1"))
    vector = offered(open_page("architecture", arch="lenet5", layer="fc3"))
    assert {"Convolution", "Max pooling", "Flatten", "Dropout"} <= set(maps) and "Dense" not in maps
    assert {"Dense", "Dropout", "Activation"} <= set(vector)
    assert not {"Convolution", "Max pooling", "Flatten"} & set(vector)


def test_added_layer_is_changed_and_removed_again(open_page: OpenPage):
    app = open_page("architecture", arch="lenet5", edit="convolution_1.added_after.image")
    app = choose(open_page("architecture", **app.query_params, layer="convolution_1"), "Filters", 2)
    assert metrics(app)["Parameters"] == f"{62_006 + 2 * 27 + 2 - 6 * 25:,}"
    app = press(app, "Remove")
    assert metrics(app)["Parameters"] == "62,006"
    assert "edit" not in app.query_params


def test_what_stood_behind_a_removed_layer_stays(open_page: OpenPage):
    edits = "dropout_1.added_after.conv1~batch_norm_1.added_after.dropout_1"
    app = press(open_page("architecture", arch="lenet5", layer="dropout_1", edit=edits), "Remove")
    assert layers(app)[1:4] == ["conv1", "batch_norm_1", "pool1"]


def test_layer_moves_up_and_down_a_network_that_is_one_line(open_page: OpenPage):
    app = press(open_page("architecture", arch="lenet5", layer="pool1"), "Down")
    assert layers(app)[1:4] == ["conv1", "conv2", "pool1"]
    app = press(app, "Up")
    assert layers(app)[1:4] == ["conv1", "pool1", "conv2"]
    assert metrics(app)["Parameters"] == "62,006"
    branched = open_page("architecture", arch="resnet18", layer="stage1_block1_conv1")
    assert not {"Up", "Down"} & {button.label for button in branched.button}


def test_layer_that_is_bypassed_is_said_to_be_and_comes_back(open_page: OpenPage):
    app = open_page("architecture", arch="lenet5", layer="pool1", edit="pool1.left_out.1")
    assert "edited, 1 change" in badges(app)
    assert drawn(app)["pool1"]["kind"] == "bypassed"
    app.session_state["further_source"] = True
    assert "pool1" not in app.run().code[-1].value  # the Keras source is of the network that would be trained
    box = next(box for box in app.checkbox if box.label == "Bypass layer")
    assert metrics(box.uncheck().run())["Parameters"] == "62,006"


def test_output_layer_says_where_its_units_come_from(open_page: OpenPage):
    app = open_page("architecture", arch="lenet5", layer="output")
    assert "one unit for each class" in text(app)
    assert not any(widget.label == "Units" for widget in app.number_input)


def test_empty_network_is_begun_filled_and_saved(open_page: OpenPage):
    app = press(name(open_page("architecture", arch="lenet5"), "Two blocks"), "New network")
    assert app.query_params["arch"] == "two-blocks"
    assert metrics(app)["Parameters"] == f"{10 * 32 * 32 * 3 + 10:,}"
    app = choose(app, *ADD, "convolution")
    app = press(choose(app, "Filters", 4), "Save changes")
    assert metrics(app)["Parameters"] == f"{4 * 27 + 4 + 10 * 32 * 32 * 4 + 10:,}"
    assert "edit" not in app.query_params
    assert [layer.kind for layer in library.get("two-blocks").layers] == ["convolution", "flatten"]


def test_copy_of_a_network_with_its_edits_is_saved_under_a_name(open_page: OpenPage):
    app = open_page("architecture", arch="lenet5", input="28x28x1", edit="conv1.filters.3")
    app = press(name(app, "Small LeNet"), "Save this network under the name")
    assert app.query_params["arch"] == "small-lenet"
    mine = library.get("small-lenet")
    assert (mine.input_shape, mine.layers[0].settings["filters"]) == ((28, 28, 1), 3)


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("lenet5", "built-in network"),
        ("Mine", "already a network called Mine"),
        ("", "1 to 40 letters"),
        ("<b>", "1 to 40 letters"),
    ],
)
def test_impossible_name_says_why_and_loses_no_edit(open_page: OpenPage, title: str, sentence: str):
    library.save(MINE)
    app = open_page("architecture", arch="lenet5", edit="conv1.filters.3")
    app = press(name(app, title), "Save this network under the name")
    [error] = app.error
    assert sentence in error.value.replace("\\", "")
    assert app.query_params["edit"] == "conv1.filters.3"
    assert app.text_input(key="own_network_name").value == title


def test_of_two_sessions_that_save_one_network_the_second_is_told_and_loses_nothing(open_page: OpenPage):
    library.save(MINE)
    first, second = (
        open_page("architecture", arch="mine", layer="conv1", edit=f"conv1.filters.{n}") for n in (5, 6)
    )
    press(first, "Save changes")
    second = press(second, "Save changes")
    assert "Somebody else has changed Mine" in second.error[0].value
    assert second.query_params["edit"] == "conv1.filters.6"
    assert library.get("mine").layers[0].settings["filters"] == 5


def test_page_shows_at_once_what_somebody_else_has_saved(open_page: OpenPage):
    library.save(MINE)
    app = open_page("architecture", arch="mine")
    library.save(Definition("Mine", (16, 16, 1), 4), over=("mine", MINE.version))
    assert metrics(app.run())["Parameters"] == f"{4 * 256 + 4:,}"


def test_network_is_renamed_deleted_and_taken_back(open_page: OpenPage):
    library.save(MINE)
    app = press(name(open_page("architecture", arch="mine"), "Ours"), "Rename Mine")
    assert (app.query_params["arch"], list(library.own())) == ("ours", ["ours"])
    app = press(app, "Undo")
    assert (app.query_params["arch"], list(library.own())) == ("mine", ["mine"])
    app = press(app, "Delete Mine")
    assert (app.query_params["arch"], list(library.own())) == ("lenet5", [])
    app = press(app, "Undo")
    assert (app.query_params["arch"], library.get("mine")) == ("mine", MINE)
    assert not app.error


def test_address_of_a_deleted_network_gives_one_sentence(open_page: OpenPage):
    library.delete(library.save(MINE))
    app = open_page("architecture", arch="mine")
    assert len(app.error) == 1 and "There is no architecture" in app.error[0].value
    assert not app.exception


@pytest.mark.parametrize(
    "address",
    [
        {"arch": "../../etc/passwd"},
        {"arch": "mine", "edit": "lambda_1.added_after.conv1"},
        {"arch": "mine", "edit": "conv1.moved_after.<b>"},
        {"arch": "mine", "edit": "dropout_1.added_after.conv1~" * 2},
        {"arch": "mine", "edit": "conv1.filters.3~" * 300},
    ],
)
def test_hostile_address_gives_one_sentence(open_page: OpenPage, address: dict[str, str]):
    library.save(MINE)
    app = open_page("architecture", **address)
    assert len(app.error) == 1
    assert not app.exception


def arrived(app: AppTest) -> AppTest:
    """Stay on the Train page, to which the last click has led: AppTest goes back where it was told to go."""
    assert app.title[0].value == "Train"
    return app.switch_page("pages/train.py").run()


def start(app: AppTest) -> AppTest:
    return press(arrived(app), "Start training")


def test_train_this_opens_the_form_with_the_network_of_the_page(open_page: OpenPage):
    app = open_page("architecture", arch="inception10", input="24x24x1", batch_norm="frozen")
    app = press(app, "Train this")
    assert arrived(app).title[0].value == "Train"
    start(app)
    [run] = runs.list_runs()
    asked = {key: getattr(run.config, key) for key in ("architecture", "image_size", "channels", "options")}
    expected = {"architecture": "inception10", "image_size": 24, "channels": 1}
    assert asked == expected | {"options": {"batch_norm": "frozen"}}
    assert not library.own()


def test_train_this_keeps_an_edited_network_and_trains_exactly_that(open_page: OpenPage):
    app = open_page("architecture", arch="lenet5", input="32x32x1", edit="conv1.filters.3")
    start(press(app, "Train this"))
    [run] = runs.list_runs()
    assert run.config.architecture == "lenet-5-edited"
    model = architectures.build(run.config.network, (32, 32, 1), 10)
    assert model.get_layer("conv1").filters == 3
    assert run.title == "LeNet-5, edited on Digits"


def test_train_this_keeps_the_same_edits_once(open_page: OpenPage):
    for _ in range(2):
        press(open_page("architecture", arch="lenet5", edit="conv1.filters.3"), "Train this")
    assert list(library.own()) == ["lenet-5-edited"]


def test_train_this_keeps_what_the_form_holds(open_page: OpenPage):
    app = open_page("train")
    app.number_input(key="run_epochs").set_value(7).run()
    app.switch_page("pages/architecture.py").run()
    app = arrived(press(app, "Train this"))
    assert app.number_input(key="run_epochs").value == 7


def test_input_that_no_run_can_have_says_so(open_page: OpenPage):
    app = open_page("architecture", arch="lenet5", input="32x48x3")
    button = next(button for button in app.button if button.label == "Train this")
    assert button.disabled and "square images" in button.help


def test_own_network_can_be_chosen_in_the_form(open_page: OpenPage):
    library.save(MINE)
    app = open_page("train")
    app = app.selectbox(key="run_architecture").set_value("mine").run()
    assert not app.exception and app.session_state.lab.architecture == "mine"
    library.delete("mine")
    app = app.run()
    assert not app.exception and not app.error
    assert app.session_state.lab.architecture == "baseline"
