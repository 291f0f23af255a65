"""``evaluate`` and ``classify``."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnlab import datasets, images, runs
from cnnlab.cli import main
from tests.cli.conftest import answer, save_classes


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


def test_classify_answers_for_each_image_and_fails_for_the_bad_one(
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
    assert printed.err == "cnnlab: 1 of 2 images could not be read.\n"


def one_each(folder: Path, names: str) -> Path:
    digits = datasets.load("digits").train
    for name in names:
        (folder / name).mkdir(parents=True)
        first = int(np.flatnonzero(digits.labels == int(name))[0])
        (folder / name / "0.png").write_bytes(images.encode_png(digits.images[first]))
    return folder


@pytest.mark.parametrize(("names", "n"), [("7", 1), ("0123456789", 10), ("03", 2)])
def test_one_class_or_one_image_a_class_is_enough_to_evaluate(
    names: str, n: int, run_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = one_each(tmp_path / "some", names)
    document = answer(capsys, "evaluate", run_id, "--data", str(folder))
    assert document["n"] == n
    for score in document["per_class"]:
        assert (score["recall"] is None) == (score["class"] not in names)
    assert main(["evaluate", run_id, "--data", str(folder)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line[:1].isdigit()]
    for name, _, recall, *_ in (line for line in lines if "%" in line or "–" in line):
        assert (recall == "–") == (name not in names)


def test_a_class_that_the_run_knows_is_no_folder_around_people(
    run_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for person in ("anna", "ben"):
        one_each(tmp_path / person, "7")
        (tmp_path / "data" / "7").mkdir(parents=True, exist_ok=True)
        (tmp_path / person / "7").rename(tmp_path / "data" / "7" / person)
    document = answer(capsys, "evaluate", run_id, "--data", str(tmp_path / "data"))
    assert {score["class"]: score["support"] for score in document["per_class"] if score["support"]} == {
        "7": 2
    }
