"""``explain``, ``activations`` and ``snapshots``."""

from pathlib import Path

import keras
import numpy as np
import pytest

from cnnlab import datasets, images, runs
from cnnlab.cli import main
from cnnlab.training import recipes
from tests.cli.conftest import answer


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "seven.png"
    path.write_bytes(images.encode_png(np.repeat(datasets.load("digits").train.images[0], 5, 0).repeat(5, 1)))
    return str(path)


def test_explain_writes_the_heat_map_of_the_predicted_class(run_id, photo, tmp_path, capsys):
    said = answer(capsys, "explain", run_id, photo, "--to", str(tmp_path / "out.npz"))
    [asked] = answer(capsys, "classify", run_id, photo)
    best = asked["predictions"][0]
    assert (said["class"], said["layer"], said["method"]) == (best["class"], "conv2", "gradcam")
    assert said["probability"] == pytest.approx(best["probability"], abs=1e-5)
    assert 0 < said["seconds"] < 60
    with np.load(tmp_path / "out.npz") as arrays:
        heat, image = arrays["heatmap"], arrays["image"]
    assert heat.dtype == np.float32 and heat.min() >= 0 and heat.shape == (10, 10)
    assert image.dtype == np.uint8 and image.shape == (32, 32, 1)


def test_explain_a_class_and_a_layer_by_name(run_id, photo, tmp_path, capsys):
    out = str(tmp_path / "out.npz")
    said = answer(capsys, "explain", run_id, photo, "--class", "3", "--layer", "conv1", "--to", out)
    assert (said["class"], said["layer"]) == ("3", "conv1")
    with np.load(out) as arrays:
        assert arrays["heatmap"].shape == (28, 28)


def test_explain_by_occlusion_says_what_it_hid(run_id, photo, tmp_path, capsys):
    out = str(tmp_path / "out.npz")
    said = answer(capsys, "explain", run_id, photo, "--method", "occlusion", "--to", out)
    assert said["layer"] is None and (said["patch"], said["stride"]) == (6, 2)
    with np.load(out) as arrays:
        heat, image = arrays["heatmap"], arrays["image"]
    assert heat.shape == (16, 16)
    assert said["fill"] == pytest.approx([image.mean()])
    assert np.abs(heat).max() <= 1


def test_activations_are_those_of_the_layer(run_id, photo, tmp_path, capsys):
    out = str(tmp_path / "out.npz")
    said = answer(capsys, "activations", run_id, photo, "--layer", "pool1", "--to", out)
    answer(capsys, "explain", run_id, photo, "--to", str(tmp_path / "seen.npz"))
    model = keras.models.load_model(runs.get(run_id).weights())
    with np.load(out) as arrays, np.load(tmp_path / "seen.npz") as seen:
        found = arrays["activation"]
        tapped = keras.Model(model.inputs, model.get_layer("pool1").output)
        expected = tapped([seen["image"][None] / 255.0])[0]
    assert said["shape"] == [14, 14, 6] and found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--layer", "conv7"], "no layer 'conv7'"),
        (["--layer", "fc3"], "no rows and columns"),
        (["--class", "cat"], "does not know the class 'cat'; it knows 0, 1"),
        (["--epoch", "99"], "no weights of epoch 99"),
        (["--epoch", "-1"], "no weights of epoch -1"),
        (["--method", "occlusion", "--layer", "conv1"], "leave --layer out"),
        (["--to", "/nowhere/at/all/out.npz"], "no folder"),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(more, why, run_id, photo, tmp_path, capsys):
    given = more if "--to" in more else [*more, "--to", str(tmp_path / "out.npz")]
    assert main(["explain", run_id, photo, *given]) == 1
    printed = capsys.readouterr()
    assert why in printed.err and printed.err.strip().splitlines()[-1].startswith("cnnlab: ")
    assert printed.out == "" and not (tmp_path / "out.npz").exists()


def test_unreadable_image_and_run_without_weights_are_one_sentence(run_id, tmp_path, capsys, monkeypatch):
    bad = tmp_path / "bad.png"
    bad.write_text("I am a text.")
    target = ["--to", str(tmp_path / "out.npz")]
    assert main(["explain", run_id, str(bad), *target]) == 1
    assert "bad.png" in capsys.readouterr().err
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "home of its own"))
    waiting = runs.create(recipes.get("lenet5-digits").config, claimed=True)
    for verb in (["explain"], ["activations", "--layer", "conv1"]):
        assert main([verb[0], waiting.id, str(bad), *verb[1:], *target]) == 1
        assert "has no weights yet" in capsys.readouterr().err
    assert answer(capsys, "snapshots", waiting.id) == []


def test_snapshots_lists_epochs_and_layers(run_id, photo, tmp_path, capsys):
    [entry] = answer(capsys, "snapshots", run_id)
    assert (entry["epoch"], entry["has_weights"]) == (1, True) and entry["bytes"] > 1000
    first = entry["layers"][0]
    assert {"name", "gradient_norm", "update_norm", "weight_norm", "dead"} <= first.keys()
    assert first["name"] == "conv1" and first["dead"] is None  # a sigmoid
    model = keras.models.load_model(runs.get(run_id).checkpoint("best"))
    norm = np.sqrt(sum((np.asarray(weight) ** 2).sum() for weight in model.get_layer("conv1").weights))
    assert first["weight_norm"] == pytest.approx(norm, rel=1e-5)
    assert main(["snapshots", run_id]) == 0
    assert "Norms after epoch 1:" in capsys.readouterr().out
    out = str(tmp_path / "out.npz")
    said = answer(capsys, "explain", run_id, photo, "--epoch", "1", "--to", out)
    assert said["epoch"] == 1
    assert said["probability"] == answer(capsys, "explain", run_id, photo, "--to", out)["probability"]


def test_layer_that_does_not_exist_has_no_activation(run_id, photo, tmp_path, capsys):
    out = tmp_path / "out.npz"
    assert main(["activations", run_id, photo, "--layer", "conv7", "--to", str(out)]) == 1
    assert "no layer 'conv7'" in capsys.readouterr().err and not out.exists()
