"""``doctor``: content where all is well, and exact where something is not."""

import json
from pathlib import Path

import pytest

from cnnlab.cli import doctor, main
from tests.cli.conftest import answer


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
