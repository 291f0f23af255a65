"""``train``, ``resume``, ``runs`` and ``stop``."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cnnlab import runs
from cnnlab.cli import main
from cnnlab.settings import RunConfig, all_settings
from cnnlab.training import recipes
from tests.cli.conftest import answer, save_classes
from tests.conftest import REPOSITORY


def test_train_answers_with_one_document(trained: tuple[Path, dict[str, Any]]) -> None:
    home, document = trained
    assert {"run_id", "state", "epochs", "best_val_accuracy", "final", "seconds"} <= document.keys()
    assert (document["state"], document["epochs"], document["best_epoch"]) == ("finished", 1, 1)
    assert document["final"].keys() >= {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert document["final"]["val_accuracy"] == pytest.approx(document["best_val_accuracy"], abs=1e-6)
    assert (home / "runs" / document["run_id"] / "checkpoints" / "best.keras").is_file()


def test_flags_override_the_recipe(run_id: str) -> None:
    config = runs.get(run_id).config
    assert config == recipes.get("lenet5-digits").config.changed(
        epochs=1, title="My first", recipe="lenet5-digits"
    )


def test_every_option_reaches_the_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnlab.worker.execute", lambda folder: None)
    words = {"architecture": "lenet5", "dataset": "digits", "optimizer": "sgd", "schedule": "step"}
    words |= {"split_by": "random", "resample": "bilinear", "fit": "crop", "title": "Mine"}
    words |= {"scaling": "dataset", "precision": "mixed", "devices": "all"}
    numbers = {"epochs": 2, "batch_size": 7, "learning_rate": 0.5, "momentum": 0.9, "schedule_factor": 0.2}
    numbers |= {
        "schedule_patience": 4,
        "warm_up_epochs": 1,
        "stop_patience": 5,
        "image_size": 28,
        "channels": 1,
    }
    numbers |= {"seed": 3, "validation_share": 0.3, "max_per_class": 9}
    numbers |= {
        "ema_momentum": 0.99,
        "augmented_copies": 4,
        "dropout": 0.25,
        "l2": 0.001,
        "label_smoothing": 0.1,
    }
    lists = {"schedule_epochs": [3, 8], "mean": [1.5], "deviation": [2.5]}
    argv = ["train", "--nesterov", "--options", "batch_norm=frozen", "unfreeze_blocks=2"]
    argv += [
        "--no-shuffle",
        "--sort-by-class",
        "--deterministic",
        "--augmentation",
        "flip=1",
        "zoom=0.1",
        "fill=reflect",
    ]
    for name, value in (words | numbers | lists).items():
        values = value if isinstance(value, list) else [value]
        argv += [f"--{name.replace('_', '-')}", *map(str, values)]
    expected = words | numbers | lists | {"nesterov": True, "recipe": None}
    expected |= {"options": {"batch_norm": "frozen", "unfreeze_blocks": 2}}
    expected |= {"shuffle": False, "sort_by_class": True, "deterministic": True}
    expected |= {"augmentation": {"flip": 1, "zoom": 0.1, "fill": "reflect"}}
    assert expected.keys() == all_settings().keys() - {"network"}  # a snapshot, nothing to type
    config = runs.get(answer(capsys, *argv)["run_id"]).config
    assert json.loads(json.dumps(config.to_dict())) == expected


def test_a_folder_is_remembered_by_its_absolute_path(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save_classes(tmp_path / "hands")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cnnlab.worker.execute", lambda folder: None)
    document = answer(capsys, "train", "--architecture", "lenet5", "--dataset", "hands")
    assert runs.get(document["run_id"]).config.dataset == str(tmp_path / "hands")


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


def test_resume_trains_to_a_new_total_of_epochs(
    trained: tuple[Path, dict[str, Any]], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(trained[0] / "runs", home / "runs")
    document = answer(capsys, "resume", trained[1]["run_id"], "--epochs", "2")
    assert (document["state"], document["epochs"]) == ("finished", 2)
    assert main(["resume", "no-such-run"]) == 1


def test_fork_trains_a_new_run_from_the_weights_of_another_with_settings_changed(
    trained: tuple[Path, dict[str, Any]], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(trained[0] / "runs", home / "runs")
    parent = runs.get(trained[1]["run_id"])
    document = answer(capsys, "fork", parent.id, "--epochs", "2", "--optimizer", "sgd", "--weights", "last")
    child = runs.get(document["run_id"])
    assert (document["state"], document["epochs"]) == ("finished", 2)
    assert runs.origin(child).run_id == parent.id
    before = parent.config.to_dict()
    changed = {name for name, value in child.config.to_dict().items() if before[name] != value}
    assert changed == {"epochs", "optimizer", "recipe"}
    assert parent.status().epoch == 1
    assert main(["fork", "no-such-run"]) == 1


def test_the_leak_of_a_fork_is_told_by_every_command_that_tells_its_accuracy(
    trained: tuple[Path, dict[str, Any]], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(trained[0] / "runs", home / "runs")
    document = answer(capsys, "fork", trained[1]["run_id"], "--seed", "5")
    leaked = document["leaked"]
    assert 0 < leaked < document["validation_pictures"] == 359  # four of five were trained on
    assert answer(capsys, "evaluate", document["run_id"])["leaked"] == leaked
    [of_child, of_parent] = answer(capsys, "runs")
    assert (of_child["leaked"], of_parent["leaked"]) == (leaked, 0)
    for command in (["runs"], ["evaluate", document["run_id"]]):
        assert main(command) == 0
        assert f"leakage: {leaked} of 359" in capsys.readouterr().out


def test_a_run_that_diverged_says_so_in_its_answer(capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["--recipe", "lenet5-digits", "--epochs", "1", "--learning-rate", "10"]
    verdict = answer(capsys, "train", *argv)["verdict"]
    assert verdict["kind"] == "diverged" and verdict["rate"] == 1.0


def test_runs_lists_what_was_trained(run_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    [facts] = answer(capsys, "runs")
    assert (facts["run_id"], facts["state"], facts["architecture"]) == (run_id, "finished", "lenet5")
    assert main(["runs"]) == 0
    header, line = capsys.readouterr().out.splitlines()
    assert header.index("state") == line.index("finished")


def test_a_damaged_run_does_not_hide_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = (runs.create(RunConfig("lenet5", "digits")) for _ in range(2))
    (bad.folder / "config.json").write_text("{")
    listed = {facts["run_id"]: facts["architecture"] for facts in answer(capsys, "runs")}
    assert listed == {good.id: "lenet5", bad.id: None}
    assert main(["runs"]) == 0


def test_stop_asks_a_waiting_run_and_refuses_one_that_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    run = runs.create(RunConfig("lenet5", "digits", epochs=1))
    assert answer(capsys, "stop", run.id) == {"run_id": run.id, "state": "stopped"}
    assert main(["stop", run.id]) == 1
    assert "already stopped" in capsys.readouterr().err


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
def test_the_digits_recipe_reaches_97_percent_within_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    began = time.process_time()  # of this process on all cores: a busy machine does not count
    document = answer(capsys, "train", "--recipe", "lenet5-digits")
    assert document["best_val_accuracy"] >= 0.97
    assert time.process_time() - began < 60
