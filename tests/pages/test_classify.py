"""Classify answers every picture it can read, and says one sentence about each it cannot."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import images, runs
from tests.pages.conftest import give_weights, say

OpenPage = Callable[..., AppTest]


@pytest.fixture
def trained(run: runs.Run) -> runs.Run:
    say(run, "finished", epoch=20, best_epoch=20, best_val_accuracy=0.5)
    give_weights(run)
    return run


def png(size: tuple[int, int] = (20, 30)) -> bytes:
    return images.encode_png(np.full((*size, 3), 128, np.uint8))


def answers(app: AppTest) -> list[str]:
    return [heading.value for heading in app.subheader if "%" in heading.value]


def captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def test_without_a_trained_network_the_page_sends_people_to_train_one(open_page: OpenPage, run: runs.Run):
    app = open_page("classify")
    assert "train one first" in app.info[0].value
    assert not app.exception


def test_samples_work_without_a_file(open_page: OpenPage, trained: runs.Run):
    app = open_page("classify", run=trained.id)
    assert len(answers(app)) == 1
    app = app.button(key="sample_3").click().run()
    assert any("in truth" in caption for caption in captions(app))
    assert "As the network sees it: 8 × 8, gray" in captions(app)
    assert any(caption.endswith("ms a picture") for caption in captions(app))
    assert not app.exception


def test_bad_pictures_give_one_sentence_each_and_the_others_are_answered(
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


def test_a_photo_is_answered_beside_the_camera(open_page: OpenPage, trained: runs.Run):
    app = open_page("classify", run=trained.id, source="camera")
    assert app.segmented_control(key="classify_source").value == "Camera"
    assert len(app.get("bidi_component")) == 1
    assert answers(app) == []
    app.session_state["classify_photo"] = np.full((20, 20, 3), 128, np.uint8)
    app = app.toggle(key="classify_live").set_value(True).run()
    assert len(answers(app)) == 1
    assert "As the network sees it: 8 × 8, gray" in captions(app)
    assert not app.exception


def test_a_page_over_plain_http_says_why_there_is_no_camera_and_offers_upload(
    open_page: OpenPage, trained: runs.Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("cnnlab.ui.camera_allowed", lambda: False)
    app = open_page("classify", run=trained.id)
    app = app.segmented_control(key="classify_source").set_value("Camera").run()
    assert "plain http" in app.info[0].value
    assert len(app.file_uploader) == 1
