"""The one widget for all kinds of jobs: how far, stopped, why it failed; and what everybody sees of it."""

import os
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import runs
from cnnlab.runs import jobs
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import EVALUATE, EXPORT, KINDS, RATE_SWEEP, TRAIN, Kind
from cnnlab.runs.liveness import ProcessId
from cnnlab.settings import RunConfig
from cnnlab.ui import engine
from cnnlab.ui.jobs import LONG_SECONDS
from tests.pages.conftest import NoWorkers

Say = Callable[..., None]


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch, home):
    monkeypatch.setattr(engine, "launcher", NoWorkers)
    monkeypatch.setattr(runs.Supervisor, "start", lambda self: self)  # what waits goes on waiting
    yield
    engine._supervisor.clear()


def say(job: Job, state: str, **status: object) -> None:
    here = vars(ProcessId.of(os.getpid()))
    changes = {"process": here, "heartbeat": time.time(), "started": time.time()} | status
    job.write_status(replace(job.status(), state=state, **changes))


def page() -> None:
    """Show every job by its folder, and tell of each that has ended well."""
    import streamlit as st

    from cnnlab.runs import jobs as known
    from cnnlab.runs import list_runs
    from cnnlab.runs.job import Job
    from cnnlab.ui import jobs

    for job in [*list_runs(), *(Job(folder) for folder in known.jobs_dir().iterdir())]:
        active = jobs.show(job, done=lambda job: st.text(f"done {job.outcome()}"))
        st.text(f"active {active}")


def opened(show: Callable[[], None] = page) -> AppTest:
    app = AppTest.from_function(show, default_timeout=60).run()
    assert not app.exception
    return app


def texts(app: AppTest) -> list[str]:
    return [text.value for text in app.text]


def some_job(kind: Kind) -> Job:
    if kind is TRAIN:
        return runs.create(RunConfig("lenet5", "digits", epochs=2))
    return jobs.ask(kind, {"run": "some-run-1234"})


def test_one_widget_shows_every_kind_of_job_from_its_place_in_the_queue_to_its_end():
    everything = [some_job(kind) for kind in KINDS.values()]
    bars = opened().get("progress")
    assert len(bars) == len(everything) and all(bar.proto.text.startswith("Queued") for bar in bars)
    for job in everything:
        steps = 5 if job.kind is TRAIN else 10
        say(job, "running", message="Half of it.", step=5, steps_per_epoch=steps, progress=0.5)
    app = opened()
    assert [bar.proto.value for bar in app.get("progress")] == [50] * len(everything)
    assert texts(app) == ["active True"] * len(everything)
    for job in everything:
        app.button(f"stop {job.id}").click()
    app.run()
    assert all(job.stop_requested() and job.status().state == "stopping" for job in everything)
    assert all(button.disabled for button in opened().button)
    for job in everything:
        job.write_status(job.stopped(job.status()))
    app = opened()
    assert texts(app) == ["active False"] * len(everything)
    assert not app.error and not app.warning and not app.get("progress")


def test_what_failed_is_said_until_it_is_asked_for_again():
    job = some_job(EXPORT)
    say(job, "failed", message="The *disk* is full.")
    for _ in range(2):
        assert "disk" in opened().error[0].value
    some_job(EXPORT)
    assert not opened().error


def test_a_worker_that_died_is_one_sentence():
    say(some_job(EXPORT), "running", process=vars(ProcessId("here", 2**22 + 1, "1")), heartbeat=1.0)
    app = opened()
    assert len(app.error) == 1 and texts(app) == ["active False"]


def test_what_somebody_else_stopped_says_why_and_what_one_stopped_oneself_is_silent():
    job = some_job(EXPORT)
    job.request_stop()
    assert not opened().warning
    job = some_job(EXPORT)
    job.request_stop("The lesson is *over*.")
    assert "over" in opened().warning[0].value


def test_who_asked_is_told_of_the_end_with_the_outcome():
    job = some_job(EXPORT)
    (job.folder / "outcome.json").write_text('{"run_id": "a"}')
    say(job, "finished")
    assert texts(opened()) == ["done {'run_id': 'a'}", "active False"]


def test_a_job_says_how_many_are_before_it_in_its_lane():
    run, sweep = some_job(TRAIN), some_job(RATE_SWEEP)
    say(run, "running")
    some_job(EVALUATE)  # of the other lane
    words = {bar.proto.text.replace("\\", "") for bar in opened().get("progress")}
    assert (
        any(said.startswith("Queued (1 ahead)") for said in words) and engine.supervisor().ahead(sweep) == 1
    )


def sidebar() -> None:
    from cnnlab.ui import jobs

    jobs.background_work()


def test_everybody_may_stop_what_takes_long_and_nobody_else_what_has_just_begun():
    quick, slow, waits = (jobs.ask(EVALUATE, {"run": name}) for name in ("quick", "slow", "waits"))
    say(quick, "running", started=time.time() - LONG_SECONDS / 2)
    say(slow, "running", started=time.time() - LONG_SECONDS - 1)
    time.sleep(jobs.LOOK_SECONDS)
    app = opened(sidebar)
    assert len(app.caption) == 3 and len(app.button) == 1
    app.button[0].click().run()
    assert [job.stop_requested() for job in (slow, quick, waits)] == [True, False, False]
    assert slow.stop_reason().endswith(".")
