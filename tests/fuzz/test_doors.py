"""Every door, with inputs that no honest person sends: taken, or refused in one sentence, and nothing else.

What is promised of each input, and how it is watched, stands in ``harness``; the doors are in ``doors``. The
slow tests try a fifth of these counts, and with ``CNNLAB_TEST_LONG`` all, more than ten thousand inputs;
``CNNLAB_FUZZ=20`` tries twenty times as many, and ``CNNLAB_FUZZ_SEED`` tries others.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.long import LONG

ROOT = Path(__file__).resolve().parents[2]
SEED = int(os.environ.get("CNNLAB_FUZZ_SEED", "15"))
TIMES = int(os.environ.get("CNNLAB_FUZZ", "1"))
LIGHT = {
    "image": (100, 2500),
    "dataset ZIP": (20, 800),
    "uploaded files": (20, 500),
    "names": (10, 200),
    "run ZIP, members": (60, 1500),
    "run ZIP, documents": (60, 1500),
    "run ZIP, images": (40, 600),
    "weights": (60, 1500),
    "files by hand": (30, 700),
    "snapshot": (40, 700),
    "camera": (40, 500),
    "lesson": (60, 700),
    "lesson ZIP": (30, 300),
    "address": (60, 700),
}
"""How many inputs each door gets in the default tests, and at most in the slow ones."""
HEAVY = {"model file": (10, 600), "run ZIP": (6, 300)}
"""The doors that need Keras."""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="limits of memory and their peaks are Linux's"
)


def explored(folder: Path, counts: dict[str, int], seconds: float) -> None:
    """Let a process try so many inputs of each door; it must end well."""
    asked = [f"{door}={count}" for door, count in counts.items()]
    command = [sys.executable, "-m", "tests.fuzz.harness", str(folder), str(SEED), *asked]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace", timeout=seconds
    )
    print(f"seed {SEED}", done.stdout, sep="\n")
    what = f"seed {SEED}, status {done.returncode}; the input at work: {folder / 'last.bin'}"
    assert done.returncode == 0, f"{what}\n{done.stdout}\n{done.stderr[-6000:]}"
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["door"] for one in told] == list(counts)
    for one in told:
        assert one["inputs"] >= counts[one["door"]] * 0.5, one  # of fewer, the door is no strategy any more
        assert (one["taken"] and one["refused"]) or one["door"] == "files by hand", one


def test_every_door_takes_an_input_or_refuses_it_in_one_sentence(tmp_path: Path):
    explored(tmp_path, {door: few for door, (few, _) in LIGHT.items()}, 280)


def test_a_model_file_is_taken_or_refused_in_one_sentence(tmp_path: Path):
    explored(tmp_path, {door: few for door, (few, _) in HEAVY.items()}, 280)


def test_all_inputs_are_more_than_ten_thousand():
    assert sum(many for _, many in LIGHT.values()) > 10_000


@pytest.mark.slow
@pytest.mark.timeout(3000 * TIMES)
@LONG
def test_every_door_stands_thousands_of_inputs(tmp_path: Path):
    explored(tmp_path, {door: many * TIMES for door, (_, many) in LIGHT.items()}, 2900 * TIMES)


@LONG
@pytest.mark.slow
@pytest.mark.timeout(3000 * TIMES)
def test_models_and_runs_stand_hundreds_of_inputs(tmp_path: Path):
    explored(tmp_path, {door: many * TIMES for door, (_, many) in HEAVY.items()}, 2900 * TIMES)
