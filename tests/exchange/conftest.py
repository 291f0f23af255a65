"""One small trained run and everything that can be taken away from it."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cnnlab import exchange, runs
from cnnlab.exchange import Export
from cnnlab.runs import Run
from cnnlab.settings import RunConfig
from cnnlab.worker import execute

CONFIG = RunConfig(
    "baseline",
    "digits",
    epochs=2,
    image_size=16,
    channels=1,
    max_per_class=25,
    l2=1e-4,
    ema_momentum=0.8,
)


@pytest.fixture(scope="package")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Export]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(tmp_path_factory.mktemp("there")))
        run = runs.create(CONFIG, claimed=True)
        execute(run.folder)
        return run, exchange.prepared(run, lambda fraction, words: None)


@pytest.fixture
def archive(trained: tuple[Run, Export]) -> Path:
    """The ZIP of the run; the test itself has an empty workspace."""
    return trained[1].folder / "run.zip"


@pytest.fixture
def altered(archive: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that copies the ZIP with some members changed (bytes), left out (None) or added."""

    def altered(changes: dict[str | zipfile.ZipInfo, bytes | None]) -> Path:
        path = tmp_path / "altered.zip"
        with zipfile.ZipFile(archive) as source, zipfile.ZipFile(path, "w") as target:
            for name in source.namelist():
                if name not in changes:
                    target.writestr(name, source.read(name))
            for name, data in changes.items():
                if data is not None:
                    target.writestr(name, data)
        return path

    return altered
