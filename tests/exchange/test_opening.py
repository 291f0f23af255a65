"""A run that someone gives you: it works, or it is refused with one sentence and leaves nothing behind."""

import io
import json
import shutil
import stat
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from cnnlab import exchange, runs, training
from cnnlab.errors import DatasetError, RunError
from cnnlab.exchange import Export, documents, opening, weights_file
from cnnlab.exchange import archive as archive_module
from cnnlab.inference import Classifier
from cnnlab.runs import Run
from cnnlab.training import trained_on
from cnnlab.worker import execute
from tests.long import LONG

Altered = Callable[..., Path]


def document(archive: Path, name: str) -> dict:
    with zipfile.ZipFile(archive) as file:
        return json.loads(file.read(name))


def with_value(archive: Path, name: str, value: object, *path: str | int) -> dict[str, bytes]:
    """Return a change of one value in one of the ZIP's documents."""
    whole = document(archive, name)
    place = whole
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return {name: json.dumps(whole).encode()}


def refused(path: Path | io.BytesIO, words: str) -> None:
    """The file must be refused with one sentence, and nothing of it may stay."""
    before = set(runs.run.workspace.runs_dir().iterdir())
    with pytest.raises(RunError) as caught:
        exchange.open_run(path)
    sentence = str(caught.value)
    assert words in sentence and "\n" not in sentence and sentence.endswith(".")
    assert set(runs.run.workspace.runs_dir().iterdir()) == before


def test_an_exported_run_comes_back_as_it_was(trained: tuple[Run, Export], archive: Path):
    there, _ = trained
    here = exchange.open_run(archive)
    assert runs.list_runs() == [here] and here.id != there.id and here.imported
    assert here.title == there.title and here.status().state == "finished"
    assert here.status().best_val_accuracy == there.status().best_val_accuracy
    for kind in ("epochs", "batches"):
        mine, yours = getattr(here.metrics(), kind), getattr(there.metrics(), kind)
        assert all(np.array_equal(mine[name], yours[name]) for name in mine)
    images = training.images_of(here).validation.images
    answers = [Classifier.from_run(run).probabilities(images) for run in (here, there)]
    np.testing.assert_allclose(*answers, atol=1e-6)
    measured = [json.loads((run.folder / "evaluation.json").read_text()) for run in (here, there)]
    assert measured[0] == measured[1]


