"""The published ZIPs of cats and dogs and of hands: small ones of the same layout, served on loopback."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from cnnlab import datasets, images, workspace
from cnnlab.datasets import LoadOptions
from cnnlab.datasets.builtin import cats_and_dogs, rock_paper_scissors
from cnnlab.datasets.registry import BUILT_IN
from cnnlab.errors import DatasetError, DownloadError

from .conftest import png, zipped

OPTIONS = LoadOptions(image_size=16)
NOISE = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)


def cats_and_dogs_zip() -> bytes:
    """Return a ZIP of the published layout: 6 images of each class to train, 3 to validate."""
    files = {"cats_and_dogs_filtered/vectorize.py": b"print()", "cats_and_dogs_filtered/.DS_Store": b"x"}
    for part, numbers in (("train", range(6)), ("validation", range(2000, 2003))):
        for animal in ("cat", "dog"):
            for i in numbers:
                path = f"cats_and_dogs_filtered/{part}/{animal}s/{animal}.{i}.jpg"
                files[path] = images.encode_jpeg(NOISE[: 30 + i % 7])
    return zipped(files).getvalue()


def hands_zip(top: str, name: str, count: int) -> bytes:
    files = {f"{top}/": b""}
    for red, gesture in enumerate(("rock", "paper", "scissors")):
        for i in range(count):
            files[f"{top}/{gesture}/{name.format(gesture, i)}"] = png(red, (300, 300))
    return zipped(files).getvalue()


CATS = cats_and_dogs_zip()
HANDS = hands_zip("rps", "{}01-{:03}.png", 4)
TEST_HANDS = hands_zip("rps-test-set", "test{}01-{:02}.png", 2)
PUBLISHED = (cats_and_dogs.ARCHIVE, rock_paper_scissors.TRAIN, rock_paper_scissors.TEST)


@pytest.fixture(autouse=True)
def published(server, monkeypatch, tmp_path):
    """Serve the small archives, and expect their checksums; no cache of Keras."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    files = []
    for part, data in (("TRAIN", HANDS), ("TEST", TEST_HANDS)):
        small = replace(getattr(rock_paper_scissors, part), sha256=hashlib.sha256(data).hexdigest())
        monkeypatch.setattr(rock_paper_scissors, part, small)
        files.append(small)
    hands = replace(BUILT_IN["rock_paper_scissors"], files=tuple(files))
    monkeypatch.setitem(BUILT_IN, "rock_paper_scissors", hands)
    for name, data in (
        ("cats_and_dogs_filtered.zip", CATS),
        ("rps.zip", HANDS),
        ("rps-test-set.zip", TEST_HANDS),
    ):
        server.answers[f"/{name}"] = 200, data, len(data)


def serve(server, name: str, data: bytes | None, length: int | None = None, status: int = 200) -> None:
    server.answers[f"/{name}"] = status, data, len(data or b"") if length is None else length


def left_over() -> list[str]:
    return sorted(path.name for path in workspace.datasets_dir().iterdir())


def test_cats_and_dogs_load_with_their_own_test_part():
    splits = datasets.load("cats_and_dogs", OPTIONS)
    assert splits.classes == datasets.get("cats_and_dogs").classes == ("cats", "dogs")
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [10, 2, 6]
    assert splits.test.names[0] == "cats/cat.2000.jpg"
    given = datasets.load("cats_and_dogs", LoadOptions(image_size=16, channels=1, split_by="given"))
    assert given.train.images.shape == (12, 16, 16, 1)
    assert [name[:3] for name in given.validation.names] == ["cat"] * 3 + ["dog"] * 3
    assert given.validation.labels.tolist() == [0] * 3 + [1] * 3
    assert len(datasets.image_sizes("cats_and_dogs")) > 1


def test_hands_come_from_two_files_in_the_order_paper_rock_scissors():
    splits = datasets.load("rock_paper_scissors", replace(OPTIONS, split_by="given"))
    assert splits.classes == ("paper", "rock", "scissors")
    assert [len(splits.train), len(splits.validation), splits.test] == [12, 6, None]
    reds = {"rock": 0, "paper": 1, "scissors": 2}
    for part in (splits.train, splits.validation):
        for pixels, label, name in zip(part.images, part.labels, part.names, strict=True):
            assert name.startswith(splits.classes[label])
            assert pixels[0, 0, 0] == reds[splits.classes[label]]
    assert datasets.image_sizes("rock_paper_scissors") == {(300, 300): 2892}


@pytest.mark.parametrize("name", ["cats_and_dogs", "rock_paper_scissors"])
def test_without_a_size_the_images_stay_as_they_are_or_it_says_what_to_choose(name):
    if datasets.get(name).native_shape:
        assert datasets.load(name).train.images.shape[1:] == (300, 300, 3)
    else:
        with pytest.raises(DatasetError, match="choose an image size"):
            datasets.load(name)


def test_progress_runs_once_from_nothing_to_all_over_both_files():
    fractions = []
    datasets.download("rock_paper_scissors", lambda fraction, doing: fractions.append(fraction))
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    assert any(0.8 < fraction < 0.9 for fraction in fractions)  # the first file is 200.7 of 230.2 MB


