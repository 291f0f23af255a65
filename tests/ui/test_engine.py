"""The server has one supervisor, and a new one knows what the last one knew."""

from collections.abc import Iterator

import pytest

from cnnlab.settings import RunConfig
from cnnlab.ui import engine
from tests.pages.conftest import NoWorkers

REAL_LAUNCHER = engine.launcher
CONFIG = RunConfig("lenet5", "digits", epochs=1)


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(engine, "launcher", NoWorkers)
    yield
    engine._supervisor.clear()


def test_all_pages_share_one_supervisor():
    assert engine.supervisor() is engine.supervisor()


def test_a_cleared_cache_closes_the_supervisor_and_the_next_one_reads_the_queue_from_disk():
    first = engine.supervisor()
    run = first.submit(CONFIG)
    engine._supervisor.clear()
    second = engine.supervisor()
    assert second is not first
    assert not first._thread.is_alive()
    assert second.queue() == [run.id]
    assert second.position(run.id) == 1


def test_an_environment_variable_chooses_the_launcher(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CNNLAB_LAUNCHER", raising=False)
    assert type(REAL_LAUNCHER()).__name__ == "ProcessLauncher"
    monkeypatch.setenv("CNNLAB_LAUNCHER", "thread")
    assert type(REAL_LAUNCHER()).__name__ == "ThreadLauncher"
