"""Commands in this process, and a workspace in which one run was trained."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnlab import images
from cnnlab.cli import main

ONE_EPOCH = ["train", "--recipe", "lenet5-digits", "--epochs", "1", "--title", "My first"]


def answer(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    """Run a command with --json, which must succeed, and return its document."""
    assert main([*argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def save_classes(folder: Path) -> None:
    """Write three gray images for each of two classes."""
    for shade, name in enumerate(("paper", "rock")):
        save_images(folder / name, 100 * shade)


def save_images(folder: Path, shade: int = 0) -> None:
    """Write three gray images."""
    folder.mkdir(parents=True)
    for i in range(3):
        (folder / f"{i}.png").write_bytes(images.encode_png(np.full((20, 20, 3), shade + i, np.uint8)))


@pytest.fixture(scope="session")
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
