"""Whatever is printed for programs or kept in a file is JSON as other programs read it."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest

from cnnlab import cli, runs, strict_json
from cnnlab.cli.output import Answer
from cnnlab.inference import Classifier, Evaluation, evaluate
from cnnlab.preprocessing import Preprocessing
from cnnlab.settings import RunConfig
from cnnlab.shelf import write_json

ROOT = Path(__file__).resolve().parent.parent
NAN, INFINITY = float("nan"), float("inf")
NOT_WRITTEN = {"architectures/own/definition.py", "ui/train/forks.py"}
"""Where JSON is only compared, as a digest or a key, or read by its own writer."""


def strictly(text: str):
    """Read JSON as everybody but Python reads it."""

    def refuse(word: str):
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (NAN, None),
        ([1.5, -INFINITY, "NaN", True], [1.5, None, "NaN", True]),
        ({"a": ({"b": INFINITY, "c": None},), "d": 3}, {"a": [{"b": None, "c": None}], "d": 3}),
        ([np.float64(INFINITY), np.float64(0.25)], [None, 0.25]),
        ({NAN: 1, 2: NAN}, {"nan": 1, "2": None}),
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_what_is_not_finite_is_null_wherever_it_is(value, read, indent):
    assert strictly(strict_json.dumps(value, indent)) == read


def test_what_json_cannot_hold_is_still_an_error():
    for value in ({"a": object()}, {"a": [NAN, object()]}):
        with pytest.raises(TypeError):
            strict_json.dumps(value)


def test_every_answer_to_a_program_is_strict(capsys):
    cli._print(Answer({"loss": NAN, "per_class": [{"recall": INFINITY}]}, ""), as_json=True)
    assert strictly(capsys.readouterr().out) == {"loss": None, "per_class": [{"recall": None}]}


@pytest.mark.parametrize("name", ["config.json", "status.json"])
def test_numbers_in_a_damaged_run_are_listed_as_null(capsys, name):
    run = runs.create(RunConfig("lenet5", "digits"), claimed=True)
    document = json.loads((run.folder / name).read_text())
    (document["config"] if name == "config.json" else document)["learning_rate"] = NAN
    (run.folder / name).write_text(json.dumps(document))
    assert cli.main(["runs", "--json"]) == 0
    assert [told["run_id"] for told in strictly(capsys.readouterr().out)] == [run.id]


def test_files_of_a_run_are_strict(tmp_path):
    write_json(tmp_path / "model.json", {"mean": [NAN], "note": "NaN"})
    assert strictly((tmp_path / "model.json").read_text()) == {"mean": [None], "note": "NaN"}


def test_the_evaluation_of_a_diverged_network_is_written_and_read_again():
    def diverged(images, training):
        return np.full((len(images), 2), NAN)

    network = Classifier(diverged, ("rock", "paper"), Preprocessing(8, 8, 3))
    images, labels = np.zeros((3, 8, 8, 3), np.uint8), np.array([0, 1, 1])
    found = evaluate(network, images, labels, ["1", "2", "3"])
    told = strictly(strict_json.dumps(found.to_dict()))
    assert told["loss"] is None and told["predictions"][0]["probability"] is None and told["n"] == 3
    again = Evaluation.from_dict(told)
    assert (again.accuracy, again.confusion_matrix) == (found.accuracy, found.confusion_matrix)
    assert strictly(strict_json.dumps(again.to_dict())) == told


def writes_json(path: Path) -> bool:
    text = path.read_text("utf-8")
    return "json.dump" in text and any(
        isinstance(node, ast.Attribute)
        and node.attr in ("dump", "dumps")
        and isinstance(node.value, ast.Name)
        and node.value.id == "json"
        for node in ast.walk(ast.parse(text))
    )


def test_json_is_written_in_one_place():
    folder = ROOT / "cnnlab"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.py") if writes_json(path)}
    assert found == NOT_WRITTEN | {"strict_json.py"}
