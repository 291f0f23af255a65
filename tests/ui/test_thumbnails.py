"""Small images for who points at a point: those that a page kept, and nothing else."""

from urllib.parse import urlencode

import numpy as np
import pytest
from starlette.requests import Request
from starlette.responses import Response

from cnnlab import images
from cnnlab.ui import thumbnails


@pytest.fixture(autouse=True)
def empty() -> None:
    thumbnails._kept.clear()


def get(**query: str | int) -> Response:
    scope = {"type": "http", "method": "GET", "headers": [], "query_string": urlencode(query).encode()}
    return thumbnails.thumbnail(Request(scope))


def test_a_kept_image_comes_pixel_for_pixel_while_it_is_small_and_smaller_else():
    small = np.random.default_rng(0).integers(0, 256, (8, 9, 1), np.uint8)
    large = np.full((600, 300, 3), 90, np.uint8)
    thumbnails.keep("a run", [3, 700], {3: small, 700: large}.__getitem__)
    found = get(of="a run", number=3)
    assert found.headers["content-type"] == "image/png"
    assert np.array_equal(images.recolour(images.decode(found.body), 1), small)
    found = get(of="a run", number=700)
    assert found.headers["content-type"] == "image/jpeg"
    assert images.decode(found.body).shape == (thumbnails.PIXELS, thumbnails.PIXELS // 2, 3)


@pytest.mark.parametrize("number", ["", "1", "-3", "٣", "3.0", "9" * 5000, "../3"])
def test_what_is_not_kept_is_not_there(number):
    thumbnails.keep("a run", [3], lambda _: np.zeros((4, 4, 1), np.uint8))
    assert get(of="a run", number=number).status_code == 404
    assert get(of="another", number="3").status_code == 404
    assert get().status_code == 404


def test_a_set_is_made_once_and_the_oldest_go():
    made = []

    def image(number: int) -> np.ndarray:
        made.append(number)
        return np.zeros((4, 4, 1), np.uint8)

    for _ in range(2):
        thumbnails.keep("0", range(3), image)
    assert made == [0, 1, 2]
    for name in range(1, thumbnails.MOST_SETS + 1):
        thumbnails.keep(str(name), [0], image)
    assert "0" not in thumbnails._kept and len(thumbnails._kept) == thumbnails.MOST_SETS
