"""The command line as a whole: what goes where, exit status, and what it loads."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnnlab.cli import main, parser
from tests.cli.conftest import save_images
from tests.conftest import REPOSITORY
from tests.long import LONG
from tests.words import avoidable


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


def test_the_help_of_every_verb_speaks_the_words_of_the_field() -> None:
    verbs = parser()._subparsers._group_actions[0].choices
    found = {name: avoidable(verb.format_help().split("\n")) for name, verb in verbs.items()}
    assert not any(found.values()), found
    assert not avoidable(parser().format_help().split("\n"))


LIGHT = """
import sys
from cnnlab.cli import main, parser
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


@pytest.mark.parametrize(
    "encoding", [pytest.param("ascii", marks=LONG), "cp1252", pytest.param("utf-8", marks=LONG)]
)
def test_no_console_ends_in_a_traceback_for_a_name_it_has_no_letters_for(
    encoding: str, home: Path, tmp_path: Path
) -> None:
    for name in ("石头", "😀 C++", "Kätzchen", os.fsdecode(b"\xff\xfe") if os.name == "posix" else "x"):
        save_images(tmp_path / "data" / name)
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    for command in (["datasets", "data"], ["datasets", "data", "--json"], ["datasets", "no 石头"]):
        done = subprocess.run(
            [sys.executable, "-m", "cnnlab", *command],
            cwd=tmp_path,
            capture_output=True,
            env=environment | {"PYTHONPATH": str(REPOSITORY)},
        )
        assert b"Traceback" not in done.stderr
        assert done.returncode == (command[1] != "data")
        (done.stdout + done.stderr).decode(encoding)
