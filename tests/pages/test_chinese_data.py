"""Data and Collect in Simplified Chinese: nothing English is left, and a switch changes nothing but words."""

import json
import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import datasets, images
from cnnlab.datasets.own import collection
from cnnlab.ui.wording import plain
from tests.languages.english import english_left
from tests.pages.conftest import walls
from tests.pages.test_words import shown_texts

OpenPage = Callable[..., AppTest]
NAMES = ("rock", "paper", "scissors", "anna", "ben", "Our hands", "our-hands", "png")
SEED = "data_load_seed"
UNSEEN = {"src", "id", "name", "target"}
"""What components get beside texts."""
PLACE = re.compile(r"%?\{[^{}]*\}")
UNREAD = ("collect", "dataset", "percent")
"""In the addresses of links and the formats of numbers."""


def image(value: int) -> bytes:
    noise = np.random.default_rng(value).integers(0, 255, (12, 16, 3))
    return images.encode_png(noise.astype(np.uint8))


@pytest.fixture
def hands() -> str:
    """A dataset with much to say: duplicates, too few images, one that cannot be read, one of no class."""
    files = [
        (f"{name}/{person}__{number}.png", image(number))
        for name in ("rock", "paper")
        for person in ("anna", "ben")
        for number in range(5)
    ]
    files += [("rock/anna__9.png", image(9)[:200]), ("beside.png", image(8))]
    return datasets.import_files("Our hands", files).name


def said(app: AppTest) -> Iterator[str]:
    """Yield the texts of a page, those that components of our own get among them."""
    for text in shown_texts(app):
        yield from _within(json.loads(text) if text.startswith("{") else text)


def _within(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (text for name, inner in value.items() if name not in UNSEEN for text in _within(inner))
    elif isinstance(value, list):
        yield from (text for inner in value for text in _within(inner))
    elif isinstance(value, str):
        yield PLACE.sub("", value)


def cited(dataset: str) -> tuple[str, str]:
    """The paper of a dataset and its licence stand on the page as they are."""
    info = datasets.get(dataset)
    return plain(info.source), plain(info.licence)


def english(app: AppTest, *names: str) -> str:
    assert not app.exception
    return "\n".join(english_left(said(app), names=(*NAMES, *UNREAD, *names)))


@pytest.mark.parametrize("dataset", ["digits", "cats_and_dogs", "gestures_drawn_people"])
def test_the_page_of_a_built_in_dataset_is_chinese(open_page: OpenPage, dataset: str):
    app = open_page("data", dataset=dataset, lang="zh")
    assert not english(app, *cited(dataset), *datasets.get(dataset).classes)


@pytest.mark.parametrize("tab", ["Samples", "Augmentation"])
def test_the_page_of_an_own_dataset_is_chinese_with_its_findings(open_page: OpenPage, hands: str, tab: str):
    app = open_page("data", {"data_findings": True, "data_tab": tab}, dataset=hands, lang="zh")
    assert app.error or app.warning
    assert app.session_state["data_tab"] != tab
    assert not english(app)


def test_the_choices_of_preprocessing_are_chinese(open_page: OpenPage):
    app = open_page("data", {"data_more": True}, dataset="digits", lang="zh")
    assert app.number_input(key=SEED).value == 0
    assert not english(app, *cited("digits"))


def test_collecting_is_chinese_from_the_first_image_to_the_first_run(open_page: OpenPage):
    assert not english(open_page("collect", lang="zh"))
    name = collection.create("Our hands", ["rock", "paper"]).name
    assert not english(open_page("collect", dataset=name, lang="zh"))
    for person in ("anna", "ben"):
        for class_name in ("rock", "paper"):
            collection.add_images(name, class_name, [image(1), image(2)], person)
    app = open_page("collect", {"collect_class": "rock"}, dataset=name, lang="zh")
    assert walls(app) and not english(app)


def test_what_is_wrong_is_said_in_chinese(open_page: OpenPage):
    app = open_page("collect", dataset="gone", lang="zh")
    assert app.error and not english(app, "gone")
    app = open_page("collect", {"collect_classes": "rock"}, lang="zh")
    assert app.error and not english(app)


def test_another_language_changes_no_choice(open_page: OpenPage, hands: str):
    app = open_page("data", {"data_more": True}, dataset=hands)
    app.segmented_control(key=f"data_split_{hands}").set_value("random").run()
    app.number_input(key=SEED).set_value(7).run()
    app.selectbox(key="data_load_fit").select_index(1).run()
    chosen = {key: app.session_state[key] for key in (SEED, "data_load_fit", f"data_split_{hands}")}
    app.session_state["data_tab"] = "Augmentation"
    app.run()
    app.session_state["language"] = "zh"
    app.run()
    assert {key: app.session_state[key] for key in chosen} == chosen
    assert app.selectbox(key="data_dataset").value == hands
    assert app.session_state["data_tab"] == "数据增强"
    assert not english(app)
