"""The clock on the wall is set while a network trains: nothing is taken for dead, late or over by it."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cnnlab import runs
from cnnlab.runs import Supervisor
from cnnlab.runs.launchers import ProcessLauncher
from cnnlab.runs.status import SILENCE_SECONDS
from cnnlab.settings import RunConfig
from cnnlab.ui.wording import progress
from tests.long import LONG
from tests.waiting import wait_for

SHIFTED = """
import os, time
_true = time.time
def time_of_day():
    try:
        with open(os.environ["CNNLAB_TEST_CLOCK"]) as file:
            return _true() + float(file.read() or 0)
    except (OSError, ValueError):
        return _true()
time.time = time_of_day
"""


@pytest.fixture
def set_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that sets the clock of all processes here so many seconds from the true one."""
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(SHIFTED)
    monkeypatch.setenv("CNNLAB_TEST_CLOCK", str(tmp_path / "now"))
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join((str(tmp_path / "clock"), os.environ.get("PYTHONPATH", "")))
    )
    true, shift = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: true() + shift[0])

    def set_clock(seconds: float) -> None:
        shift[0] = seconds
        aside = tmp_path / "aside"
        aside.write_text(str(seconds))
        aside.replace(tmp_path / "now")

    return set_clock


@pytest.mark.slow
@LONG
def test_a_run_trains_on_and_tells_the_truth_when_the_clock_jumps(set_clock: Callable[[float], None]):
    began, boss = time.monotonic(), Supervisor(ProcessLauncher()).start()
    run = boss.submit(RunConfig("lenet5", "digits", epochs=60, batch_size=64))
    other = boss.submit(RunConfig("lenet5", "digits", epochs=1))
    wait_for(lambda: run.status().epoch >= 1, 150)
    beat = run.status().heartbeat
    for jump in (6 * 3600.0, -6 * 3600.0, 400 * 86_400.0, 0.0):
        set_clock(jump)
        wait_for(lambda: abs(run.status().heartbeat - time.time()) < SILENCE_SECONDS, 60)
        now = run.status()
        assert now.state in {"running", "finished"} and run.status().heartbeat != beat
        assert now.seconds < time.monotonic() - began + 5
        assert now.seconds_left is None or now.seconds_left < 3600
        assert other.status().state == "queued" or now.state == "finished"
        assert {seen.run for seen in runs.overview(0)} == {run, other} and progress(now)
        beat = now.heartbeat
    assert not boss.troubles
    if run.status().is_active:
        boss.stop(run.id)
    wait_for(lambda: not run.status().is_active, 60)
    assert run.status().state in {"stopped", "finished"}
    wait_for(lambda: other.status().state == "finished", 150)
    seconds = run.metrics().epochs["seconds"]
    assert len(seconds) and (seconds[1:] >= seconds[:-1]).all() and seconds[-1] < time.monotonic() - began + 5
    boss.close()


def test_a_worker_of_which_the_clock_says_that_it_is_late_is_not_ended(set_clock: Callable[[float], None]):
    """Whether it lives is asked of the system; the clock only tells how long it has not written."""
    from dataclasses import replace

    from cnnlab.runs.liveness import ProcessId

    run = runs.create(RunConfig("lenet5", "digits"))
    alive = {"state": "running", "process": vars(ProcessId.of(os.getpid())), "heartbeat": time.time()}
    run.write_status(replace(run.status(), **alive))
    for jump in (86_400.0, -86_400.0):
        set_clock(jump)
        assert run.status().state == "running" and not run.status().is_orphaned()
        assert run.status().silence() == pytest.approx(max(0, jump), abs=30)
        boss = Supervisor(ProcessLauncher((os.devnull,)))
        boss.tick()
        assert run.status().state == "running" and not boss.troubles
        boss.close()