@pytest.mark.slow
@LONG
def test_an_opened_run_goes_on_exactly_as_the_run_itself(trained: tuple[Run, Export], archive: Path):
    """The ZIP has no running averages of batch norm: no step of training and no validation reads them."""
    here, there = exchange.open_run(archive), Run(runs.run.workspace.runs_dir() / trained[0].id)
    shutil.copytree(trained[0].folder, there.folder)
    assert list(there.folder.glob("checkpoints/running-*.npz"))
    assert not list(here.folder.glob("checkpoints/running-*.npz"))
    for run in (here, there):
        run.resume(3)
        assert run.claim()
        execute(run.folder)
        assert (run.status().state, run.status().epoch) == ("finished", 3)
    mine, yours = (keras.models.load_model(run.checkpoint("last")) for run in (here, there))
    assert mine.optimizer.iterations == 3 * 7  # 200 in 32s
    for ours, theirs in zip(mine.get_weights(), yours.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for name in ("loss", "val_loss", "val_accuracy"):
        np.testing.assert_array_equal(*(run.metrics().epochs[name] for run in (here, there)))


def test_an_opened_run_reads_only_datasets_of_the_library(altered: Altered, archive: Path, tmp_path: Path):
    path = altered(with_value(archive, "config.json", "/etc/secrets/hands", "config", "dataset"))
    here = exchange.open_run(path)
    assert here.config.dataset == "hands"
    with pytest.raises(DatasetError, match="The dataset hands of this run is not here; add one"):
        training.images_of(here)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 torn", b"I am a text."], ids=["empty", "torn", "text"])
def test_what_is_no_zip_is_refused(data: bytes):
    refused(io.BytesIO(data), "not a whole ZIP")


@pytest.mark.parametrize("name", ["../evil.json", "/etc/passwd", "C:\\evil", "checkpoints/../../evil"])
def test_paths_that_lead_outside_are_refused(altered: Altered, name: str):
    refused(altered({name: b"x"}), "unsafe path")


def test_links_unknown_files_and_files_that_come_twice_are_refused(
    altered: Altered, archive: Path, tmp_path: Path
):
    link = zipfile.ZipInfo("config.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    refused(altered({"config.json": None, link: b"/etc/passwd"}), "link")
    refused(altered({"run.sh": b"x"}), "no part of a run")
    twice = tmp_path / "twice.zip"
    twice.write_bytes(archive.read_bytes())
    with zipfile.ZipFile(twice, "a") as file, pytest.warns(UserWarning):
        file.writestr("config.json", "{}")
    refused(twice, "twice")


def test_a_member_is_read_no_further_than_its_limit(altered: Altered, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(opening.LIMITS, "config.json", 100_000)
    refused(altered({"config.json": b" " * 10**7}), "config.json is larger than")


def deflated(altered: Altered, name: str, data: bytes) -> Path:
    """Return the ZIP with a member that packs as well as it can."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return altered({name: None, entry: data})


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("evaluation.json", b'{"predictions":[' + b"{}," * 20_000_000 + b"{}]}"),
        ("evaluation.json", b"[" + b"[]," * 1_000_000 + b"[]]"),
        ("config.json", b'{"config":[' + b"{}," * 1_300_000 + b"{}]}"),
        ("model.json", b'{"classes":[' + b'"",' * 1_300_000 + b'""]}'),
        ("metrics.jsonl", b'{"kind": "batch", "step": 1}\n' * 4_000_000),
        ("metrics.jsonl", b" " * 100_000_000),
        ("metrics.jsonl", b"\n" * 100_000_000),
    ],
    ids=["objects", "lists", "settings", "classes", "lines", "one line", "empty lines"],
)
def test_a_small_zip_that_unpacks_to_much_is_refused_before_it_takes_memory(
    altered: Altered, name: str, data: bytes
):
    path = deflated(altered, name, data)
    assert path.stat().st_size < 2**20 * 4
    tracemalloc.start()
    began = time.process_time()
    refused(path, name)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 400 * 2**20 and time.process_time() - began < 60


def test_a_history_of_more_rows_than_are_read_is_exported_with_fewer(
    trained: tuple[Run, Export], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(archive_module, "MOST_LINES", 7)
    monkeypatch.setattr(documents, "MOST_LINES", 7)
    run, made = trained
    whole = run.metrics()
    assert len(whole.batches["step"]) + len(whole.epochs["step"]) > 7
    path = tmp_path / "short.zip"
    archive_module.write_archive(run, path, made.folder / "model.keras", [], lambda fraction: None)
    here = exchange.open_run(path)
    assert np.array_equal(here.metrics().epochs["val_accuracy"], whole.epochs["val_accuracy"])
    assert 1 <= len(here.metrics().batches["step"]) <= 7


@pytest.mark.parametrize("name", ["cnnlab-run.json", "config.json", "model.json", "status.json"])
@pytest.mark.parametrize(
    "data", [None, b"{", b"[1]", b"[" * 100_000], ids=["missing", "torn", "list", "deep"]
)
def test_a_document_that_is_missing_or_no_object_is_refused(altered: Altered, name: str, data: bytes | None):
    refused(altered({name: data}), name)


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("cnnlab-run.json", 2, ["format"]),
        ("config.json", 10**9, ["config", "epochs"]),
        ("config.json", "many", ["config", "epochs"]),
        ("config.json", 5, ["config", "architecture"]),
        ("config.json", "x" * 1000, ["config", "title"]),
        ("config.json", "a\u0000b", ["config", "title"]),
        ("config.json", "..", ["config", "dataset"]),
        ("config.json", {"rotation": 1e9}, ["config", "augmentation"]),
        ("config.json", [1], ["config", "shuffle"]),
        ("config.json", [0.0] * 2000, ["config", "mean"]),
        ("model.json", ["one"], ["classes"]),
        ("model.json", ["one"] * 10, ["classes"]),
        ("model.json", [{"a": 1}] * 10, ["classes"]),
        ("model.json", [16, 16], ["input_shape"]),
        ("model.json", [16, 16, 10**9], ["input_shape"]),
        ("model.json", [float("nan")], ["preprocessing", "mean"]),
        ("model.json", [0.0], ["preprocessing", "deviation"]),
        ("model.json", 17, ["preprocessing", "height"]),
        ("model.json", "evil", ["preprocessing", "fit"]),
        ("model.json", -1, ["split", "validation"]),
        ("status.json", "five", ["epoch"]),
        ("status.json", float("inf"), ["seconds"]),
        ("status.json", 2.0, ["best_val_accuracy"]),
        ("evaluation.json", [f"{n}" for n in range(9)], ["classes"]),
        ("evaluation.json", "never heard of", ["predictions", 0, "predicted"]),
        ("evaluation.json", float("nan"), ["predictions", 0, "probability"]),
    ],
)
def test_a_value_out_of_its_range_is_refused(altered: Altered, archive: Path, name: str, value, path: list):
    words = "newer CNN Lab" if path == ["format"] else name
    refused(altered(with_value(archive, name, value, *path)), words)


def test_figures_of_an_evaluation_are_counted_anew(altered: Altered, archive: Path):
    true = document(archive, "evaluation.json")["accuracy"]
    here = exchange.open_run(altered(with_value(archive, "evaluation.json", 1.0, "accuracy")))
    assert json.loads((here.folder / "evaluation.json").read_text())["accuracy"] == true != 1.0


@pytest.mark.parametrize(
    "line", [b"[]", b"{}", b'{"kind": "evil", "step": 1}', b'{"kind": "batch", "step": "x"}', b"9" * 10_000]
)
def test_a_history_with_other_lines_is_refused(altered: Altered, line: bytes):
    row = b'{"kind": "batch", "step": 1, "loss": 1.0}\n'
    refused(altered({"metrics.jsonl": row + line + b"\n" + row}), "metrics.jsonl")


def test_a_torn_last_line_of_a_history_is_left_out(altered: Altered):
    row = b'{"kind": "batch", "step": 1, "loss": 1.0}\n'
    here = exchange.open_run(altered({"metrics.jsonl": row + b'{"kind": "ba'}))
    assert here.metrics().batches["step"].tolist() == [1]


def npz(**arrays: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name, data in arrays.items():
            file.writestr(f"{name}.npy", data)
    return target.getvalue()


def npy(array: np.ndarray) -> bytes:
    target = io.BytesIO()
    np.save(target, array, allow_pickle=True)
    return target.getvalue()


KEYS = npy(np.zeros((3, 2), np.uint64))
GOOD = {field.name: KEYS for field in fields(trained_on.TrainedOn)}


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        npz(train=KEYS),
        npz(**GOOD, evil=KEYS),
        npz(**GOOD | {"validation": npy(np.zeros((3, 2), np.float32))}),
        npz(**GOOD | {"validation": KEYS.replace(b"(3, 2), }      ", b"(3000000, 2), }")}),
        npz(**GOOD | {"validation": npy(np.array([[{}, {}]], object))}),
        npz(**GOOD | {"validation": b""}),
        npz(
            **GOOD | {"validation": b"\x93NUMPY\x01\x00" + (9000).to_bytes(2, "little") + b"-" * 8999 + b"1"}
        ),
    ],
    ids=[
        "no zip",
        "one missing",
        "one more",
        "other numbers",
        "a lie about its size",
        "pickled",
        "empty",
        "deep",
    ],
)
def test_keys_of_images_that_are_no_plain_numbers_are_refused(altered: Altered, data: bytes):
    refused(altered({"trained_on.npz": data}), "trained_on.npz")


def test_an_opened_run_knows_which_images_it_was_trained_on(trained: tuple[Run, Export], archive: Path):
    here = exchange.open_run(archive)
    assert trained_on.fingerprint(here) == trained_on.fingerprint(trained[0]) == here.model_facts.trained_on


def keras_file(archive: Path, **changes: bytes | None) -> bytes:
    """Return the best weights of the ZIP as a .keras file with members changed; ``__`` stands for a dot."""
    target = io.BytesIO()
    with zipfile.ZipFile(archive) as outer, zipfile.ZipFile(io.BytesIO(outer.read(opening.BEST))) as inner:
        members = {name: inner.read(name) for name in inner.namelist()}
    members |= {name.replace("__", "."): data for name, data in changes.items()}
    with zipfile.ZipFile(target, "w") as file:
        for name, data in members.items():
            if data is not None:
                file.writestr(name, data)
    return target.getvalue()


def network(archive: Path) -> dict:
    with zipfile.ZipFile(archive) as outer, zipfile.ZipFile(io.BytesIO(outer.read(opening.BEST))) as inner:
        return json.loads(inner.read("config.json"))


def test_a_model_with_a_lambda_is_refused(altered: Altered, tmp_path: Path):
    image = keras.Input((16, 16, 1))
    x = keras.layers.Lambda(lambda x: x * 2, output_shape=(16, 16, 1))(image)
    output = keras.layers.Dense(10, activation="softmax")(keras.layers.Flatten()(x))
    keras.Model(image, output).save(tmp_path / "evil.keras")
    refused(altered({opening.BEST: (tmp_path / "evil.keras").read_bytes()}), "Lambda")


@pytest.mark.parametrize(
    ("module", "name", "registered"),
    [
        ("keras.layers", "TorchModuleWrapper", None),
        ("keras.layers", "StringLookup", None),
        ("keras.utils", "get_file", None),
        ("keras.losses", "get", None),
        ("os", "system", None),
        ("cnnlab.errors", "CnnLabError", "cnnlab>CnnLabError"),
        ("os", "system", "cnnlab>LocalResponseNormalization"),
        ("builtins", "function", "function"),
        ("", "__lambda__", None),
    ],
)
def test_a_model_of_other_classes_is_refused_before_keras_sees_it(
    altered: Altered,
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    name: str,
    registered: str | None,
):
    monkeypatch.setattr(keras.models, "load_model", lambda *_, **__: pytest.fail("loaded"))
    monkeypatch.setattr(keras.saving, "deserialize_keras_object", lambda *_, **__: pytest.fail("built"))
    config = network(archive)
    layer = next(layer for layer in config["config"]["layers"] if layer["name"] == "relu1")
    layer |= {"module": module, "class_name": name, "registered_name": registered}
    evil = keras_file(archive, config__json=json.dumps(config).encode())
    refused(altered({opening.BEST: evil}), "is not a layer")


def test_a_model_larger_than_its_weights_is_refused_before_memory_is_taken(altered: Altered, archive: Path):
    text = json.dumps(network(archive)).replace('"units": 128', '"units": 100000000')
    refused(altered({opening.BEST: keras_file(archive, config__json=text.encode())}), "network")


@pytest.mark.parametrize("units", [2**31, 2**32, 2**62])
def test_a_model_whose_size_is_more_than_a_number_of_the_machine_is_refused(
    altered: Altered, archive: Path, units: int
):
    config = network(archive)
    dense = [layer for layer in config["config"]["layers"] if layer["class_name"] == "Dense"]
    dense[0]["config"]["units"] = units
    refused(altered({opening.BEST: keras_file(archive, config__json=json.dumps(config).encode())}), "network")


def test_a_model_for_other_images_or_classes_is_refused(altered: Altered, archive: Path, tmp_path: Path):
    image = keras.Input((16, 16, 1))
    keras.Model(image, keras.layers.Dense(9)(keras.layers.Flatten()(image))).save(tmp_path / "nine.keras")
    refused(altered({opening.LAST: (tmp_path / "nine.keras").read_bytes()}), "does not fit")


def test_a_model_file_with_other_members_is_refused(altered: Altered, archive: Path):
    refused(altered({opening.BEST: keras_file(archive, evil__py=b"x")}), "no part of a run")
    refused(altered({opening.BEST: keras_file(archive, config__json=None)}), "has no config.json")
    refused(altered({opening.BEST: b"\x89HDF\r\n\x1a\n"}), "HDF5 file, not a ZIP")
    refused(altered({opening.BEST: None, opening.LAST: None}), "no weights")


def h5(write: Callable[[h5py.File], None]) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        write(file)
    return buffer.getvalue()


def twice_linked(file: h5py.File) -> None:
    file["one"] = np.zeros(100, "f4")
    file["two"] = file["one"]


def many_groups(file: h5py.File) -> None:
    for number in range(weights_file.MOST_OBJECTS // 100 + 1):
        for inner in range(100):
            file.create_group(f"{number}/{inner}")


@pytest.mark.parametrize(
    "write",
    [
        lambda file: file.__setitem__("layers", h5py.ExternalLink("/etc/passwd", "/")),
        lambda file: file.__setitem__("layers", h5py.SoftLink("/layers")),
        lambda file: file.create_dataset("big", (10**5, 10**6), "f4"),  # unwritten: 400 GB in 1 KB
        lambda file: file.create_dataset("packed", data=np.zeros(10**6, "f4"), compression="gzip"),
        lambda file: file.create_dataset("text", data=["x"], dtype=h5py.string_dtype()),
        lambda file: file.create_group("x/y").__setitem__("loop", file["x"]),
        lambda file: file.create_group("x").__setitem__("root", file["/"]),
        twice_linked,
        lambda file: file.__setitem__("kind", np.dtype("f4")),
        lambda file: file.create_group("/".join("a" * 100)),
        many_groups,
        lambda file: file.create_dataset("none", data=h5py.Empty("f4")),
        lambda file: file.create_dataset("shuffled", data=np.zeros(1000, "f4"), shuffle=True),
        lambda file: file.create_dataset("scaled", data=np.zeros(10**6, "i4"), scaleoffset=0),
        lambda file: file.create_group("x").attrs.__setitem__("odd", np.zeros(1000)),
    ],
    ids=[
        *("external link", "soft link", "unwritten", "compressed", "text", "loop", "loop to the root"),
        *("array of two names", "named type", "deep", "many", "empty", "shuffled", "scaled", "attribute"),
    ],
)
def test_weights_that_point_elsewhere_or_unpack_to_more_are_refused(
    altered: Altered, archive: Path, write: Callable
):
    evil = keras_file(archive, model__weights__h5=h5(write))
    refused(altered({opening.BEST: evil}), "The weights")


def test_weights_that_do_not_fit_their_network_are_refused(altered: Altered, archive: Path):
    other = h5(lambda file: file.create_dataset("layers/dense/vars/0", data=np.zeros(60_000, "f4")))
    refused(altered({opening.BEST: keras_file(archive, model__weights__h5=other)}), "do not fit")
