"""Real workers at jobs that are no trainings, in real processes that are really killed."""

import os
import signal
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from cnnlab import exchange, inference, runs
from cnnlab.inference.projection import tsne
from cnnlab.runs import ProcessLauncher, Run, Supervisor, ThreadLauncher, jobs
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import EVALUATE, EXPORT, OPEN, PROJECT, PROJECTED, RATE_SWEEP, Kind
from cnnlab.settings import RunConfig
from cnnlab.training import rate_finder
from cnnlab.worker import execute
from tests import waiting
from tests.long import LONG

wait_for = partial(waiting.wait_for, seconds=120.0)

SMALL = RunConfig("lenet5", "digits", epochs=1, image_size=16, channels=1, max_per_class=20)


@pytest.fixture
def trained(home: Path) -> Run:
    run = runs.create(SMALL, claimed=True)
    execute(run.folder)
    (run.folder / "evaluation.json").unlink()
    return run


def done(kind: Kind, **request: object) -> Job:
    """Do a job in this process."""
    job = jobs.ask(kind, request)
    assert job.claim()
    execute(job.folder)
    return job


def one_sentence(job: Job) -> str:
    message = job.status().message
    assert message.endswith(".") and "\n" not in message and "Traceback" not in message
    return message


@pytest.mark.slow
def test_an_evaluation_an_export_and_an_import_end_where_pages_look_for_them(trained):
    evaluated = done(EVALUATE, run=trained.id)
    assert evaluated.status().state == "finished", evaluated.log()
    assert (trained.folder / "evaluation.json").exists() and (trained.folder / "comparison.npz").exists()
    exported = done(EXPORT, run=trained.id)
    assert exported.status().state == "finished" and exchange.exported(trained)
    opened = done(OPEN, zip=str(trained.folder / "exports" / "run.zip"))
    assert opened.status().state == "finished"
    assert runs.get(opened.outcome()["run_id"]).title == opened.outcome()["title"] == trained.title


@pytest.mark.parametrize(
    ("kind", "request_", "words"),
    [
        (EVALUATE, {"run": "no-such-run-1"}, "choose one"),
        (EXPORT, {"run": 3}, "choose one"),
        (EVALUATE, {}, "try again"),
        (OPEN, {"zip": "/no/such.zip"}, ""),
        (RATE_SWEEP, {"config": SMALL.changed(epochs=0).to_dict()}, "epochs"),
    ],
)
def test_every_failure_is_one_sentence(home, kind, request_, words):
    job = done(kind, **request_)
    assert job.status().state == "failed" and job.status().error["message"]
    assert words in one_sentence(job).lower()
    assert not job.outcome()


def test_a_stop_takes_effect_at_the_next_word_of_progress(home, monkeypatch):
    run = runs.create(SMALL)

    def evaluate(run, progress):
        jobs.find(EVALUATE, {"run": run.id}).request_stop("Enough.")
        progress(0.5, "Half of it.")
        raise AssertionError("it went on")

    monkeypatch.setattr("cnnlab.training.evaluation.evaluate_again", evaluate)
    job = done(EVALUATE, run=run.id)
    assert (job.status().state, job.status().message) == ("stopped", "Enough.")


def test_where_subprocesses_are_forbidden_light_work_is_done_in_a_thread_and_stops_when_it_looks(
    home, monkeypatch
):
    def evaluate(run, progress):
        while not (run.folder / "enough").exists():
            progress(0.5, "Half of it.")
            time.sleep(0.01)

    monkeypatch.setattr("cnnlab.training.evaluation.evaluate_again", evaluate)
    one, other = runs.create(SMALL, claimed=True), runs.create(SMALL, claimed=True)
    boss = Supervisor(ThreadLauncher(lambda folder, slot: execute(folder, slot, own_process=False))).start()
    try:
        first, second = (boss.ask(EVALUATE, {"run": run.id}) for run in (one, other))
        wait_for(lambda: first.status().progress == 0.5)
        assert second.status().state == "queued"
        first.request_stop("Enough.")
        wait_for(lambda: first.status().state == "stopped" and second.status().progress == 0.5)
        (other.folder / "enough").touch()
        wait_for(lambda: second.status().state == "finished")
        assert first.status().message == "Enough."
    finally:
        boss.close()


@pytest.mark.slow
@LONG
def test_real_workers_of_both_lanes_work_beside_each_other_and_each_is_really_ended(trained):
    boss = Supervisor(ProcessLauncher()).start()
    try:
        before = boss.submit(SMALL.changed(epochs=10_000))
        sweep = boss.ask(RATE_SWEEP, {"config": SMALL.to_dict()})
        killed = boss.ask(EVALUATE, {"run": trained.id})
        wait_for(lambda: killed.status().state in {"starting", "running"})  # for seconds: it loads TensorFlow
        os.kill(killed.status().pid, signal.SIGKILL)
        at = time.monotonic()
        wait_for(lambda: killed.status().state == "interrupted")
        assert time.monotonic() - at < 10 and "try again" in one_sentence(killed)
        wait_for(lambda: before.status().epoch >= 1)
        assert sweep.status().state == "queued" and boss.ahead(sweep) == 1

        again = boss.ask(EVALUATE, {"run": trained.id})
        wait_for(lambda: again.status().state in {"starting", "running"})
        worker = runs.liveness.ProcessId.from_dict(again.status().process)
        again.request_stop()  # while it imports TensorFlow, most likely
        wait_for(lambda: again.status().state == "stopped" and not worker.is_alive())

        last = boss.ask(EVALUATE, {"run": trained.id})
        wait_for(lambda: last.status().state == "finished")
        assert (trained.folder / "evaluation.json").exists()
        assert before.status().state == "running" and sweep.status().state == "queued"

        boss.stop(before.id)
        wait_for(lambda: sweep.status().state == "running" and len(rate_finder.read(sweep).rates) > 3)
        sweep.request_stop()
        wait_for(lambda: sweep.status().state == "stopped")
        assert boss.running() == [] and before.status().state == "stopped"
    finally:
        boss.close()
    assert inference.Classifier.from_run(before)


def test_a_projection_leaves_the_points_that_its_function_gives(home: Path, tmp_path: Path):
    features = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
    np.save(tmp_path / "features.npy", features)
    job = done(PROJECT, features=str(tmp_path / "features.npy"))
    assert job.status().state == "finished", job.log()
    np.testing.assert_allclose(np.load(job.folder / PROJECTED), tsne(features).points, atol=1e-3)


def test_a_projection_of_features_that_are_gone_or_damaged_is_one_sentence(home: Path, tmp_path: Path):
    (tmp_path / "damaged.npy").write_bytes(b"no array")
    for name in ("gone.npy", "damaged.npy"):
        job = done(PROJECT, features=str(tmp_path / name))
        assert job.status().state == "failed"
        one_sentence(job)
