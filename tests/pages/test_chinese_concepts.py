"""The Concepts page in Chinese: no English beside a scene, and another language changes nothing but words."""

import json
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import architectures, languages
from cnnlab.ui.concepts import scene_images
from cnnlab.ui.concepts.catalogue import BY_NAME
from tests.languages.english import english_left
from tests.pages.test_words import shown_texts

OpenPage = Callable[..., AppTest]
OF_KERAS = ("valid", "same", "Dense", "Flatten")
OF_LATEX = ("aligned", "gathered", "n-k")
SHOWN = {"label", "caption", "alt", "title", "network", "what", "formula"}
"""What people read of the data of a scene or a wall of images."""


def said(app: AppTest) -> Iterator[str]:
    """Yield what the page shows and what its components are told to show."""
    for text in shown_texts(app):
        if text.startswith("{"):
            yield from _shown(json.loads(text))
        else:
            yield text


def _shown(data: object) -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            if isinstance(value, str) and name in SHOWN:
                yield value
            yield from _shown(value)
    elif isinstance(data, list):
        for value in data:
            yield from _shown(value)


def assert_chinese(app: AppTest) -> None:
    assert not app.exception
    assert not (found := english_left(said(app), names=(*OF_KERAS, *OF_LATEX))), "\n".join(found)


def test_nothing_english_is_left_beside_a_scene(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch):
    app = open_page("concepts", lang="zh")
    monkeypatch.setattr(languages, "current", lambda: "zh")  # this thread names the options before each run
    for name in BY_NAME:
        app.query_params["concept"] = name
        app.run()
        assert app.title[0].value == "概念"
        assert_chinese(app)


def test_a_name_that_no_concept_has_is_answered_in_chinese(open_page: OpenPage):
    app = open_page("concepts", lang="zh", concept="nothing")
    [error] = app.error
    assert "convolution" in error.value
    assert not english_left([error.value.replace("\\", "")], names=["nothing", "nothing'", *BY_NAME])


@pytest.mark.parametrize(
    "source", [scene_images.TEST, scene_images.SAMPLES, scene_images.UPLOAD, scene_images.CAMERA]
)
def test_the_images_to_choose_from_are_named_in_chinese(open_page: OpenPage, source: str):
    asked = {"concept_image": True, "concept_image_source": source}
    assert_chinese(open_page("concepts", asked, concept="convolution", lang="zh"))


def test_the_networks_that_have_a_concept_are_counted_in_chinese(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(architectures, "built_in", lambda: ("lenet5",))
    app = open_page("concepts", {"concept_networks_convolution": True}, concept="convolution", lang="zh")
    [link] = [part.proto.label for part in app.get("page_link") if "layer=conv1" in part.proto.query_string]
    assert "1" in link and not english_left([link])


@pytest.mark.parametrize(
    ("state", "query"),
    [
        ({}, {"concept": "quiz", "arch": "alexnet", "level": "2", "seed": "7"}),
        (
            {
                "concept_image": True,
                "concept_image_source": scene_images.SAMPLES,
                "concept_dataset": "digits",
            },
            {"concept": "convolution", "image": "edge"},
        ),
    ],
)
def test_another_language_changes_nothing_but_words(
    open_page: OpenPage, state: dict[str, object], query: dict[str, str]
):
    app = open_page("concepts", state, **query)
    before, asked = values(app), {name: app.query_params[name] for name in query}
    assert set(state.values()) - {True} <= set(before.values())
    app.session_state["language"] = "zh"
    assert values(app.run()) == before
    assert app.title[0].value == "概念"
    assert {name: app.query_params[name] for name in query} == asked


def values(app: AppTest) -> dict[str | None, object]:
    """Return what each widget with a key has now."""
    assert not app.exception
    widgets = [*app.selectbox, *app.number_input, *app.get("button_group")]
    return {widget.key: widget.value for widget in widgets}
