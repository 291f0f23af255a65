"""Snapshots as files: what is written comes back, what is hostile does not, and they stay within bounds."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnlab import runs
from cnnlab.errors import RunError
from cnnlab.runs import Run, snapshots
from cnnlab.runs.snapshot_file import BatchNormState, FixedImages, LayerState, Snapshot
from cnnlab.settings import RunConfig


@pytest.fixture
def run() -> Run:
    return runs.create(RunConfig("lenet5", "digits", epochs=3), claimed=True)


def snapshot(epoch: int = 1, size: int = 4) -> Snapshot:
    draw = np.random.default_rng(epoch)
    return Snapshot(
        epoch=epoch,
        step=epoch * 10,
        layers=(
            LayerState("conv1", "Conv2D", 0.1, 0.002, 2.0, 0.25, None),
            LayerState("output", "Dense", None, None, 3.0, None, None),
        ),
        images=16,
        seconds=0.5,
        filter_layer="conv1",
        filters=draw.random((6, 5, 5, 1)).astype(np.float16),
        probe=draw.integers(0, 256, (8, 8, 1), dtype=np.uint8),
        probe_name="digit 3",
        maps={
            "conv1": draw.random((size, size, 6)).astype(np.float16),
            "output": draw.random(10).astype(np.float16),
        },
        batch_norms=(BatchNormState("norm1", *draw.random((4, 6)).astype(np.float32)),),
        guesses=draw.random((12, 10)).astype(np.float32),
    )


def test_what_is_written_comes_back(run: Run) -> None:
    written = snapshot()
    snapshots.write(run, written)
    found = snapshots.read(run, 1)
    assert snapshots.epochs(run) == [1] and found.layers == written.layers
    for name in ("epoch", "step", "images", "seconds", "filter_layer", "probe_name"):
        assert getattr(found, name) == getattr(written, name)
    for name in ("filters", "probe", "guesses"):
        np.testing.assert_array_equal(getattr(found, name), getattr(written, name))
    assert list(found.maps) == ["conv1", "output"]
    np.testing.assert_array_equal(found.maps["conv1"], written.maps["conv1"])
    np.testing.assert_array_equal(found.batch_norms[0].batch_variance, written.batch_norms[0].batch_variance)
    assert found.layers[0].ratio == pytest.approx(0.001) and found.layers[1].ratio is None


def test_the_layout_is_plain_arrays_that_anybody_can_load(run: Run) -> None:
    snapshots.write(run, snapshot())
    with np.load(run.folder / "snapshots" / "epoch-00001.npz", allow_pickle=False) as arrays:
        facts = json.loads(arrays["facts"].tobytes())
        assert arrays["map-000"].dtype == np.float16 and arrays["norm-000"].shape == (4, 6)
    assert facts["maps"] == [{"layer": "conv1"}, {"layer": "output"}]


def test_the_state_within_an_epoch_goes_when_the_epoch_has_ended(run: Run) -> None:
    snapshots.write(run, snapshot(), finished=False)
    assert snapshots.within(run).step == 10 and snapshots.epochs(run) == []
    snapshots.write(run, snapshot())
    assert snapshots.within(run) is None and snapshots.epochs(run) == [1]


def test_fixed_images_come_back(run: Run) -> None:
    assert snapshots.validation(run) is None
    images = np.zeros((2, 8, 8, 1), np.uint8)
    snapshots.write_validation(run, FixedImages(images, ("a", "b"), (3, 7)))
    found = snapshots.validation(run)
    assert (found.names, found.labels, found.images.shape) == (("a", "b"), (3, 7), (2, 8, 8, 1))


def test_of_too_many_the_powers_of_two_and_the_last_stay(tmp_path: Path) -> None:
    files: dict[int, Path] = {}
    for epoch in range(1, 21):
        files[epoch] = tmp_path / f"{epoch}"
        files[epoch].write_bytes(bytes(100))
        snapshots.thin(files, most_bytes=10**9, most_files=8)
        files = {number: path for number, path in files.items() if path.exists()}
        assert epoch in files and 1 in files and len(files) <= 8
    assert set(files) == {1, 2, 4, 8, 16, 18, 19, 20}
    snapshots.thin(files, most_bytes=350, most_files=8)
    assert {number for number, path in files.items() if path.exists()} == {1, 16, 20}
    snapshots.thin({20: files[20]}, most_bytes=10, most_files=8)
    assert files[20].exists()  # the last one stays, whatever it takes


def test_snapshots_of_a_run_stay_within_their_budget(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "BUDGET_BYTES", 60_000)
    for epoch in range(1, 14):
        snapshots.write(run, snapshot(epoch, size=20))
        assert sum(path.stat().st_size for path in (run.folder / "snapshots").iterdir()) <= 60_000
    assert {1, 8, 13} <= set(snapshots.epochs(run))


def test_weights_of_eight_epochs_are_kept_and_those_that_are_too_large_are_not(run: Run, monkeypatch) -> None:
    for epoch in range(1, 11):
        assert snapshots.write_weights(run, epoch, {"0-0": np.full((2, 3), epoch, np.float32)})
    kept = [epoch for epoch in range(1, 11) if snapshots.weights(run, epoch)]
    assert kept == [1, 2, 4, 6, 7, 8, 9, 10]
    assert snapshots.read_weights(run, 4)["0-0"].tolist() == [[4, 4, 4]] * 2
    with pytest.raises(RunError, match=r"epoch 3 were not kept; those of 1, 2, 4, 6"):
        snapshots.read_weights(run, 3)
    monkeypatch.setattr(snapshots, "WEIGHTS_BUDGET_BYTES", 10)
    assert not snapshots.write_weights(run, 11, {"0-0": np.zeros((2, 3), np.float32)})


def test_a_run_that_goes_on_forgets_later_epochs(run: Run) -> None:
    for epoch in (1, 2, 3):
        snapshots.write(run, snapshot(epoch))
        snapshots.write_weights(run, epoch, {"0-0": np.zeros(2, np.float32)})
    snapshots.forget_after(run, 2)
    assert snapshots.epochs(run) == [1, 2] and snapshots.weights(run, 3) is None


def test_the_list_tells_layers_and_bytes(run: Run) -> None:
    snapshots.write(run, snapshot(1))
    snapshots.write(run, snapshot(2))
    snapshots.write_weights(run, 2, {"0-0": np.zeros(2, np.float32)})
    first, second = snapshots.listing(run)
    assert (first.epoch, first.has_weights, second.has_weights) == (1, False, True)
    folder = run.folder / "snapshots"
    assert first.bytes == (folder / "epoch-00001.npz").stat().st_size
    assert second.bytes == sum((folder / f"{n}-00002.npz").stat().st_size for n in ("epoch", "weights"))
    assert first.layers == snapshot(1).layers


def test_epoch_without_a_snapshot_is_one_sentence(run: Run) -> None:
    with pytest.raises(RunError, match="has no snapshots"):
        snapshots.read(run, 1)
    snapshots.write(run, snapshot(2))
    with pytest.raises(RunError, match="no snapshot of epoch 1; there is one of 2"):
        snapshots.read(run, 1)


def packed(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name, data in members.items():
            file.writestr(f"{name.replace('_', '-')}.npy", data)
    return target.getvalue()


def saved(array: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def facts(**changes: object) -> bytes:
    good = {
        **{"format": 1, "epoch": 1, "step": 1, "seconds": 0.1, "images": 4, "probe": "", "filters": None},
        **{"layers": [], "maps": [], "batch_norms": []},
    }
    return saved(np.frombuffer(json.dumps(good | changes).encode(), np.uint8))


def lying_header() -> bytes:
    data = saved(np.zeros(4, np.float32))
    return data.replace(b"(4,), }", b"(4000000000,), }"[: len(b"(4,), }")])


def compressed() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("facts.npy", facts())
        file.writestr("filters.npy", saved(np.zeros((100, 100, 100, 3), np.float16)))
    return target.getvalue()


def layer(**values: object) -> dict:
    return {"name": "conv1", "type": "Conv2D"} | values


class Harmful:
    def __reduce__(self):
        return (exec, ("raise SystemExit('unpickled')",))


HOSTILE = {
    "empty": lambda: b"",
    "no zip": lambda: b"I am a text.",
    "torn": lambda: packed(facts=facts())[:-30],
    "no facts": lambda: packed(probe=saved(np.zeros((2, 2, 1), np.uint8))),
    "pickle": lambda: packed(facts=saved(np.array([Harmful()], object), allow_pickle=True)),
    "pickled map": lambda: packed(
        facts=facts(maps=[{"layer": "a"}]), map_000=saved(np.array([Harmful()], object), allow_pickle=True)
    ),
    "packed, so that it may be a bomb": compressed,
    "lies about its shape": lambda: packed(facts=facts(), filters=lying_header()),
    "complex numbers": lambda: packed(facts=facts(), guesses=saved(np.zeros((2, 2), complex))),
    "another format": lambda: packed(facts=facts(format=2)),
    "facts that are a list": lambda: packed(facts=saved(np.frombuffer(b"[]", np.uint8))),
    "deep brackets": lambda: packed(facts=saved(np.frombuffer(b"[" * 50_000, np.uint8))),
    "layers that are none": lambda: packed(facts=facts(layers=[3])),
    "text for a norm": lambda: packed(facts=facts(layers=[layer(gradient_norm="big")])),
    "endless norm": lambda: packed(facts=facts(layers=[layer(gradient_norm=float("nan"))])),
    "epoch below zero": lambda: packed(facts=facts(epoch=-1)),
    "map without its array": lambda: packed(facts=facts(maps=[{"layer": "a"}])),
    "probe of ten channels": lambda: packed(facts=facts(), probe=saved(np.zeros((2, 2, 10), np.uint8))),
    "filters of two axes": lambda: packed(facts=facts(), filters=saved(np.zeros((2, 2), np.float16))),
    "path as a name": lambda: packed(facts=facts(), **{"../../x": saved(np.zeros(1, np.float32))}),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_file_is_refused_in_one_sentence_and_left_out_of_the_list(what: str, run: Run) -> None:
    folder = run.folder / "snapshots"
    folder.mkdir()
    for name in ("epoch-00001", "within", "validation", "weights-00001"):
        (folder / f"{name}.npz").write_bytes(HOSTILE[what]())
    with pytest.raises(RunError, match="cannot be read") as caught:
        snapshots.read(run, 1)
    assert "\n" not in str(caught.value)
    assert snapshots.within(run) is None and snapshots.validation(run) is None
    with pytest.raises(RunError, match="cannot be read"):
        snapshots.read_weights(run, 1)
    snapshots.write(run, snapshot(2))
    assert 2 in [entry.epoch for entry in snapshots.listing(run)]


def test_pipes_and_folders_in_a_file_s_place_hold_nobody_up(run: Run) -> None:
    import os

    folder = run.folder / "snapshots"
    folder.mkdir()
    (folder / "epoch-00001.npz").mkdir()
    os.mkfifo(folder / "epoch-00002.npz")
    (folder / "epoch-00003.npz").symlink_to("/dev/zero")
    assert snapshots.epochs(run) == [] and snapshots.listing(run) == []
    for epoch in (1, 2, 3):
        with pytest.raises(RunError):
            snapshots.read(run, epoch)


def test_members_that_share_their_bytes_are_refused(run: Run) -> None:
    """A ZIP may list one stretch of bytes a thousand times, and so unpack to a thousand times its size."""
    data = packed(facts=facts(), filters=saved(np.zeros((10, 10, 10, 3), np.float16)))
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        whole = sum(entry.file_size for entry in file.infolist())
    assert whole <= len(data)
    folder = run.folder / "snapshots"
    folder.mkdir()
    end = data.rindex(b"PK\x05\x06")
    start = int.from_bytes(data[end + 16 : end + 20], "little")
    directory = data[start:end]
    entries = directory * 3
    count = (6).to_bytes(2, "little")
    tail = data[end : end + 8] + count + count + len(entries).to_bytes(4, "little") + data[end + 16 :]
    (folder / "epoch-00001.npz").write_bytes(data[:start] + entries + tail)
    with pytest.raises(RunError, match="cannot be read"):
        snapshots.read(run, 1)


def test_a_probe_that_was_asked_for_is_taken_up_and_anything_else_is_none(run: Run) -> None:
    assert snapshots.asked_probe(run) is None and snapshots.probe_version(run) == 0
    image = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    snapshots.ask_probe(run, image)
    np.testing.assert_array_equal(snapshots.asked_probe(run), image)
    assert snapshots.probe_version(run) > 0
    for bad in (np.zeros((3, 3)), np.zeros((3, 3, 2), np.uint8), np.zeros((2000, 3, 3), np.uint8)):
        with pytest.raises(RunError, match="must be an image"):
            snapshots.ask_probe(run, bad)
    for junk in (b"", b"junk", saved(np.zeros((3, 3, 2), np.uint8)), saved(np.zeros((3, 3, 3)))):
        (run.folder / "control" / "probe").write_bytes(junk)
        assert snapshots.asked_probe(run) is None


def test_the_epochs_whose_network_can_be_asked_are_those_with_weights_and_the_best(run: Run) -> None:
    for epoch in (1, 2, 4):
        snapshots.write(run, snapshot(epoch))
    snapshots.write_weights(run, 2, {"0-0": np.ones(3, np.float32)})
    assert snapshots.epochs_with_weights(run) == [2]
    (run.folder / "checkpoints").mkdir(exist_ok=True)
    (run.folder / "checkpoints" / "best.keras").write_bytes(b"weights")
    (run.folder / "checkpoints" / "last.keras").write_bytes(b"weights")
    run.write_status(
        replace(run.status(), state="finished", epoch=4, step=40, steps_per_epoch=10, best_epoch=3)
    )
    assert snapshots.epochs_with_weights(run) == [2, 3, 4]
