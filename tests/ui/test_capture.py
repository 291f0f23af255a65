"""What the browser's camera sends is other people's data: counted, measured, decoded, taken in once."""

import base64
import math

import numpy as np
import pytest

from cnnlab import images
from cnnlab.errors import DatasetError, ImageError
from cnnlab.ui import capture

CLIENT = "0123456789abcdef"
JPEG = base64.b64encode(images.encode_jpeg(np.full((8, 8, 3), 90, np.uint8))).decode()
HUGE = base64.b64encode(images.encode_jpeg(np.zeros((8, capture.MOST_PIXELS + 1, 3), np.uint8))).decode()


def frame(number: int, target: str = "rock", jpeg: object = JPEG) -> dict:
    return {"number": number, "target": target, "jpeg": jpeg}


def batch(*frames: object, client: object = CLIENT) -> dict:
    return {"client": client, "frames": list(frames)}


class Page:
    """The session of one browser, and what its page was handed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.state = {"camera_targets": {"rock", "paper"}}
        self.taken: list[tuple[str, int]] = []
        monkeypatch.setattr(capture.st, "session_state", self.state)

    def gets(self, payload: object) -> str | None:
        self.state["camera"] = {"frames": payload}
        capture._take_in("camera", lambda target, files: self.taken.append((target, len(files))))
        return capture.problem("camera")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    return Page(monkeypatch)


def test_frames_arrive_once_in_their_order_however_often_a_batch_is_sent(page: Page):
    first, second = batch(frame(1), frame(2, "paper"), frame(3)), batch(frame(3), frame(4))
    for payload in (first, first, second, second, first):
        assert page.gets(payload) is None
    assert page.taken == [("rock", 2), ("paper", 1), ("rock", 1)]
    assert page.state["camera_received"] == {CLIENT: 4}


def test_each_browser_tab_has_numbers_of_its_own(page: Page):
    page.gets(batch(frame(7)))
    page.gets(batch(frame(1), client="f" * 16))
    assert len(page.taken) == 2
    for tab in range(50):
        page.gets(batch(frame(1), client=f"{tab:016x}"))
    assert len(page.state["camera_received"]) == capture.CLIENTS_KEPT


@pytest.mark.parametrize(
    "payload",
    [
        *(None, [], "frames", 7, math.nan, {}, {"client": CLIENT}, {"frames": []}),
        *(batch(client=client) for client in ("", "../../etc", "F" * 16, None, 3, "0" * 17)),
        {"client": CLIENT, "frames": {"0": frame(1)}},
        *(batch(item) for item in (None, [], {}, "x", {"number": 1})),
        *(batch(frame(number)) for number in (0, -1, 10**12, 1.5, "1", None, math.inf)),
        batch(frame(2), frame(1)),
        batch(frame(1), frame(1)),
        batch(*(frame(number) for number in range(1, capture.MOST_FRAMES + 2))),
        batch({"number": 1, "target": ["rock"], "jpeg": JPEG}),
        batch({"number": 1, "target": "rock", "jpeg": b"bytes"}),
    ],
    ids=lambda payload: repr(payload)[:60],
)
def test_what_no_camera_sends_is_refused_whole_in_one_sentence(page: Page, payload: object):
    assert page.gets(payload) == str(capture.not_a_camera())
    assert page.taken == []
    with pytest.raises(ImageError):
        capture.checked(payload)


@pytest.mark.parametrize(
    "bad",
    [
        frame(2, jpeg="not base64!"),
        frame(2, jpeg=""),
        frame(2, jpeg=base64.b64encode(b"only text").decode()),
        frame(2, jpeg=HUGE),
        frame(2, jpeg="A" * (capture.MOST_CHARACTERS + 1)),
        frame(2, target="somewhere else"),
        frame(2, target="../paper"),
    ],
    ids=lambda item: f"{item['target']} {item['jpeg'][:12]}",
)
def test_one_bad_frame_is_left_out_said_and_never_asked_for_again(page: Page, bad: dict):
    assert page.gets(batch(frame(1), bad, frame(3))) == str(capture.not_a_camera())
    assert page.taken == [("rock", 2)]
    assert page.state["camera_received"] == {CLIENT: 3}


def test_a_refusal_of_the_page_is_said_and_the_frames_are_not_sent_for_ever(page: Page):
    def refuse(target: str, files: list[bytes]) -> None:
        raise DatasetError("The class rock is not there any more; choose another.")

    page.state["camera"] = {"frames": batch(frame(1))}
    capture._take_in("camera", refuse)
    assert capture.problem("camera") == "The class rock is not there any more; choose another."
    assert capture.problem("camera") is None
    assert page.state["camera_received"] == {CLIENT: 1}
