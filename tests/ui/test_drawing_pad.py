"""What a browser sends as a drawing is a drawing, or nothing."""

import base64

import numpy as np
import pytest

from cnnlab import images
from cnnlab.ui.classify.drawing_pad import received


def sent(image: np.ndarray, number: object = 3) -> dict:
    return {"drawn": {"number": number, "png": base64.b64encode(images.encode_png(image)).decode()}}


def test_ink_arrives_as_it_was_drawn():
    pad = np.zeros((280, 280, 3), np.uint8)
    pad[50:90, 20:30] = 255
    number, ink = received(sent(pad))
    assert number == 3
    assert np.array_equal(ink, pad[..., 0])


@pytest.mark.parametrize(
    "state",
    [
        None,
        {},
        {"drawn": "text"},
        {"drawn": {"number": 1, "png": "%%%"}},
        {"drawn": {"number": 1, "png": base64.b64encode(b"no picture").decode()}},
        sent(np.zeros((280, 280, 3), np.uint8)),
        sent(np.full((600, 8, 3), 255, np.uint8)),
        {"drawn": {"number": 1, "png": "A" * 10**6}},
    ],
)
def test_what_is_no_drawing_is_an_empty_pad(state: object):
    assert received(state)[1] is None
