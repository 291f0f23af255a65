"""Images of 16 bits: one scale for a whole dataset, kept beside the run that was trained on it."""

import cv2
import numpy as np
import pytest

from cnnlab import datasets
from cnnlab.datasets import LoadOptions, cache
from cnnlab.datasets.imageset import ImageSet
from cnnlab.preprocessing import Preprocessing

PATHS = [f"{name}/{i}.png" for name in ("left", "right") for i in range(6)]


def deep(value: int) -> bytes:
    """Return a gray PNG of 16 bits, black but for a square of this value."""
    pixels = np.zeros((8, 8), np.uint16)
    pixels[2:6, 2:6] = value
    return cv2.imencode(".png", pixels)[1].tobytes()


def files(*values: int) -> dict[str, bytes]:
    return {path: deep(values[i % len(values)]) for i, path in enumerate(PATHS)}


def whites(splits: datasets.Splits) -> dict[str, int]:
    """Return the brightest level of each image by its name."""
    parts: list[ImageSet] = [splits.train, splits.validation]
    return {name: int(part.images[i].max()) for part in parts for i, name in enumerate(part.names)}


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize(
    ("values", "white"),
    [((4095,), 4095), ((900, 4000), 4095), ((4000, 900), 4095), ((200, 3000, 60_000), 65_535), ((200,), 255)],
)
def test_images_are_scaled_by_what_the_whole_dataset_uses(write, monkeypatch, values, white, kept):
    if kept:
        monkeypatch.setattr(cache, "WORTH_KEEPING", 1)
    folder = write(files(*values))
    for _ in range(2):
        splits = datasets.load(folder)
        assert splits.white == white
        expected = {path: values[i % len(values)] * 256 // (white + 1) for i, path in enumerate(PATHS)}
        assert whites(splits) == expected


def test_the_report_of_a_dataset_says_how_it_is_scaled(write):
    findings = {found.kind: found.names for found in datasets.check(write(files(4000))).findings}
    assert findings["deep"] == ("4,095",)


def test_a_dataset_of_eight_bits_has_no_white(write):
    pixels = cv2.imencode(".png", np.full((8, 8), 90, np.uint8))[1].tobytes()
    assert datasets.load(write(dict.fromkeys(PATHS, pixels))).white is None


def test_deep_and_other_images_may_lie_together(write):
    eight = cv2.imencode(".png", np.full((8, 8), 90, np.uint8))[1].tobytes()
    splits = datasets.load(write(files(4000) | {"left/0.png": eight}))
    assert splits.white == 4095
    assert whites(splits)["left/0.png"] == 90


@pytest.mark.parametrize("kept", [False, True])
def test_the_white_of_a_run_holds_when_its_dataset_grows_brighter(write, monkeypatch, kept):
    if kept:
        monkeypatch.setattr(cache, "WORTH_KEEPING", 1)
    folder = write(files(4000) | {"left/new.png": deep(60_000)})
    assert datasets.load(folder).white == 65_535
    splits = datasets.load(folder, LoadOptions(white=4095))
    assert splits.white == 4095
    assert whites(splits) == dict.fromkeys(PATHS, 4000 >> 4) | {"left/new.png": 255}


def test_asking_decodes_as_training_did(write):
    folder = write(files(900, 4000))
    splits = datasets.load(folder, LoadOptions(image_size=8))
    seen = Preprocessing.from_dict(Preprocessing(8, 8, white=splits.white).to_dict())
    for part in (splits.train, splits.validation):
        for name, pixels in zip(part.names, part.images, strict=True):
            assert np.array_equal(seen.image(seen.read(folder / name)), pixels)
            assert np.array_equal(seen.decode((folder / name).read_bytes()), seen.read(folder / name))


def test_of_a_run_that_knows_no_white_all_16_bits_count_as_when_it_was_trained():
    values = Preprocessing(8, 8).to_dict()
    assert Preprocessing.from_dict(values).white is None
    del values["white"]
    assert Preprocessing.from_dict(values).decode(deep(4095)).max() == 4095 >> 8
    assert Preprocessing.from_dict(values | {"white": None}).decode(deep(4095)).max() == 255
