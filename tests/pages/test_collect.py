"""Collect: from a name to a dataset that can be trained on, with a way back from every deletion."""

import json
from collections.abc import Callable

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cnnlab import datasets, images, runs
from cnnlab.datasets.own import collection
from cnnlab.ui.collect import collecting
from tests.pages.conftest import walls

OpenPage = Callable[..., AppTest]
IMAGE = images.encode_jpeg(np.full((20, 20, 3), 90, np.uint8))


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def begin(app: AppTest, title: str, classes: str) -> AppTest:
    app.text_input(key="collect_title").input(title)
    app.text_input(key="collect_classes").input(classes)
    return press(app, "Create")


def texts(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption, *app.info, *app.header))


def cameras(app: AppTest) -> list[dict]:
    """Return what each camera on the page offers: its ``choices``, and what was ``received``."""
    found = [part.proto for part in app.get("bidi_component")]
    return [json.loads(proto.json) for proto in found if proto.component_name.endswith("cnnlab.capture")]


def take(app: AppTest, target: str) -> AppTest:
    """Hand an image to the page as the camera's callback does, and run it."""
    app.session_state["collect_test_target"] = target
    return app.run()


def shoot(app: AppTest, label: str) -> AppTest:
    """Take an image of a class."""
    return take(app, next(one["target"] for one in cameras(app)[0]["choices"] if one["label"] == label))


@pytest.fixture(autouse=True)
def shutter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test press the buttons of the camera, which are the browser's: before the page, as a callback."""
    draft = collecting.draft.draft

    def first_the_image() -> collection.Collection:
        if target := st.session_state.pop("collect_test_target", None):
            collecting._store(target, [IMAGE])
        return draft()

    monkeypatch.setattr(collecting.draft, "draft", first_the_image)


def counts(name: str) -> dict[str, int]:
    return {found.name: len(found.images) for found in collection.get(name).classes}


@pytest.fixture
def hands() -> str:
    name = collection.create("Our hands", ["rock", "paper"]).name
    for person in ("anna", "ben"):
        for class_name in ("rock", "paper"):
            collection.add_images(name, class_name, [IMAGE] * 3, person)
    return name


def test_a_name_and_classes_make_a_collection_with_an_address_of_its_own(open_page: OpenPage):
    app = begin(open_page("collect"), "Our hands", "rock, paper ,, scissors")
    assert not app.exception
    assert counts("our-hands") == {"paper": 0, "rock": 0, "scissors": 0}
    assert app.query_params["dataset"] == "our-hands"
    assert next(button for button in app.button if button.label == "Train now").disabled
    again = open_page("collect", dataset="our-hands")
    assert "Our hands" in texts(again)


@pytest.mark.parametrize(
    ("title", "classes", "reason"),
    [
        ("#", "a, b", "at least one letter"),
        ("New", "a", "at least two classes"),
        ("New", "a, a", "already a class a"),
        ("Digits", "a, b", "already a dataset"),
    ],
)
def test_what_cannot_begin_says_why_and_keeps_what_was_typed(open_page: OpenPage, title, classes, reason):
    app = begin(open_page("collect"), title, classes)
    assert [reason in error.value for error in app.error] == [True]
    assert app.text_input(key="collect_classes").value == classes
    assert collection.every() == []


@pytest.mark.parametrize("name", ["nothing", "../../etc", "digits", "a" * 4000])
def test_an_address_without_a_collection_says_so_and_leads_back(open_page: OpenPage, name: str):
    app = open_page("collect", dataset=name)
    assert len(app.error) == 1
    assert not app.exception
    app = press(app, "New dataset")
    assert any(button.label == "Create" for button in app.button)


