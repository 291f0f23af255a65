"""What becomes of a run that a cluster has, with a cluster that is a dictionary."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from cnnlab import cluster, runs
from cnnlab.cluster import follower
from cnnlab.cluster.engine import (
    Capacity,
    Found,
    Node,
    Order,
    RefusedError,
    UnreachableError,
    capacity,
)
from cnnlab.cluster.launcher import ClusterLauncher
from cnnlab.cluster.ray_jobs import RayJobs, _last_line
from cnnlab.cluster.slurm import Slurm, _gpus_in
from cnnlab.runs import Run, Supervisor, handed_over
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.status import SILENCE_SECONDS, Status
from cnnlab.settings import RunConfig
from cnnlab.worker import admission
from tests import waiting

wait_for = partial(waiting.wait_for, seconds=20.0)
CONFIG = RunConfig("lenet5", "digits", epochs=3)
ELSEWHERE = {"pid": 4711, "host": "another-node", "started": "1@2"}


class Pretended:
    """A cluster of two nodes; a test says what becomes of its jobs."""

    name, called, where = "ray", "The cluster", ""

    def __init__(self) -> None:
        self.jobs: dict[str, Found] = {}
        self.orders: list[Order] = []
        self.stopped: list[str] = []
        self.away = False
        self.refuses = ""

    def capacity(self) -> Capacity:
        self._answer()
        return Capacity(2, "two nodes")

    def submit(self, order: Order) -> None:
        self._answer()
        if self.refuses:
            raise RefusedError(self.refuses)
        if order.name not in self.jobs:
            self.orders.append(order)
            self.jobs[order.name] = Found("waiting")

    def look(self, names: Sequence[str]) -> dict[str, Found]:
        self._answer()
        return {name: self.jobs[name] for name in names if name in self.jobs}

    def stop(self, name: str) -> None:
        self._answer()
        self.stopped.append(name)

    def _answer(self) -> None:
        if self.away:
            raise UnreachableError("The cluster does not answer.")


@pytest.fixture
def engine() -> Pretended:
    return Pretended()


@pytest.fixture
def launcher(engine: Pretended, monkeypatch: pytest.MonkeyPatch) -> ClusterLauncher:
    monkeypatch.setattr(follower, "LAST_WORDS_SECONDS", 0.0)
    return ClusterLauncher(engine, stop_seconds=0.0)


def launched(launcher: ClusterLauncher, rounds: int = 1) -> Run:
    run = runs.create(CONFIG, claimed=True)
    launcher.launch(run, 0)
    look(launcher, rounds)
    return run


def look(launcher: ClusterLauncher, rounds: int = 1) -> None:
    for _ in range(rounds):
        launcher._follower.round()


def job_of(run: Run) -> str:
    return run.status().cluster_job.partition(":")[2]


def begin(run: Run, ago: float = 0.0, **more: object) -> None:
    """Let a worker of another machine have written so many seconds ago."""
    beaten = time.time() - ago
    run.write_status(replace(run.status(), state="running", process=ELSEWHERE, heartbeat=beaten, **more))
    os.utime(run.folder / "control" / "alive", (beaten, beaten))


def test_a_run_is_handed_over_with_the_command_of_every_worker(engine, launcher):
    run = launched(launcher)
    (order,) = engine.orders
    assert order.command == (sys.executable, "-m", "cnnlab.worker", str(run.folder))
    assert order.environment("ray")[handed_over.CLUSTER_JOB] == run.status().cluster_job
    assert run.status().state == "starting" and run.status().waits_for_cluster
    look(launcher, 3)
    assert len(engine.orders) == 1


def test_a_cluster_that_does_not_answer_loses_no_run(engine, launcher):
    engine.away = True
    run = launched(launcher, 2)
    assert run.status().state == "starting" and "does not answer" in run.status().message
    engine.away = False
    look(launcher)
    assert [order.folder for order in engine.orders] == [str(run.folder)]


def test_a_run_that_waits_for_a_cluster_that_is_away_can_be_stopped(engine, launcher):
    engine.away = True
    run = launched(launcher)
    run.request_stop()
    look(launcher)
    assert run.status().state == "stopped"


def test_a_run_that_the_cluster_refuses_fails_with_its_sentence(engine, launcher):
    engine.refuses = "The cluster refused the run: no such partition."
    run = launched(launcher)
    assert (run.status().state, run.status().message) == ("failed", engine.refuses)
    run.resume()
    assert run.status().state == "queued" and not run.status().cluster_job


def test_a_run_may_wait_for_resources_for_longer_than_a_worker_may_be_silent(engine, launcher):
    run = launched(launcher)
    long_ago = time.time() - 10 * SILENCE_SECONDS
    run.write_status(replace(run.status(), heartbeat=long_ago))
    look(launcher)
    assert run.status().state == "starting" and run.status().silence() == 0
    os.utime(run.folder / "control" / "alive", (long_ago, long_ago))  # nobody asks the cluster any more
    assert run.status().state == "interrupted"


def test_the_next_server_follows_what_the_last_one_handed_over(engine, launcher):
    run = launched(launcher)
    long_ago = time.time() - 10 * SILENCE_SECONDS
    run.write_status(replace(run.status(), heartbeat=long_ago))
    os.utime(run.folder / "control" / "alive", (long_ago, long_ago))
    second = ClusterLauncher(engine).start()
    Supervisor(second).tick()  # which buries who is dead
    assert run.status().state == "starting"
    second.close()


def test_a_worker_of_another_node_lives_while_its_heart_beats_or_the_cluster_confirms_it(engine, launcher):
    run = launched(launcher)
    engine.jobs[job_of(run)] = Found("working")
    begin(run, ago=SILENCE_SECONDS + 5)
    assert run.status().state == "interrupted"
    look(launcher)
    assert run.status().state == "running"


def test_a_run_whose_node_is_lost_is_interrupted_and_goes_on_as_another_job(engine, launcher):
    run = launched(launcher)
    first = job_of(run)
    begin(run, ago=8, epoch=2)
    engine.jobs[first] = Found("over", "actor died")
    look(launcher, 2)
    now = run.status()
    assert now.state == "interrupted" and "epoch 3" in now.message and "resume" in now.message
    assert "actor died" in run.log()
    run.resume()
    assert run.claim()
    launcher.launch(run, 1)
    look(launcher)
    assert len(engine.orders) == 2 and job_of(run) != first


def test_a_cluster_that_was_restarted_forgets_a_silent_run_and_not_one_whose_heart_beats(engine, launcher):
    beating, silent = launched(launcher), launched(launcher)
    begin(beating)
    begin(silent, ago=follower.FORGOTTEN_SECONDS + 5)
    engine.jobs.clear()
    look(launcher)
    assert beating.status().state == "running"
    assert silent.status().state == "interrupted" and "restarted" in silent.status().message


def test_a_cluster_that_was_restarted_gets_a_run_again_that_had_not_begun(engine, launcher):
    run = launched(launcher)
    engine.jobs.clear()
    look(launcher)
    assert [order.folder for order in engine.orders] == [str(run.folder)] * 2
    assert run.status().state == "starting"


def test_a_job_that_the_cluster_gave_up_waiting_for_is_submitted_again_under_a_new_name(engine, launcher):
    run = launched(launcher)
    engine.jobs[job_of(run)] = Found("over", again=True)
    look(launcher, 3)
    assert len({order.name for order in engine.orders}) == 2 and run.status().state == "starting"


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (handed_over.FOLDER_NOT_THERE, "CNNLAB_HOME"),
        (handed_over.FOLDER_NOT_WRITABLE, "write"),
        (handed_over.CLOCK_WRONG, "clock"),
        (127, "CNNLAB_WORKER_PYTHON"),
        (1, "log"),
    ],
)
def test_a_worker_that_could_not_begin_says_why_in_one_sentence(engine, launcher, code, word):
    run = launched(launcher)
    engine.jobs[job_of(run)] = Found("over", "No module named cnnlab", code)
    look(launcher, 2)
    assert run.status().state == "failed" and word in run.status().message
    assert "No module named cnnlab" in run.log()


def test_a_worker_that_answers_no_stop_is_ended_by_the_cluster(engine, launcher):
    run = launched(launcher)
    begin(run, step=1)
    engine.jobs[job_of(run)] = Found("working")
    run.request_stop()
    look(launcher, 2)
    assert job_of(run) in engine.stopped
    engine.jobs[job_of(run)] = Found("over", exit_code=143)
    look(launcher, 2)
    assert run.status().state == "interrupted" and "did not answer" in run.status().message


def test_what_a_worker_has_said_itself_counts(engine, launcher):
    run = launched(launcher)
    begin(run, ago=8)
    engine.jobs[job_of(run)] = Found("over", exit_code=0)
    look(launcher)
    run.write_status(replace(run.status(), state="finished", message="Finished after 3 epochs."))
    look(launcher, 3)
    assert run.status().message == "Finished after 3 epochs."


def test_a_supervisor_has_as_many_slots_as_the_cluster(engine, launcher, monkeypatch):
    boss = Supervisor(launcher.start())
    try:
        submitted = [boss.submit(CONFIG) for _ in range(3)]
        wait_for(lambda: boss.tick() or boss.slots == 2)
        wait_for(lambda: boss.tick() or len(engine.orders) == 2)
        assert [boss.position(run.id) for run in submitted] == [None, None, 1]
        monkeypatch.setenv("CNNLAB_SLOTS", "3")
        boss.tick()
        assert boss.slots == 3 and boss.queue() == []
    finally:
        boss.close()


def test_a_fault_of_an_engine_ends_no_thread(engine, launcher, monkeypatch):
    monkeypatch.setattr(engine, "look", lambda names: 1 / 0)
    launched(launcher, 3)


def taken_by(folder: Path, mine: str) -> int:
    return admission.refusal(folder, mine, seconds=0.0)


def test_a_worker_begins_where_the_folder_names_its_job_and_only_once(engine, launcher, tmp_path):
    run = launched(launcher)
    mine = run.status().cluster_job
    assert taken_by(tmp_path / "not-shared", mine) == handed_over.FOLDER_NOT_THERE
    assert taken_by(run.folder, "ray:another") == handed_over.NOT_WANTED
    assert taken_by(run.folder, mine) == 0
    assert taken_by(run.folder, mine) == handed_over.NOT_WANTED
    run.write_status(Status(state="stopped", cluster_job=mine))
    assert taken_by(run.folder, mine) == handed_over.NOT_WANTED


def test_a_node_whose_clock_is_wrong_does_not_begin(engine, launcher, monkeypatch):
    run = launched(launcher)
    really = time.time
    monkeypatch.setattr(admission.time, "time", lambda: really() - 60)
    assert taken_by(run.folder, run.status().cluster_job) == handed_over.CLOCK_WRONG


def test_a_worker_that_was_taken_for_dead_ends_when_another_has_its_run(engine, launcher):
    run = launched(launcher)
    code = (
        "import sys; from pathlib import Path; from cnnlab.worker.reporter import Reporter\n"
        "from cnnlab.runs import Run; reporter = Reporter(Run(Path(sys.argv[1])))\n"
        "print('begun', flush=True); input()"
    )
    environment = os.environ | {handed_over.CLUSTER_JOB: run.status().cluster_job}
    worker = subprocess.Popen(
        [sys.executable, "-c", code, str(run.folder)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert worker.stdout and worker.stdin and worker.stdout.readline() == b"begun\n"
    wait_for(lambda: ProcessId.from_dict(run.status().process))
    run.write_status(replace(run.status(), state="queued", cluster_job="", process=None))
    assert worker.wait(20) == handed_over.NOT_WANTED
    assert run.status().state == "queued"
    worker.stdin.close()
    worker.stdout.close()


def test_a_run_that_goes_on_here_belongs_to_no_cluster(engine, launcher):
    run = launched(launcher)
    begin(run, ago=8)
    engine.jobs[job_of(run)] = Found("over")
    look(launcher, 2)
    run.resume()
    run.write_status(replace(run.status(), state="running", process=vars(ProcessId.of(os.getpid()))))
    look(launcher, 2)
    assert run.status().state == "running" and len(engine.orders) == 1
    run.write_status(Status(state="finished"))


@pytest.mark.parametrize(
    ("nodes", "slots", "gpus"),
    [
        ([Node(8, 0), Node(5, 0)], 6, 0),
        ([Node(0, 0), Node(64, 4), Node(64, 8)], 12, 8),
        ([Node(1, 0)], 1, 0),
        ([], 1, 0),
    ],
)
def test_slots_are_the_gpus_or_pairs_of_cores(nodes, slots, gpus):
    found = capacity(nodes, "Cluster")
    assert (found.slots, found.gpus) == (slots, gpus)


@pytest.mark.parametrize(
    ("resources", "gpus"),
    [("(null)", 0), ("gpu:4", 4), ("gpu:a100:4(S:0-1)", 4), ("gpu:a100:2,gpu:t4:1", 3), ("shard:8", 0)],
)
def test_gpus_are_read_from_the_words_of_slurm(resources, gpus):
    assert _gpus_in(resources) == gpus


def test_the_last_line_of_a_traceback_is_the_sentence():
    assert _last_line('Traceback:\n  File "x"\nValueError: no such thing.\n.\n') == "no such thing."


def test_addresses_that_are_none_and_a_slurm_that_is_not_here_are_told_in_a_sentence(monkeypatch, tmp_path):
    with pytest.raises(UnreachableError, match="http://HEAD:8265"):
        RayJobs("10.0.0.1:6379").capacity()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnreachableError, match="not installed"):
        Slurm().capacity()


def test_the_launcher_is_the_one_that_is_asked_for(monkeypatch):
    for name, kind in (("ray", RayJobs), ("slurm", Slurm), ("thread", type(None)), ("", type(None))):
        monkeypatch.setenv("CNNLAB_LAUNCHER", name)
        assert type(cluster.engine()) is kind
