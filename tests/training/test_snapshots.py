"""Snapshots of a real training: it learns the very same, and its epochs can be asked afterwards."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from cnnlab import datasets, runs, training
from cnnlab.errors import RunError
from cnnlab.inference.epochs import changing, classifier_of, put
from cnnlab.runs import Run, snapshots
from cnnlab.settings import RunConfig
from cnnlab.training.callbacks import snapshots as callback
from cnnlab.training.callbacks.snapshots import channels_within, fixed_steps, in_turn
from cnnlab.worker import execute
from tests.inference.networks import KINDS, network
from tests.long import LONG

SMALL = RunConfig("baseline", "digits", epochs=3, image_size=16, channels=1, max_per_class=20)


def trained(config: RunConfig = SMALL) -> Run:
    run = runs.create(config, claimed=True)
    execute(run.folder)
    assert run.status().state == "finished", run.status().message
    return run


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(tmp_path_factory.mktemp("home")))
        return trained()


@pytest.fixture
def here(finished: Run, monkeypatch) -> Run:
    monkeypatch.setenv("CNNLAB_HOME", str(finished.folder.parent.parent))
    return finished


def everything(run: Run) -> list[np.ndarray]:
    model = keras.models.load_model(run.checkpoint("last"), safe_mode=True)
    [beside] = (run.folder / "checkpoints").glob("running-*.npz")
    with np.load(beside) as running:
        averages = [running[name] for name in sorted(running)]
    optimizer = [np.array(variable) for variable in model.optimizer.variables]
    return [*model.get_weights(), *optimizer, *averages]


WITHOUT = """
import sys
from pathlib import Path
import keras
from cnnlab.training import engine
from cnnlab.worker import execute

class Nothing(keras.callbacks.Callback):
    def __init__(self, *_):
        super().__init__()

