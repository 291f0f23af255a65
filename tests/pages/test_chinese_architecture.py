"""Architecture and Classify in Chinese: nothing English is left, and the switch changes nothing but words."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import inspection, languages, runs
from cnnlab.architectures.own.kinds import checked
from cnnlab.errors import ArchitectureError
from cnnlab.inspection.drawing import draw
from cnnlab.inspection.placing import width_of
from cnnlab.inspection.stages import grouped, in_words
from cnnlab.languages import recognised
from cnnlab.ui.classify.explain.view import VIEWS
from cnnlab.ui.classify.live import _refused
from cnnlab.ui.own_component import words_of
from tests.languages.english import english_left
from tests.pages.conftest import give_weights, say
from tests.pages.test_words import shown_texts

SLOW = pytest.mark.slow
OpenPage = Callable[..., AppTest]
NAMES = (
    *("image", "flatten", "output", "Conv", "Dense", "Flatten", "InputLayer", "valid", "same", "reflect"),
    *("linear", "relu", "elu", "selu", "gelu", "silu", "softplus", "LeNet-5 on Digits", "Sun", "Rec"),
)
"""Layers, classes of Keras and their values, runs and authors are called the same in every language."""
READ = {"label", "labels", "said", "alt", "caption", "help", "cells", "input"}
"""What a component shows of its data."""
NOT_READ = re.compile(r"\w+=.*|train|concepts")
"""Addresses of pages."""
SHAPE = {"arch": "lenet5", "layer": "conv2"}


@pytest.fixture
def trained(run: runs.Run) -> runs.Run:
    say(run, "finished", epoch=20, best_epoch=20, best_val_accuracy=0.5)
    give_weights(run)
    return run


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "_asked", lambda: "zh")


def check(app: AppTest) -> None:
    assert not app.exception
    shown = {said for text in shown_texts(app) for said in _read(text) if not NOT_READ.fullmatch(said)}
    assert not (found := english_left(shown, NAMES)), "\n".join(found)


def _read(text: str) -> Iterator[str]:
    """Yield a text, or of the data of a component what people read of it."""
    waiting = [("", json.loads(text))] if text.startswith("{") else [("label", text)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.items()
        elif key == "legend":
            waiting += [("said", entry[-1]) for entry in value]
        elif isinstance(value, list):
            waiting += [(key, inner) for inner in value]
        elif key in READ and isinstance(value, str):
            yield re.sub(r"%\{\w+\}", "", value)  # of the templates of charts


@pytest.mark.parametrize(
    ("address", "state"),
    [
        (SHAPE, {"further_layers": True, "further_compare": True, "further_about": True}),
        (SHAPE, {"layer_tab": "Receptive field"}),
        pytest.param(SHAPE, {"layer_tab": "Feature maps"}, marks=SLOW),
        (SHAPE | {"edit": "conv1.filters.7~pool1.left_out.1"}, {"layer_tab": "Edit"}),
        pytest.param({"arch": "lenet5", "input": "9x9x1"}, {}, marks=SLOW),
        pytest.param({"arch": "lenet5", "input": "9999x1x1"}, {}, marks=SLOW),
        pytest.param({"arch": "vgg16_cifar"}, {}, marks=SLOW),
    ],
)
def test_architecture_speaks_chinese(open_page: OpenPage, address: dict, state: dict):
    check(open_page("architecture", lang="zh", state=state, **address))


def test_classify_says_in_chinese_that_a_network_is_to_be_trained(open_page: OpenPage):
    check(open_page("classify", lang="zh"))


@pytest.mark.parametrize(
    "view", ["steps", *(pytest.param(view, marks=SLOW) for view in VIEWS if view != "steps")]
)
def test_classify_explains_in_chinese(open_page: OpenPage, trained: runs.Run, view: str):
    check(open_page("classify", lang="zh", run=trained.id, state={"explain_view": view}))


@pytest.mark.parametrize("source", ["camera", *(pytest.param(one, marks=SLOW) for one in ("upload", "draw"))])
def test_each_source_of_images_speaks_chinese(open_page: OpenPage, trained: runs.Run, source: str):
    check(open_page("classify", lang="zh", run=trained.id, source=source))


def values(app: AppTest) -> dict[str, object]:
    """Return what is chosen on a page, by the keys of its widgets."""
    widgets = (
        *app.selectbox,
        *app.number_input,
        *app.toggle,
        *app.pills,
        *app.segmented_control,
        *app.slider,
    )
    open_folds = {
        "further_layers": "further_layers" in app.session_state and app.session_state["further_layers"]
    }
    return open_folds | {widget.key: widget.value for widget in widgets if widget.key}


@pytest.mark.parametrize(
    ("page", "state"),
    [
        ("architecture", {"layer_tab": "Receptive field", "further_layers": True}),
        ("classify", {"explain_view": "change"}),
    ],
)
def test_the_switch_changes_nothing_but_words(open_page: OpenPage, trained: runs.Run, page: str, state: dict):
    app = open_page(page, state=state, **({"run": trained.id} if page == "classify" else SHAPE))
    for slider in app.slider[:1]:
        app = slider.set_value(slider.min).run()
    before, words = values(app), set(shown_texts(app))
    app.session_state["language"] = "zh"
    app = app.run()
    assert not app.exception and before and values(app) == before
    assert set(shown_texts(app)) != words


def test_stages_are_named_in_chinese_and_their_labels_have_room(chinese: None):
    rows = inspection.layer_table(inspection.shape_only_model("vgg16_cifar", (32, 32, 3), 10))
    drawn = draw(grouped(rows))
    assert in_words("stage 2") == "阶段 2" and in_words("stage1_block1") == "stage1_block1"
    assert in_words("conv1 to pool1 (block)") == "conv1 到 pool1（块）"
    assert width_of("阶段 2") == width_of("aaaa 2")
    assert {node.name for node in drawn.nodes} == {node.name for node in draw(grouped(rows)).nodes}
    assert "stage 1" in drawn.order and not english_left((node.said for node in drawn.nodes), NAMES)


def test_what_does_not_fit_is_said_in_chinese_with_all_that_it_quotes(chinese: None):
    with pytest.raises(ArchitectureError) as small:
        inspection.shape_only_model("alexnet", (40, 40, 3), 10)
    with pytest.raises(ArchitectureError) as wide:
        checked("conv1", "kernel_size", 999)
    said = recognised(str(small.value)), recognised(str(wide.value))
    assert said[0].startswith("单塔 AlexNet 不适用于 40×40×3 的输入：") and "滑动" in said[0]
    assert said[1].startswith("conv1 不能这样设置：卷积核大小必须是 1 到 256 的一个整数")
    assert not english_left(said)


def test_a_joined_script_gets_its_words_and_none_in_english(monkeypatch: pytest.MonkeyPatch):
    assert words_of("camera", "live_camera") == {}
    monkeypatch.setattr(languages, "_asked", lambda: "zh")
    said = words_of("camera", "live_camera")
    assert said["Take photo"] == "拍照" and "Other camera" in said and "Undo" not in said
    assert not english_left(re.sub(r"\{\w+\}", "", text) for text in said.values())


@pytest.mark.parametrize(
    ("asked", "expected"), [("zh", "此处"), ("en", "here"), ("<b>", "here"), ("", "here")]
)
def test_the_camera_is_refused_in_the_language_of_its_page(
    monkeypatch: pytest.MonkeyPatch, asked: str, expected: str
):
    from starlette.requests import Request

    known = {"It is not here.": "不在此处。"}
    monkeypatch.setattr(
        "cnnlab.languages.sentences.recognised",
        lambda language, text: known.get(text, text) if language == "zh" else text,
    )
    request = Request({"type": "http", "query_string": f"lang={asked}".encode(), "headers": []})
    assert expected in _refused(request, "It is not here.", 422).body.decode()