def test_the_second_file_alone_is_fetched_when_only_it_failed(server):
    serve(server, "rps-test-set.zip", b"busy", status=503)
    with pytest.raises(DownloadError, match=r"rps-test-set.zip could not be downloaded .*503"):
        datasets.load("rock_paper_scissors", OPTIONS)
    assert left_over() == ["rps.zip"]
    assert not datasets.is_ready("rock_paper_scissors")
    serve(server, "rps-test-set.zip", TEST_HANDS)
    assert len(datasets.load("rock_paper_scissors", OPTIONS).test) == 6
    assert [path for path, _ in server.asked].count("/rps.zip") == 1


def flipped(data: bytes) -> bytes:
    """Return a ZIP with one bit turned over within an image."""
    middle = data.index(b"cat.3.jpg") + 200
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


@pytest.mark.parametrize(
    ("data", "length", "status", "reason"),
    [
        (CATS[:-100], None, 200, "not a whole ZIP"),
        (CATS[: len(CATS) // 2], len(CATS), 200, "the connection ended"),
        (flipped(CATS), None, 200, "cat.3.jpg is damaged within the ZIP"),
        (b"<html>Sign in to this network</html>", None, 200, "not the published file"),
        (None, 100, 200, "timed out"),
        (b"busy", None, 503, "503"),
    ],
    ids=["truncated", "interrupted", "a bit", "a page", "hangs", "503"],
)
def test_a_failed_download_leaves_nothing_and_the_next_one_works(server, data, length, status, reason):
    server.resumable = False
    serve(server, "cats_and_dogs_filtered.zip", data, length, status)
    with pytest.raises(DownloadError, match=reason) as failure:
        datasets.load("cats_and_dogs", OPTIONS)
    assert f"cats_and_dogs_filtered.zip by hand and put it into {workspace.datasets_dir()}" in str(
        failure.value
    )
    assert left_over() == []
    serve(server, "cats_and_dogs_filtered.zip", CATS)
    assert len(datasets.load("cats_and_dogs", OPTIONS).train) == 10


def test_a_changed_archive_of_hands_is_refused_by_its_checksum(server):
    serve(server, "rps.zip", HANDS + b"x")
    with pytest.raises(DownloadError, match="not the published file"):
        datasets.load("rock_paper_scissors", OPTIONS)


def test_an_interrupted_download_goes_on_where_it_ended(server):
    third = len(CATS) // 3
    server.cuts = [third, third]
    assert len(datasets.load("cats_and_dogs", OPTIONS).train) == 10
    assert [asked for _, asked in server.asked] == [None, f"bytes={third}-", f"bytes={2 * third}-"]


def test_an_interrupted_download_begins_anew_where_the_server_cannot_go_on(server):
    server.resumable, server.cuts = False, [len(CATS) // 2]
    fractions = []
    datasets.download("cats_and_dogs", lambda fraction, doing: fractions.append(fraction))
    assert fractions[-1] == 1
    assert len(datasets.load("cats_and_dogs", OPTIONS).train) == 10


def test_a_connection_that_breaks_again_and_again_is_given_up(server):
    server.cuts = [10] * 100
    with pytest.raises(DownloadError, match="the connection ended"):
        datasets.download("cats_and_dogs")
    assert len(server.asked) == 5
    assert left_over() == []


OTHER = zipped({f"pets/train/{name}/{i}.png": png(i) for name in ("cats", "birds") for i in range(9)})


@pytest.mark.parametrize(
    "content",
    [
        OTHER.getvalue(),
        zipped({f"train/{name}/{i}.png": png(i) for name in ("cats", "dogs") for i in range(9)}).getvalue(),
        CATS[:-100],
        flipped(CATS),
        b"not an archive",
        zipped({"cats/readme.txt": b"hello"}).getvalue(),
    ],
    ids=["other classes", "no test part", "half", "a bit", "text", "no images"],
)
def test_a_wrong_file_put_there_by_hand_is_named_and_never_half_used(content):
    path = workspace.datasets_dir() / "cats_and_dogs_filtered.zip"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"cats_and_dogs_filtered.zip is damaged .*; delete it") as error:
        datasets.load("cats_and_dogs", OPTIONS)
    assert str(path) in str(error.value)


def test_a_download_that_was_killed_leaves_nothing_after_the_next_one():
    code = (
        "import os; from cnnlab import workspace\n"
        "with workspace.scratch(workspace.datasets_dir()) as folder:\n"
        "    (folder / 'rps.zip').write_bytes(b'half'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code], env=os.environ)
    assert len(left_over()) == 1
    with workspace.scratch(workspace.datasets_dir()) as of_somebody_at_work:
        datasets.download("cats_and_dogs")
        assert left_over() == [of_somebody_at_work.name, "cats_and_dogs_filtered.zip"]


def test_addresses_sizes_and_checksums_are_those_that_tensorflow_publishes():
    """As in TensorFlow Datasets (url_checksums/rock_paper_scissors.txt) and in TensorFlow's tutorial."""
    lines = """
https://storage.googleapis.com/download.tensorflow.org/data/rps-test-set.zip 29516758 \
c27ab9fa43ce40b2e453de711365b477f4424586edf0388116674fd320f07503
https://storage.googleapis.com/download.tensorflow.org/data/rps.zip 200682221 \
c2403444395842ad04c53612bad54b574443eae17a0723117a2ff87b9d72194f
https://storage.googleapis.com/mledu-datasets/cats_and_dogs_filtered.zip 68606236
"""
    facts = dict(line.split(maxsplit=1) for line in lines.strip().splitlines())
    for file in PUBLISHED:
        size, _, checksum = facts.pop(file.url).partition(" ")
        assert file.megabytes == round(int(size) / 1e6, 1)
        assert file.sha256 == checksum
    assert not facts