engine.SaveSnapshots = Nothing
execute(Path(sys.argv[1]))
"""


@pytest.mark.slow
def test_training_is_the_same_to_the_last_bit_with_and_without():
    config = SMALL.changed(deterministic=True, dropout=0.4)
    with_, without = (runs.create(config, claimed=True) for _ in range(2))
    for run, command in ((with_, ["-m", "cnnlab.worker"]), (without, ["-c", WITHOUT])):
        subprocess.run([sys.executable, *command, str(run.folder)], check=True, timeout=250)
        assert run.status().state == "finished", run.log()
    assert snapshots.epochs(with_) == [1, 2, 3] and snapshots.epochs(without) == []
    rows = [(run.folder / "metrics.jsonl").read_text().splitlines() for run in (with_, without)]
    epochs = [[json.loads(row) for row in part if '"kind": "epoch"' in row] for part in rows]
    for mine, yours in zip(*epochs, strict=True):
        assert {**mine, "seconds": 0} == {**yours, "seconds": 0}
    for mine, yours in zip(everything(with_), everything(without), strict=True):
        assert np.array_equal(mine, yours)


def test_every_epoch_of_a_short_run_is_kept_with_its_weights(here):
    listed = snapshots.listing(here)
    assert [(entry.epoch, entry.has_weights) for entry in listed] == [(1, True), (2, True), (3, True)]
    names = [layer.name for layer in listed[0].layers]
    assert names == ["conv1", "norm1", "relu1", "fc2", "output"]
    for entry in listed:
        for layer in entry.layers:
            assert (layer.gradient_norm is None) == (layer.name == "relu1")
            assert layer.update_norm is None or 0 < layer.update_norm < 10
            assert (layer.dead is None) == (layer.name not in ("relu1", "fc2"))
    assert snapshots.within(here) is None


def test_the_network_of_an_epoch_scores_what_its_epoch_scored(here):
    held_out = training.images_of(here).validation
    scores = here.metrics().epochs["val_accuracy"]
    answers = []
    for epoch in (1, 2, 3):
        found = classifier_of(here, epoch).probabilities(held_out.images)
        answers.append(found)
        assert (found.argmax(1) == held_out.labels).mean() == pytest.approx(scores[epoch - 1], abs=1e-6)
    assert not np.allclose(answers[0], answers[2])
    with pytest.raises(RunError, match="no weights of epoch 9; choose one of 1, 2, 3"):
        classifier_of(here, 9)


def test_what_an_epoch_tells_is_what_its_network_computes(here):
    found, images = snapshots.read(here, 2), snapshots.validation(here)
    asked = classifier_of(here, 2)
    held_out = training.images_of(here).validation
    places = [held_out.names.index(name) for name in images.names]
    np.testing.assert_allclose(found.guesses, asked.probabilities(held_out.images[places]), atol=1e-5)
    assert images.labels == tuple(held_out.labels[places]) and len(images.names) == 12
    np.testing.assert_array_equal(images.images, held_out.images[places])
    np.testing.assert_array_equal(found.probe, held_out.images[places[0]])
    kernel = np.moveaxis(asked.model.get_layer("conv1").kernel.numpy(), -1, 0)
    np.testing.assert_allclose(found.filters, kernel, atol=1e-3)
    tapped = keras.Model(asked.model.inputs, asked.model.get_layer("relu1").output)
    maps = np.asarray(tapped([asked.preprocessing.scale(found.probe[None].astype(np.float32))]))[0]
    np.testing.assert_allclose(found.maps["relu1"], maps, atol=4e-3 * maps.max())
    assert list(found.maps) == ["conv1", "norm1", "relu1", "pool1", "fc2", "output"]
    assert found.batch_norms[0].layer == "norm1"


def test_weights_of_another_network_are_refused(here):
    asked = classifier_of(here, 1)
    arrays = snapshots.read_weights(here, 1)
    with pytest.raises(RunError, match="another network"):
        put(asked.model, arrays | {"99-0": np.zeros(3, np.float32)}, 1)
    with pytest.raises(RunError, match="another network"):
        put(asked.model, {name: array[..., None] for name, array in arrays.items()}, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_what_training_changes_finds_its_place_again(kind, tmp_path):
    model = network(kind)
    model.layers[1].trainable = False
    arrays = {name: np.array(variable) + 1 for name, variable in changing(model)}
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    put(loaded, arrays, 1)
    for name, variable in changing(loaded):
        np.testing.assert_array_equal(np.array(variable), arrays[name])
    assert len(dict(changing(loaded))) == len(arrays)


@pytest.mark.slow
def test_another_probe_is_taken_up_and_a_failure_ends_the_snapshots_only(monkeypatch, capsys):
    run = runs.create(SMALL, claimed=True)
    image = np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    snapshots.ask_probe(run, image)
    real = snapshots.write

    def write(run: Run, found: snapshots.Snapshot, finished: bool) -> None:
        if found.epoch == 2:
            raise OSError(28, "No space left on device")
        real(run, found, finished)

    monkeypatch.setattr(callback.snapshots, "write", write)
    execute(run.folder)
    assert run.status().state == "finished"
    assert snapshots.epochs(run) == [1]
    found = snapshots.read(run, 1)
    assert found.probe.shape == (16, 16, 1) and found.probe_name == ""
    assert "No space left" in capsys.readouterr().err


def test_beyond_their_budget_only_powers_of_two_and_the_last_epoch_are_written(monkeypatch):
    monkeypatch.setattr(callback, "FREE_SECONDS", -1e9)
    assert snapshots.epochs(trained(SMALL.changed(epochs=6))) == [1, 2, 4, 6]


@pytest.mark.slow
@LONG
def test_a_frozen_base_is_run_once_and_its_maps_are_written_in_every_epoch():
    run = trained(
        RunConfig(
            *("mobilenetv2_transfer", "digits"),
            options={"base_weights": "untrained"},
            epochs=2,
            image_size=32,
            channels=3,
            max_per_class=4,
            validation_fraction=0.5,
        )
    )
    first, last = (snapshots.read(run, epoch) for epoch in (1, 2))
    assert [s.gradient_norm is None for s in first.layers[-2:]] == [True, False]
    np.testing.assert_array_equal(first.maps["out_relu"], last.maps["out_relu"])
    assert first.layers[-1].weight_norm != last.layers[-1].weight_norm
    held_out = datasets.load("digits", run.config.load_options()).validation
    assert len(first.guesses) == min(12, len(held_out))
    assert (run.folder / "snapshots" / "weights-00001.npz").stat().st_size < 100_000  # of the head alone


def test_frozen_steps_are_those_that_no_learning_layer_comes_before():
    model = network("nested")
    assert "base_conv1" not in fixed_steps(model)
    model.get_layer("base").trainable = False
    assert {"image", "rescale", "base_conv2", "flatten"} <= fixed_steps(model)
    assert "output" not in fixed_steps(model)


def test_images_of_all_classes_come_in_turn_and_maps_fit_their_bytes():
    labels = np.array([0, 1, 2, 3] * 30)
    assert np.bincount(labels[in_turn(labels, 12)]).tolist() == [3, 3, 3, 3]
    assert sorted(in_turn(np.array([1, 0]), 12)) == [0, 1]
    shapes = [(64, 64, 32)] * 10 + [(500,)]
    assert channels_within(10**9, shapes) == 16
    channels = channels_within(400_000, shapes)
    assert 2 * (10 * 64 * 64 * channels + 256) <= 400_000 < 2 * (10 * 64 * 64 * (channels + 1) + 256)
