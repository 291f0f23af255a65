"""The command line: what is printed where, what it returns, what it loads."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnlab import architectures, datasets, images, runs
from cnnlab.cli import doctor, main
from cnnlab.cli.output import ProgressBar, table
from cnnlab.cli.running import SETTINGS
from cnnlab.training import RunConfig, recipes
from tests.conftest import REPOSITORY

ONE_EPOCH = ["train", "--recipe", "lenet5-digits", "--epochs", "1", "--title", "My first"]


def answer(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    """Run a command with --json, which must succeed, and return its document."""
    assert main([*argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A workspace in which one epoch of lenet5-digits was trained, and what ``train --json`` said."""
    home, printed = tmp_path_factory.mktemp("trained"), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.setenv("CNNLAB_HOME", str(home))
        assert main([*ONE_EPOCH, "--json"]) == 0
    return home, json.loads(printed.getvalue())


@pytest.fixture
def run_id(trained: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the id of the trained run, in its workspace."""
    home, document = trained
    monkeypatch.setenv("CNNLAB_HOME", str(home))
    return document["run_id"]


def test_train_answers_with_one_document(trained: tuple[Path, dict[str, Any]]) -> None:
    home, document = trained
    assert {"run_id", "state", "epochs", "best_val_accuracy", "final", "seconds"} <= document.keys()
    assert (document["state"], document["epochs"], document["best_epoch"]) == ("finished", 1, 1)
    assert document["final"].keys() >= {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert document["final"]["val_accuracy"] == pytest.approx(document["best_val_accuracy"], abs=1e-6)
    assert (home / "runs" / document["run_id"] / "checkpoints" / "best.keras").is_file()


def test_flags_override_the_recipe(run_id: str) -> None:
    config = RunConfig.from_dict(runs.get(run_id).config)
    assert config == recipes.get("lenet5-digits").config.changed(
        epochs=1, title="My first", recipe="lenet5-digits"
    )


def test_every_setting_is_an_option() -> None:
    assert SETTINGS.keys() == set(RunConfig("a", "d").to_dict())


def test_every_option_reaches_the_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnlab.training.execute", lambda folder: None)
    words = {"architecture": "lenet5", "dataset": "digits", "optimizer": "sgd", "schedule": "step"}
    words |= {"split_by": "random", "resample": "bilinear", "fit": "crop", "title": "Mine"}
    numbers = {"epochs": 2, "batch_size": 7, "learning_rate": 0.5, "momentum": 0.9, "schedule_factor": 0.2}
    numbers |= {
        "schedule_patience": 4,
        "warm_up_epochs": 1,
        "stop_patience": 5,
        "image_size": 28,
        "channels": 1,
    }
    numbers |= {"seed": 3, "validation_share": 0.3, "max_per_class": 9}
    lists = {"schedule_epochs": [3, 8], "mean": [1.5], "deviation": [2.5]}
    argv = ["train", "--nesterov"]
    for name, value in (words | numbers | lists).items():
        values = value if isinstance(value, list) else [value]
        argv += [f"--{name.replace('_', '-')}", *map(str, values)]
    expected = words | numbers | lists | {"nesterov": True, "recipe": None}
    assert expected.keys() == SETTINGS.keys()
    assert runs.get(answer(capsys, *argv)["run_id"]).config == expected


def test_a_folder_is_remembered_by_its_absolute_path(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save_classes(tmp_path / "hands")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cnnlab.training.execute", lambda folder: None)
    document = answer(capsys, "train", "--architecture", "lenet5", "--dataset", "hands")
    assert runs.get(document["run_id"]).config["dataset"] == str(tmp_path / "hands")


def test_runs_lists_what_was_trained(run_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    [facts] = answer(capsys, "runs")
    assert (facts["run_id"], facts["state"], facts["architecture"]) == (run_id, "finished", "lenet5")
    assert main(["runs"]) == 0
    header, line = capsys.readouterr().out.splitlines()
    assert header.index("state") == line.index("finished")


def test_a_damaged_run_does_not_hide_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = (runs.create({"architecture": "lenet5", "dataset": "digits"}) for _ in range(2))
    (bad.folder / "config.json").write_text("{")
    listed = {facts["run_id"]: facts["architecture"] for facts in answer(capsys, "runs")}
    assert listed == {good.id: "lenet5", bad.id: None}
    assert main(["runs"]) == 0


def test_stop_asks_a_waiting_run_and_refuses_one_that_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    run = runs.create({"architecture": "lenet5", "dataset": "digits", "epochs": 1})
    assert answer(capsys, "stop", run.id) == {"run_id": run.id, "state": "stopped"}
    assert main(["stop", run.id]) == 1
    assert "already stopped" in capsys.readouterr().err


def test_resume_trains_to_a_new_total_of_epochs(
    trained: tuple[Path, dict[str, Any]], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(trained[0] / "runs", home / "runs")
    document = answer(capsys, "resume", trained[1]["run_id"], "--epochs", "2")
    assert (document["state"], document["epochs"]) == ("finished", 2)
    assert main(["resume", "no-such-run"]) == 1


def test_evaluate_measures_the_validation_part(
    trained: tuple[Path, dict[str, Any]], run_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    document = answer(capsys, "evaluate", run_id)
    assert {"n", "accuracy", "interval", "per_class", "confusion_matrix", "classes"} <= document.keys()
    assert document["n"] == len(document["predictions"]) == 359  # a fifth of 1,797
    assert document["accuracy"] == pytest.approx(trained[1]["best_val_accuracy"], abs=1e-6)
    assert document["loss"] == pytest.approx(trained[1]["final"]["val_loss"], abs=1e-4)
    assert json.loads((runs.get(run_id).folder / "evaluation.json").read_text()) == document


def test_evaluate_on_a_folder_matches_classes_by_name(
    run_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digits = datasets.load("digits").train
    for label in (3, 7):
        (tmp_path / "some" / str(label)).mkdir(parents=True)
        for i in np.flatnonzero(digits.labels == label)[:4]:
            (tmp_path / "some" / str(label) / f"{i}.png").write_bytes(images.encode_png(digits.images[i]))
    document = answer(capsys, "evaluate", run_id, "--data", str(tmp_path / "some"))
    support = {score["class"]: score["support"] for score in document["per_class"]}
    assert document["n"] == 8
    assert {name: n for name, n in support.items() if n} == {"3": 4, "7": 4}


def test_evaluate_refuses_classes_the_run_never_saw(
    run_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_classes(tmp_path / "hands")
    assert main(["evaluate", run_id, "--data", str(tmp_path / "hands")]) == 1
    assert "does not know the class 'paper'" in capsys.readouterr().err


def test_classify_answers_for_each_picture_and_fails_for_the_bad_one(
    run_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    good.write_bytes(images.encode_png(np.zeros((40, 30, 3), np.uint8)))
    bad.write_text("I am a text.")
    assert main(["classify", run_id, str(bad), str(good), "--json"]) == 1
    printed = capsys.readouterr()
    first, second = json.loads(printed.out)
    assert first["image"] == str(bad) and "bad.png" in first["error"]
    assert second["image"] == str(good) and len(second["predictions"]) == 10
    assert sum(p["probability"] for p in second["predictions"]) == pytest.approx(1, abs=1e-5)
    assert printed.err == "cnnlab: 1 of 2 pictures could not be read.\n"


def test_architectures_and_inspect_agree_on_the_published_figures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    listed = {facts["name"]: facts for facts in answer(capsys, "architectures")}
    assert listed.keys() == set(architectures.names())
    report = answer(capsys, "inspect", "lenet5")
    assert report["total_params"] == listed["lenet5"]["reference"]["total_params"] == 62_006
    assert [layer["name"] for layer in report["layers"]][1:3] == ["conv1", "pool1"]


def test_inspect_shows_the_pixels_a_unit_sees(capsys: pytest.CaptureFixture[str]) -> None:
    report = answer(capsys, "inspect", "lenet5", "--layer", "conv2", "--unit", "1,2")
    assert report["box"] == [2, 4, 16, 18]  # 14 pixels wide, 2 apart
    small = answer(capsys, "inspect", "lenet5", "--input", "28x28x1", "--classes", "2")
    assert small["input_shape"] == [28, 28, 1]
    assert small["layers"][-1]["output_shape"] == [2]


def test_recipes_and_datasets_list_what_can_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert [recipe["name"] for recipe in answer(capsys, "recipes")] == list(recipes.names())
    ready = {info["name"]: info["ready"] for info in answer(capsys, "datasets")}
    assert ready.keys() == set(datasets.names())
    assert ready["digits"] and not ready["cifar10"]


@pytest.mark.parametrize("verb", ["architectures", "datasets", "recipes", "runs", "inspect lenet5"])
def test_people_read_lines_without_trailing_space(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(verb.split()) == 0
    text = capsys.readouterr().out
    assert text and all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize(
    "line",
    [
        "",
        "teach",
        "train",
        "train --architecture lenet5",
        "train --recipe lenet5-digits --epochs many",
        "inspect",
        "inspect lenet5 --input 32,32,3",
        "inspect lenet5 --layer conv1",
        "inspect lenet5 --layer conv1 --unit 1",
        "classify some-run",
    ],
)
def test_bad_usage_exits_with_2(line: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(line.split())
    assert exit_.value.code == 2
    printed = capsys.readouterr()
    assert not printed.out and "usage:" in printed.err
    assert not list(home.glob("runs/*"))


def test_a_failed_training_says_why_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_classes(tmp_path / "hands")
    broken = [
        "train",
        "--architecture",
        "lenet5",
        "--dataset",
        str(tmp_path / "hands"),
        "--split-by",
        "group",
    ]
    assert main([*broken, "--json"]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["state"] == "failed"
    *progress, last = printed.err.splitlines()
    assert last.startswith("cnnlab: ") and "group" in last
    assert not any("Traceback" in line for line in progress)


def test_doctor_is_content_with_this_environment(capsys: pytest.CaptureFixture[str]) -> None:
    document = answer(capsys, "doctor")
    assert document["ok"]
    states = {check["name"]: check["state"] for check in document["checks"]}
    assert {states[name] for name in ("python", "tensorflow", "device", "workspace", "disk")} == {"ok"}


def test_doctor_names_what_is_broken(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home.write_text("a file where the folder should be")
    monkeypatch.setattr(doctor.metadata, "version", lambda name: "1.0" if name == "keras" else "99")
    assert main(["doctor", "--json"]) == 1
    printed = capsys.readouterr()
    broken = {c["name"]: c["message"] for c in json.loads(printed.out)["checks"] if c["state"] == "broken"}
    assert "pip install -r requirements.txt" in broken["keras"]
    assert "CNNLAB_HOME" in broken["workspace"]
    assert len(printed.err.splitlines()) == 1


def test_a_table_puts_numbers_on_the_right() -> None:
    rows = [("a", 1_000, "7.5 %"), ("bcd", None, "12.5 %")]
    assert table(("name", "n", "share"), rows) == (
        "name      n   share\n"
        "a     1,000   7.5 %\n"
        "bcd       –  12.5 %"
    )  # fmt: skip
    assert table(("name", "n"), []) == "name  n"


def test_the_progress_bar_writes_little_into_a_file_and_redraws_on_a_terminal() -> None:
    file, terminal = io.StringIO(), io.StringIO()
    terminal.isatty = lambda: True
    for stream in (file, terminal):
        with ProgressBar(stream) as bar:
            for i in range(1001):
                bar(i / 1000, "reading")
    assert len(file.getvalue().splitlines()) == 11
    assert terminal.getvalue().count("\n") == 1
    assert terminal.getvalue().endswith(f"[{'#' * 24}] 100% reading\n")


LIGHT = """
import sys
from cnnlab.cli import main
for line in ("--help", "runs", "datasets", "recipes", "train --help", "stop nothing-here", "train", "bogus"):
    try:
        main(line.split())
    except SystemExit:
        pass
    assert not {"tensorflow", "keras", "streamlit"} & sys.modules.keys(), line
"""


def test_listing_helping_and_refusing_load_no_tensorflow(home: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_module_prints_its_document_and_tensorflow_nothing(home: Path) -> None:
    command = [sys.executable, "-m", "cnnlab", "inspect", "baseline", "--json"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["architecture"] == "baseline"


@pytest.mark.slow
def test_ctrl_c_stops_training_and_keeps_the_weights(home: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "cnnlab",
        "train",
        "--recipe",
        "lenet5-digits",
        "--epochs",
        "9999",
        "--json",
    ]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not any(run.status().step for run in runs.list_runs()):
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    document = json.loads(out)
    assert (process.returncode, document["state"]) == (0, "stopped")
    assert b"Traceback" not in err
    assert runs.get(document["run_id"]).checkpoint("last")


@pytest.mark.slow
def test_the_digits_recipe_reaches_97_percent_offline(capsys: pytest.CaptureFixture[str]) -> None:
    document = answer(capsys, "train", "--recipe", "lenet5-digits")
    assert document["best_val_accuracy"] >= 0.97
    assert document["seconds"] < 60


def save_classes(folder: Path) -> None:
    """Write three gray pictures for each of two classes."""
    for shade, name in enumerate(("paper", "rock")):
        (folder / name).mkdir(parents=True)
        for i in range(3):
            picture = np.full((20, 20, 3), 100 * shade + i, np.uint8)
            (folder / name / f"{i}.png").write_bytes(images.encode_png(picture))
