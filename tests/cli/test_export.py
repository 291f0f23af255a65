"""``export`` and ``open``."""

from pathlib import Path
from typing import Any

import pytest

from cnnlab import runs
from cnnlab.cli import main
from tests.cli.conftest import answer


@pytest.fixture(scope="module")
def exported(trained: tuple[Path, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the trained run was exported."""
    folder = tmp_path_factory.mktemp("away") / "new" / "folder"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(trained[0]))
        assert main(["export", trained[1]["run_id"], "--to", str(folder)]) == 0
    return folder


def test_export_lists_its_files_with_sizes_and_the_agreement_of_int8(
    exported: Path, run_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = answer(capsys, "export", run_id, "--to", str(tmp_path / "again"))
    sizes = {file["name"]: file["bytes"] for file in document["files"]}
    assert sizes == {path.name: path.stat().st_size for path in (tmp_path / "again").iterdir()}
    assert sizes == {path.name: path.stat().st_size for path in exported.iterdir()}
    assert {"model.keras", "model-int8.tflite", "train.py", "run.zip"} <= sizes.keys()
    assert document["int8_agreement"]["n"] == 359  # a fifth of 1,797
    assert 0 <= document["int8_agreement"]["agreement"] <= 1 and document["missing"] == {}


def test_export_overwrites_nothing(exported: Path, run_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = (exported / "model.keras").stat().st_mtime_ns
    assert main(["export", run_id, "--to", str(exported)]) == 1
    assert "holds model.keras already" in capsys.readouterr().err
    assert (exported / "model.keras").stat().st_mtime_ns == before


def test_export_to_what_is_no_folder_fails_with_one_line(
    run_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    assert main(["export", run_id, "--to", str(tmp_path / "file" / "in")]) == 1
    assert capsys.readouterr().err.strip().endswith("choose another folder.")


def test_an_exported_run_opens_and_evaluates_elsewhere(
    exported: Path, home: Path, capsys: pytest.CaptureFixture[str], trained: tuple[Path, dict[str, Any]]
) -> None:
    opened = answer(capsys, "open", str(exported / "run.zip"))
    assert [run.id for run in runs.list_runs()] == [opened["run_id"]] and opened["title"] == "My first"
    document = answer(capsys, "evaluate", opened["run_id"])
    assert document["accuracy"] == pytest.approx(trained[1]["best_val_accuracy"], abs=1e-6)


@pytest.mark.parametrize("path", ["missing.zip", "."])
def test_open_says_in_one_line_that_a_file_cannot_be_opened(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["open", path]) == 1
    assert capsys.readouterr().err.count("\n") == 1
