"""``doctor``: content where all is well, and exact where something is not."""

import json
from pathlib import Path

import pytest

from cnnlab import readiness
from cnnlab.cli import main
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
    monkeypatch.setattr(readiness.metadata, "version", lambda name: "1.0" if name == "keras" else "99")
    assert main(["doctor", "--json"]) == 1
    printed = capsys.readouterr()
    broken = {c["name"]: c["message"] for c in json.loads(printed.out)["checks"] if c["state"] == "broken"}
    assert "pip install -r requirements.txt" in broken["keras"]
    assert "CNNLAB_HOME" in broken["workspace"]
    assert len(printed.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("address", "hosts", "state"),
    [
        (None, None, "note"),
        (None, "", "note"),
        ("0.0.0.0", "*", "note"),
        ("192.168.1.4", None, "note"),
        (None, "lab.school.org,localhost", "ok"),
        ("localhost", None, "ok"),
        ("127.0.0.1", None, "ok"),
        ("::1", "", "ok"),
    ],
)
def test_doctor_says_when_the_server_answers_to_any_name_on_all_interfaces(
    address: str | None, hosts: str | None, state: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(readiness, "PROJECT", tmp_path)
    monkeypatch.setattr(readiness.Path, "home", lambda: tmp_path / "nobody")
    for name, value in (("ADDRESS", address), ("ALLOWED_HOSTS", hosts)):
        monkeypatch.delenv(f"STREAMLIT_SERVER_{name}", raising=False)
        if value is not None:
            monkeypatch.setenv(f"STREAMLIT_SERVER_{name}", value)
    check = readiness.server_names()
    assert check.state == state and ("allowedHosts" in check.message) == (state == "note")


def test_doctor_reads_the_files_of_the_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(readiness, "PROJECT", tmp_path)
    (tmp_path / ".streamlit").mkdir()
    for text, state in (
        ('[server]\nallowedHosts = ["lab.school.org"]', "ok"),
        ("[server]\nallowedHosts = []", "note"),
        ("[server", "note"),
        ("server = 5", "note"),
    ):
        (tmp_path / ".streamlit" / "config.toml").write_text(text)
        assert readiness.server_names().state == state


def test_doctor_names_the_cluster_that_runs_would_go_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CNNLAB_LAUNCHER", raising=False)
    assert not [*readiness.cluster_answers()]
    monkeypatch.setenv("CNNLAB_LAUNCHER", "rya")
    (check,) = readiness.cluster_answers()
    assert check.state == "broken" and "ray" in check.message
    monkeypatch.setenv("CNNLAB_LAUNCHER", "ray")
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    (check,) = readiness.cluster_answers()
    assert check.state == "broken" and "http://HEAD:8265" in check.message
