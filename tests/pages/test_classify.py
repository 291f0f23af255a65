"""Classify answers every image it can read, and says one sentence about each it cannot."""

import json
import re
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import images, runs
from cnnlab.inference import ImagePrediction, evaluation
from tests.pages.conftest import give_weights, say, walls

OpenPage = Callable[..., AppTest]


@pytest.fixture
def trained(run: runs.Run) -> runs.Run:
    say(run, "finished", epoch=20, best_epoch=20, best_val_accuracy=0.5)
    give_weights(run)
    return run


def png(size: tuple[int, int] = (20, 30)) -> bytes:
    return images.encode_png(np.full((*size, 3), 128, np.uint8))


def answers(app: AppTest) -> list[str]:
    return [heading.value for heading in app.header]


def captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def test_without_a_trained_network_the_page_sends_people_to_train_one(open_page: OpenPage, run: runs.Run):
    app = open_page("classify")
    assert "train one first" in app.info[0].value
    assert not app.exception


def test_samples_work_without_a_file(open_page: OpenPage, trained: runs.Run, monkeypatch: pytest.MonkeyPatch):
    app = open_page("classify", run=trained.id)
    assert len(answers(app)) == 1
    [wall] = walls(app)
    assert wall["chosen"] == "0"
    assert [tile["caption"] for tile in wall["tiles"]] == list("0123456789")
    monkeypatch.setattr("cnnlab.ui.image_wall._offered", lambda told, tiles: "3")
    app = app.run()
    assert walls(app)[0]["chosen"] == "3"
    assert any("label 3 · original 8 × 8 pixels" in caption for caption in captions(app))
    assert "Network input: 8 × 8, grayscale" in captions(app)
    assert any(re.fullmatch(r"Inference: \d+\.\d ms/image", caption) for caption in captions(app))
    assert not app.exception


def test_bad_images_give_one_sentence_each_and_the_others_are_answered(
    open_page: OpenPage, trained: runs.Run
):
    app = open_page("classify", run=trained.id)
    app = app.segmented_control(key="classify_source").set_value("Upload").run()
    files = [
        ("good.png", png(), "image/png"),
        ("empty.png", b"", "image/png"),
        ("text.png", b"only text", "image/png"),
        ("cut.png", png((300, 300))[:60], "image/png"),
        ("also good.png", png((9, 9)), "image/png"),
    ]
    app = app.file_uploader[0].set_value(files).run()
    assert len(answers(app)) == 2
    assert len(app.error) == 3
    assert not app.exception


def test_the_camera_is_live_at_once_and_bears_the_classes_in_their_order(
    open_page: OpenPage, trained: runs.Run
):
    app = open_page("classify", run=trained.id, source="camera")
    assert app.segmented_control(key="classify_source").value == "Camera"
    [camera] = app.get("bidi_component")
    told = json.loads(camera.proto.json)
    assert (told["run"], told["classes"]) == (trained.id, list("0123456789"))
    assert (told["live"], told["invert"], told["input"]) == (True, False, "8 × 8, grayscale")
    app = app.toggle(key="classify_live").set_value(False).run()
    assert not json.loads(app.get("bidi_component")[0].proto.json)["live"]
    assert not app.exception


def test_a_page_over_plain_http_says_why_there_is_no_camera_and_offers_upload(
    open_page: OpenPage, trained: runs.Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("cnnlab.ui.asking.camera_allowed", lambda: False)
    app = open_page("classify", run=trained.id)
    app = app.segmented_control(key="classify_source").set_value("Camera").run()
    assert "plain http" in app.info[0].value
    assert len(app.file_uploader) == 1


def test_an_empty_pad_waits_for_a_drawing(open_page: OpenPage, trained: runs.Run):
    app = open_page("classify", run=trained.id, source="draw")
    assert app.segmented_control(key="classify_source").value == "Draw"
    assert answers(app) == []
    assert not app.exception


def test_an_answer_below_the_threshold_of_the_validation_set_is_called_unknown(
    open_page: OpenPage, trained: runs.Run
):
    sure = [ImagePrediction(f"{n}", "0", "0", 0.999, 0.999) for n in range(20)]
    found = evaluation.from_predictions(sure, tuple("0123456789"))
    (trained.folder / "evaluation.json").write_text(json.dumps(found.to_dict()))
    [said] = answers(open_page("classify", run=trained.id))
    assert "do not know" in said
    sure = [ImagePrediction(f"{n}", "0", "0", 0.001, 0.001) for n in range(20)]
    found = evaluation.from_predictions(sure, tuple("0123456789"))
    (trained.folder / "evaluation.json").write_text(json.dumps(found.to_dict()))
    [said] = answers(open_page("classify", run=trained.id))
    assert "do not know" not in said
