"""Downloads from a server on this machine: whole or not at all, and what to do by hand when there is none."""

import gzip
import hashlib
import io
import pickle
import tarfile
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from cnnlab import datasets, workspace
from cnnlab.datasets import LoadOptions
from cnnlab.datasets.builtin import cifar10, mnist
from cnnlab.datasets.registry import BUILT_IN
from cnnlab.errors import DatasetError, DownloadError

PUBLISHED = [file for name in ("cifar10", "mnist", "fashion_mnist") for file in BUILT_IN[name].files]
PIXELS = np.random.default_rng(0).integers(0, 256, (6, 20, 3072), np.uint8)
LABELS = np.tile(np.arange(10), 2).tolist()


def cifar_archive(batch=None) -> bytes:
    """Return an archive of the published layout with 20 images a file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        names = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch", "batches.meta"]
        for index, name in enumerate(names):
            content = batch or {b"data": PIXELS[min(index, 5)], b"labels": LABELS}
            data = pickle.dumps(content, protocol=4)
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


ARCHIVE = cifar_archive()


@pytest.fixture(autouse=True)
def small_files(monkeypatch, tmp_path):
    """Expect the small CIFAR archive, and no cache of Keras."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    archive = replace(cifar10.ARCHIVE, sha256=hashlib.sha256(ARCHIVE).hexdigest())
    monkeypatch.setattr(cifar10, "ARCHIVE", archive)
    monkeypatch.setitem(BUILT_IN, "cifar10", replace(BUILT_IN["cifar10"], files=(archive,)))


def left_over() -> list[str]:
    return [path.name for path in workspace.datasets_dir().iterdir()]


def test_cifar10_downloads_with_progress_and_loads(server):
    server.answers["/cifar-10-python.tar.gz"] = 200, ARCHIVE, len(ARCHIVE)
    fractions = []
    assert not datasets.is_ready("cifar10")
    datasets.download("cifar10", lambda fraction, doing: fractions.append(fraction))
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert datasets.is_ready("cifar10")
    splits = datasets.load("cifar10", LoadOptions(split_by="given"))
    assert splits.train.images.shape == (100, 32, 32, 3)
    assert splits.train.images.flags.c_contiguous  # or every batch is gathered byte by byte
    planes = PIXELS[0, 7].reshape(3, 32, 32)
    assert np.array_equal(splits.train.images[7, ..., 2], planes[2])
    assert splits.classes[splits.validation.labels[3]] == "cat"
    assert left_over() == ["cifar-10-python.tar.gz"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((200, ARCHIVE[:-50], len(ARCHIVE)), "the connection ended"),
        ((200, ARCHIVE[:-1] + b"x", len(ARCHIVE)), "not the published file"),
        ((200, None, 100), "timed out"),
        ((404, b"", 0), "404"),
        ((503, b"busy", 4), "503"),
    ],
)
def test_a_failed_download_leaves_nothing_and_says_what_to_fetch_and_where_to_put_it(server, answer, reason):
    server.answers["/cifar-10-python.tar.gz"] = answer
    with pytest.raises(DownloadError, match=reason) as failure:
        datasets.load("cifar10")
    message = str(failure.value)
    assert f"fetch http://127.0.0.1:{server.server_port}/cifar-10-python.tar.gz by hand" in message
    assert str(workspace.datasets_dir()) in message
    assert left_over() == []


def test_a_download_works_after_one_that_failed(server):
    server.answers["/cifar-10-python.tar.gz"] = 200, ARCHIVE[:-50], len(ARCHIVE)
    with pytest.raises(DownloadError):
        datasets.load("cifar10")
    server.answers["/cifar-10-python.tar.gz"] = 200, ARCHIVE, len(ARCHIVE)
    assert len(datasets.load("cifar10").test) == 20


def test_no_server_at_all_is_one_sentence(monkeypatch):
    monkeypatch.setenv("CNNLAB_MIRROR", "http://127.0.0.1:9")
    with pytest.raises(DownloadError, match=r"^cifar-10-python.tar.gz could not be downloaded .*refused"):
        datasets.load("cifar10")


@pytest.mark.parametrize(
    "place", ["home/datasets/cifar-10-python.tar.gz", "keras/datasets/cifar-10-batches-py-target_archive"]
)
def test_a_file_put_there_by_hand_or_by_keras_is_used(tmp_path, place):
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_bytes(ARCHIVE)
    assert datasets.is_ready("cifar10")
    assert len(datasets.load("cifar10").train) == 80


class Evil:
    def __reduce__(self):
        return exec, ("raise SystemExit('code from a pickle ran')",)


@pytest.mark.parametrize(
    "content",
    [
        cifar_archive(Evil()),
        cifar_archive({b"data": PIXELS[0]}),
        cifar_archive({b"data": PIXELS[0], b"labels": [10] * 20}),
        cifar_archive({b"data": PIXELS[0], b"labels": [1]}),
        cifar_archive([1, 2, 3]),
        ARCHIVE[: len(ARCHIVE) // 2],
        b"not an archive",
    ],
    ids=["code", "no labels", "label 10", "too few labels", "a list", "half", "text"],
)
def test_a_wrong_file_put_there_by_hand_runs_nothing_and_is_named(content):
    (workspace.datasets_dir() / "cifar-10-python.tar.gz").write_bytes(content)
    with pytest.raises(DatasetError, match=r"cifar-10-python.tar.gz is damaged .*; delete it"):
        datasets.load("cifar10")


def idx(array: np.ndarray) -> bytes:
    return gzip.compress(bytes(8 if array.ndim == 1 else 16) + array.tobytes())


def test_mnist_and_fashion_mnist_read_their_published_layout(server, monkeypatch):
    images, labels = PIXELS[0, :, :784].reshape(20, 28, 28), np.array(LABELS, np.uint8)
    arrays = io.BytesIO()
    np.savez(arrays, x_train=images, y_train=labels, x_test=images, y_test=labels)
    files = {"mnist.npz": arrays.getvalue()}
    for part in ("train", "t10k"):
        files[f"{part}-images-idx3-ubyte.gz"] = idx(images)
        files[f"{part}-labels-idx1-ubyte.gz"] = idx(labels)
    server.answers = {f"/{name}": (200, data, len(data)) for name, data in files.items()}
    small = replace(mnist.ARRAYS, sha256=hashlib.sha256(files["mnist.npz"]).hexdigest())
    monkeypatch.setattr(mnist, "ARRAYS", small)
    monkeypatch.setitem(BUILT_IN, "mnist", replace(BUILT_IN["mnist"], files=(small,)))
    for name in ("mnist", "fashion_mnist"):
        splits = datasets.load(name, LoadOptions(split_by="given"))
        assert np.array_equal(splits.train.images[..., 0], images)
        assert splits.validation.labels.tolist() == LABELS


@pytest.mark.parametrize("file", PUBLISHED, ids=lambda file: file.name)
def test_addresses_and_checksums_are_those_that_keras_publishes(file):
    keras = Path(find_spec("keras").origin).parent
    source = "".join(path.read_text() for path in (keras / "src" / "datasets").glob("*mnist.py"))
    source += (keras / "src" / "datasets" / "cifar10.py").read_text()
    assert file.sha256 in source
    assert file.url.rpartition("/")[0] in source
    assert file.url.rpartition("/")[2] in source
