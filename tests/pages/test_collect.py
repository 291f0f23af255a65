"""Collect: from a name to a dataset that can be trained on, with a way back from every deletion."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import datasets, images, runs
from cnnlab.datasets import collection

OpenPage = Callable[..., AppTest]
PICTURE = images.encode_jpeg(np.full((20, 20, 3), 90, np.uint8))


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def begin(app: AppTest, title: str, classes: str) -> AppTest:
    app.text_input(key="collect_title").input(title)
    app.text_input(key="collect_classes").input(classes)
    return press(app, "Begin")


def texts(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption, *app.info, *app.subheader))


def counts(name: str) -> dict[str, int]:
    return {found.name: len(found.pictures) for found in collection.get(name).classes}


@pytest.fixture
def hands() -> str:
    name = collection.create("Our hands", ["rock", "paper"]).name
    for person in ("anna", "ben"):
        for class_name in ("rock", "paper"):
            collection.add_pictures(name, class_name, [PICTURE] * 3, person)
    return name


def test_a_name_and_classes_make_a_collection_with_an_address_of_its_own(open_page: OpenPage):
    app = begin(open_page("collect"), "Our hands", "rock, paper ,, scissors")
    assert not app.exception
    assert counts("our-hands") == {"paper": 0, "rock": 0, "scissors": 0}
    assert app.query_params["dataset"] == "our-hands"
    assert next(button for button in app.button if button.label == "Train on these").disabled
    again = open_page("collect", dataset="our-hands")
    assert "Our hands" in texts(again)


@pytest.mark.parametrize(
    ("title", "classes", "reason"),
    [
        ("", "a, b", "at least one letter"),
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
    app = press(app, "Another dataset")
    assert any(button.label == "Begin" for button in app.button)


def test_the_camera_waits_for_the_name_of_the_person(open_page: OpenPage, hands: str):
    app = open_page("collect", dataset=hands)
    assert "Say who it is" in app.info[0].value
    app = app.text_input(key="collect_person").input("Carla").run()
    assert not app.info
    assert not app.exception
    assert "cnnlab.capture" in {camera.proto.component_name for camera in app.get("bidi_component")}


def test_over_plain_http_the_page_says_why_and_takes_uploads(
    open_page: OpenPage, hands: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("cnnlab.ui.collect.collecting.camera_allowed", lambda: False)
    app = open_page("collect", dataset=hands)
    app = app.text_input(key="collect_person").input("Carla").run()
    assert "plain http" in app.info[0].value
    app = app.segmented_control(key="collect_upload_class").set_value("rock").run()
    files = [("1.jpg", PICTURE, "image/jpeg"), ("2.jpg", b"torn", "image/jpeg")]
    app = app.file_uploader[0].set_value(files).run()
    app = press(app, "Add these photos")
    assert counts(hands) == {"paper": 6, "rock": 7}
    assert collection.get(hands).people == ("Carla", "anna", "ben")
    assert len(app.error) == 1


def test_the_last_burst_is_deleted_and_brought_back(open_page: OpenPage, hands: str):
    app = open_page("collect", dataset=hands)
    app = app.button(key="collect_back_our-hands/rock").click().run()
    assert counts(hands) == {"paper": 6, "rock": 3}
    assert "3 pictures deleted" in texts(app)
    app = app.button(key="collect_bring_back").click().run()
    assert counts(hands) == {"paper": 6, "rock": 6}
    assert not app.exception


def test_one_picture_can_be_picked_out_and_deleted(open_page: OpenPage, hands: str):
    app = open_page("collect", dataset=hands)
    app = app.button(key="collect_look_our-hands/paper").click().run()
    path = collection.get(hands).classes[0].pictures[2]
    app = app.button(key=f"collect_delete_{path}").click().run()
    assert path not in collection.get(hands).classes[0].pictures
    assert counts(hands) == {"paper": 5, "rock": 6}
    app = press(app, "All classes")
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
    app = press(app, "Train on these")
    assert not app.exception
    app = press(app.switch_page("pages/train.py").run(), "Start training")
    [run] = runs.list_runs()
    assert (run.config["dataset"], run.config["split_by"]) == (hands, "group")
    for found in collection.get(hands).classes:
        collection.delete_pictures(hands, [path for path in found.pictures if "/ben__" in path])
    app = open_page("collect", dataset=hands)
    assert "near twins" in texts(app)


def test_a_dataset_is_renamed_deleted_and_brought_back_from_its_menu(open_page: OpenPage, hands: str):
    app = open_page("collect", dataset=hands)
    app.text_input(key="care_title_our-hands").input("Hands of 7b")
    app = press(app, "Rename")
    assert datasets.get(hands).title == "Hands of 7b"
    app = app.button(key="data_delete").click().run()
    assert hands not in datasets.names()
    assert any(button.label == "Begin" for button in app.button)
    app = app.button(key="care_bring_back").click().run()
    assert counts(hands) == {"paper": 6, "rock": 6}