def test_the_camera_is_open_at_once_and_nothing_is_made_before_the_first_image(open_page: OpenPage):
    app = open_page("collect")
    assert not app.exception
    [camera] = cameras(app)
    assert [choice["label"] for choice in camera["choices"]] == ["Class 1", "Class 2"]
    assert collection.every() == []
    app = app.text_input(key="collect_classes").input("rock, paper").run()
    assert [choice["label"] for choice in cameras(app)[0]["choices"]] == ["paper", "rock"]
    app = app.text_input(key="collect_classes").input("rock").run()
    assert cameras(app)[0]["choices"] == []
    assert ["at least two classes" in error.value for error in app.error] == [True]


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("", ["My images", "My images 2"]),
        ("Hands", ["Hands", "Hands 2"]),
        ("Digits", ["Digits 2", "Digits 3"]),
    ],
)
def test_the_first_image_makes_the_dataset_under_a_free_title(open_page: OpenPage, title, names):
    for count, name in enumerate(names, start=1):
        app = open_page("collect")
        app.text_input(key="collect_title").input(title).run()
        app = shoot(app, "Class 2")
        assert not app.exception
        assert len(collection.every()) == count
        made = next(one for one in collection.every() if one.title == name)
        assert {one.name: len(one.images) for one in made.classes} == {"Class 1": 0, "Class 2": 1}
        assert app.query_params["dataset"] == made.name
        app = shoot(app, "Class 1")  # into the same
        assert len(collection.every()) == count
        assert counts(made.name) == {"Class 1": 1, "Class 2": 1}


def test_the_buttons_stay_where_they_are_when_the_first_image_makes_the_dataset(open_page: OpenPage):
    app = open_page("collect")
    app = app.text_input(key="collect_classes").input(" 10,2 ,  b   c, Ä ").run()
    before = [choice["label"] for choice in cameras(app)[0]["choices"]]
    app = shoot(app, "10")
    assert [choice["label"] for choice in cameras(app)[0]["choices"]] == before
    assert len(collection.every()) == 1


def test_an_image_that_was_on_its_way_goes_into_the_dataset_that_the_first_one_made(open_page: OpenPage):
    app = open_page("collect")
    [camera] = cameras(app)
    targets = {choice["label"]: choice["target"] for choice in camera["choices"]}
    app = shoot(app, "Class 1")
    app = take(app, targets["Class 1"])
    app = take(app, targets["Class 2"])
    [made] = collection.every()
    assert counts(made.name) == {"Class 1": 2, "Class 2": 1}
    app = press(app, "New dataset")
    app = shoot(app, "Class 1")
    assert len(collection.every()) == 2


