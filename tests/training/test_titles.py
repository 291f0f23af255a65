"""What a run is called that was started without a title, such as those of earlier versions."""

import json
import shutil
from pathlib import Path

import pytest

from cnnlab import runs
from cnnlab.datasets.own.folder import SHELF
from cnnlab.runs import naming
from cnnlab.settings import RunConfig
from cnnlab.training.titles import run_title


@pytest.mark.parametrize(
    ("architecture", "dataset", "title"),
    [
        ("lenet5", "digits", "LeNet-5 on Digits"),
        ("resnet18", "gestures_drawn", "ResNet-18 on Drawn gestures"),
        ("gone", "nowhere", "gone on nowhere"),
        ("../x\0", "/elsewhere/hands", "../x\0 on hands"),
    ],
)
def test_a_run_is_called_by_the_titles_of_its_network_and_its_dataset(architecture, dataset, title):
    assert run_title(RunConfig(architecture, dataset)) == title


def test_run_list_and_fork_say_the_title_and_nothing_is_written():
    run = runs.create(RunConfig("lenet5", "digits"))
    [seen] = runs.overview(0)
    assert run.title == seen.title == "LeNet-5 on Digits"
    assert json.loads((run.folder / "config.json").read_text())["config"]["title"] == ""
    assert not (run.folder / "notes.json").exists()


def test_a_dataset_of_a_persons_own_is_called_as_they_call_it():
    folder = SHELF.path("my-hands")
    folder.mkdir(parents=True)
    (folder / "dataset.json").write_text('{"title": "My hands"}')
    assert run_title(RunConfig("lenet5", "my-hands")) == "LeNet-5 on My hands"


def test_a_fork_names_its_parent_as_it_is_called_now(tmp_path: Path):
    parent, child = (runs.create(RunConfig("lenet5", "digits")) for _ in range(2))
    note = {"run_id": parent.id, "title": "lenet5 on digits", "epoch": 3}
    (child.folder / "fork.json").write_text(json.dumps(note))
    assert runs.origin(child).parent_title == "LeNet-5 on Digits"
    parent.rename("The first one")
    assert runs.origin(child).parent_title == "The first one"
    shutil.rmtree(parent.folder)
    assert runs.origin(child).parent_title == "lenet5 on digits"


def test_without_those_who_know_titles_names_are_said():
    assert naming.by_names(RunConfig("lenet5", "/elsewhere/hands")) == "lenet5 on hands"