def test_over_plain_http_the_page_says_why_and_takes_uploads(
    open_page: OpenPage, hands: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("cnnlab.ui.collect.collecting.camera_allowed", lambda: False)
    app = open_page("collect", dataset=hands)
    app = app.text_input(key="collect_person").input("Carla").run()
    assert "plain http" in app.info[0].value
    app = app.segmented_control(key="collect_upload_class").set_value("rock").run()
    files = [("1.jpg", IMAGE, "image/jpeg"), ("2.jpg", b"torn", "image/jpeg")]
    app = app.file_uploader[0].set_value(files).run()
    app = press(app, "Add images")
    assert counts(hands) == {"paper": 6, "rock": 7}
    assert collection.get(hands).people == ("Carla", "anna", "ben")
    assert len(app.error) == 1


def back_button(app: AppTest, class_name: str) -> str | None:
    key = f"collect_back_our-hands/{class_name}"
    return next((button.label for button in app.button if button.key == key), None)


def test_only_ones_own_last_burst_can_be_deleted_at_a_click(open_page: OpenPage, hands: str):
    app = open_page("collect", dataset=hands)
    assert back_button(app, "rock") is None
    app = app.text_input(key="collect_person").input("anna").run()
    assert back_button(app, "rock") == "Delete anna’s last 3"  # though ben came later
    app.button(key="collect_back_our-hands/rock").click().run()
    assert [path for path in collection.get(hands).classes[1].images if "anna__" in path] == []
    assert counts(hands) == {"paper": 6, "rock": 3}
    app = app.text_input(key="collect_person").input("").run()
    assert back_button(app, "rock") is None
    app = shoot(app, "rock")
    assert back_button(app, "rock") == "Delete your last 1"


def test_the_last_burst_is_deleted_and_brought_back(open_page: OpenPage, hands: str):
    app = open_page("collect", dataset=hands)
    app = app.text_input(key="collect_person").input("ben").run()
    app = app.button(key="collect_back_our-hands/rock").click().run()
    assert counts(hands) == {"paper": 6, "rock": 3}
    assert "3 images deleted" in texts(app)
    app = app.button(key="collect_bring_back").click().run()
    assert counts(hands) == {"paper": 6, "rock": 6}
    assert not app.exception


def test_images_are_marked_and_deleted_by_one_button_above_them(
    open_page: OpenPage, hands: str, monkeypatch: pytest.MonkeyPatch
):
    app = open_page("collect", dataset=hands)
    app = app.button(key="collect_look_our-hands/paper").click().run()
    [wall] = walls(app)
    assert [tile["caption"] for tile in wall["tiles"]] == ["ben"] * 3 + ["anna"] * 3
    assert app.button(key="collect_delete_marked").disabled
    paths = list(collection.get(hands).classes[0].images[2:4])
    monkeypatch.setattr("cnnlab.ui.collect.class_cards.marked_images", lambda *_: paths)
    app = app.run().button(key="collect_delete_marked").click().run()
    assert counts(hands) == {"paper": 4, "rock": 6}
    assert not {*paths} & {*collection.get(hands).classes[0].images}
    app = press(app, "Back")
    assert not app.exception


def test_classes_are_added_renamed_and_deleted(open_page: OpenPage, hands: str):
    app = open_page("collect", dataset=hands)
    app.text_input(key="collect_new_class").input("scissors")
    app = app.button(key="collect_add_class").click().run()
    app.text_input(key="collect_name_our-hands/rock").input("stone")
    app = app.button(key="collect_rename_our-hands/rock").click().run()
    app = app.button(key="collect_drop_our-hands/paper").click().run()
    assert counts(hands) == {"scissors": 0, "stone": 6}
    app = app.button(key="collect_bring_back").click().run()
    assert counts(hands) == {"paper": 6, "scissors": 0, "stone": 6}
    app.text_input(key="collect_new_class").input("PAPER")
    app = app.button(key="collect_add_class").click().run()
    assert ["already a class" in error.value for error in app.error] == [True]


def test_two_people_are_split_by_person_and_one_is_told_why_that_says_more(open_page: OpenPage, hands: str):
    app = open_page("collect", dataset=hands)
    assert "2 people" in texts(app)
    app = press(app, "Train now")
    assert not app.exception
    [run] = runs.list_runs()
    assert run.status().state == "queued"
    assert (run.config.dataset, run.config.split_by) == (hands, "group")
    for found in collection.get(hands).classes:
        collection.delete_images(hands, [path for path in found.images if "/ben__" in path])
    app = open_page("collect", dataset=hands)
    assert "near-duplicates" in texts(app)


def test_settings_first_fills_the_form_and_starts_nothing(open_page: OpenPage, hands: str):
    app = press(open_page("collect", dataset=hands), "Settings first")
    app = app.switch_page("pages/train.py").run()
    assert not app.exception
    assert runs.list_runs() == []
    assert (app.session_state["lab"].dataset, app.session_state["run_split_by"]) == (hands, "group")


def test_deleted_images_are_brought_back_after_a_reload(open_page: OpenPage, hands: str):
    collection.delete_images(hands, collection.get(hands).classes[1].images[:2])
    app = open_page("collect", state={f"deleted_{hands}": True}, dataset=hands)
    assert "2 images of rock" in texts(app)
    app = press(app, "Restore")
    assert counts(hands) == {"paper": 6, "rock": 6}
    assert not app.exception


def test_a_dataset_is_renamed_deleted_and_brought_back_from_its_menu(open_page: OpenPage, hands: str):
    app = open_page("collect", dataset=hands)
    app.text_input(key="care_title_our-hands").input("Hands of 7b")
    app = press(app, "Rename")
    assert datasets.get(hands).title == "Hands of 7b"
    app = app.button(key="data_delete").click().run()
    assert hands not in datasets.names()
    assert any(button.label == "Create" for button in app.button)
    app = app.button(key="care_bring_back").click().run()
    assert counts(hands) == {"paper": 6, "rock": 6}
