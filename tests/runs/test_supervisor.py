"""The engine around a worker, with workers that only pretend to train: they take milliseconds to start."""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from cnnlab import runs
from cnnlab.runs import ProcessLauncher, Run, Supervisor, ThreadLauncher
from cnnlab.runs.hanging import StopDeadline, end_process
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.status import Status
from cnnlab.settings import RunConfig
from tests import waiting

wait_for = partial(waiting.wait_for, seconds=20.0)

CONFIG = RunConfig("lenet5", "digits", epochs=3)

WORKER = """
import json, sys, time
from dataclasses import replace
from pathlib import Path
from cnnlab.runs import Run
from cnnlab.runs.metrics import MetricsLog

run = Run(Path(json.loads(sys.stdin.readline() or sys.exit())["folder"]))
log = MetricsLog(run.folder / "metrics.jsonl")
step = 0
while not (run.stop_requested() or (run.folder / "control" / "finish").exists()):
    step += 1
    log.append("batch", step=step, epoch=1, loss=1 / step, accuracy=0.5, seconds=step)
    run.write_status(replace(run.status(), state="running", step=step, heartbeat=time.time()))
    time.sleep(0.02)
run.write_status(replace(run.status(), state="stopped" if run.stop_requested() else "finished"))
"""

SERVER = """
import sys, time
from cnnlab.runs import ProcessLauncher, Supervisor
from cnnlab.settings import RunConfig
boss = Supervisor(ProcessLauncher((sys.executable, "-c", sys.argv[1]))).start()
print(boss.submit(RunConfig("a", "b", epochs=1)).id, flush=True)
time.sleep(60)
"""


def state(run: Run) -> str:
    return run.status().state


def finish(run: Run) -> None:
    (run.folder / "control" / "finish").touch()


@pytest.fixture(autouse=True)
def nothing_goes_on_after_the_test(home, monkeypatch):
    """A server left at work would take the runs of the next test."""
    servers, start = [], Supervisor.start

    def remembered(server):
        servers.append(server)
        return start(server)

    monkeypatch.setattr(Supervisor, "start", remembered)
    yield
    for server in servers:
        server.close()
    for run in runs.list_runs():
        finish(run)
    for run in runs.list_runs():
        wait_for(lambda run=run: not run.status().is_active or state(run) == "queued")


@pytest.fixture
def boss():
    return Supervisor(ProcessLauncher((sys.executable, "-c", WORKER))).start()


def test_runs_start_one_after_the_other_in_the_order_they_came(boss):
    first, second, third = (boss.submit(CONFIG) for _ in range(3))
    wait_for(lambda: state(first) == "running")
    assert [boss.position(run.id) for run in (first, second, third)] == [None, 1, 2]
    assert boss.running() == [first.id]
    finish(first)
    wait_for(lambda: state(second) == "running")
    assert (state(first), boss.position(third.id)) == ("finished", 1)
    finish(second)
    wait_for(lambda: state(third) == "running")
    assert second.metrics().batches["step"][0] == 1  # each writes its own history


def test_two_slots_run_two_at_a_time_each_on_its_own_device():
    boss = Supervisor(ProcessLauncher((sys.executable, "-c", WORKER)), slots=2).start()
    three = [boss.submit(CONFIG) for _ in range(3)]
    wait_for(lambda: [state(run) for run in three] == ["running", "running", "queued"])
    assert [run.status().slot for run in three[:2]] == [0, 1]
    finish(three[0])
    wait_for(lambda: state(three[2]) == "running")
    assert three[2].status().slot == 0
    for run in three:
        finish(run)


def test_stop_reaches_a_working_run_and_a_waiting_one(boss):
    first, second = boss.submit(CONFIG), boss.submit(CONFIG)
    wait_for(lambda: state(first) == "running")
    boss.stop(second.id)
    assert state(second) == "stopped"
    boss.stop(first.id)
    wait_for(lambda: state(first) == "stopped")
    assert boss.queue() == boss.running() == []


def test_a_killed_worker_is_interrupted_and_the_next_run_starts(boss):
    first, second = boss.submit(CONFIG), boss.submit(CONFIG)
    wait_for(lambda: state(first) == "running")
    os.kill(first.status().pid, signal.SIGKILL)
    wait_for(lambda: state(first) == "interrupted", seconds=10)
    wait_for(lambda: state(second) == "running")
    wait_for(lambda: json.loads((first.folder / "status.json").read_text())["state"] == "interrupted")


def test_a_killed_server_leaves_the_worker_training_and_the_next_server_adopts_it():
    server = subprocess.Popen([sys.executable, "-c", SERVER, WORKER], stdout=subprocess.PIPE, text=True)
    run = runs.get(server.stdout.readline().strip())
    wait_for(lambda: len(run.metrics().batches["step"]) > 5)
    server.kill()
    server.wait()
    server.stdout.close()
    steps, worker = len(run.metrics().batches["step"]), run.status().pid
    wait_for(lambda: len(run.metrics().batches["step"]) > steps + 5)

    boss = Supervisor(ProcessLauncher((sys.executable, "-c", WORKER))).start()
    waiting = boss.submit(CONFIG)
    boss.tick()
    assert boss.running() == [run.id] and boss.position(waiting.id) == 1
    assert run.status().pid == worker
    seen = run.metrics().batches["step"].tolist()
    assert seen == [*range(1, len(seen) + 1)]
    finish(run)
    wait_for(lambda: state(waiting) == "running")
    assert state(run) == "finished"
    finish(waiting)
    wait_for(lambda: state(waiting) == "finished")


def test_two_servers_on_one_workspace_never_start_a_run_twice_nor_more_than_the_slots():
    servers = [Supervisor(ProcessLauncher((sys.executable, "-c", WORKER))).start() for _ in range(2)]
    first, second = servers[0].submit(CONFIG), servers[1].submit(CONFIG)
    wait_for(lambda: state(first) == "running")
    assert state(second) == "queued"
    finish(first)
    wait_for(lambda: state(second) == "running")
    finish(second)
    wait_for(lambda: state(second) == "finished")


def test_a_server_starts_nothing_while_another_fills_the_same_slot():
    started = []

    class Launcher:
        def launch(self, run: Run, slot: int) -> None:
            other.tick()  # looks after the run was claimed and before it counts as taken
            started.append(run.id)
            here = vars(ProcessId.of(os.getpid()))
            run.write_status(replace(run.status(), state="starting", process=here, heartbeat=time.time()))

        def tick(self, soon: bool) -> None:
            pass

    server, other = Supervisor(Launcher()), Supervisor(Launcher())
    first, second = runs.create(CONFIG), runs.create(CONFIG)
    server.tick()
    assert started == [first.id]
    assert server.queue() == [second.id]
    first.write_status(Status(state="finished"))


def test_a_run_of_the_command_line_takes_the_place_of_a_run_of_the_server():
    elsewhere, here = runs.create(CONFIG, claimed=True), runs.create(CONFIG)
    me = vars(ProcessId.of(os.getpid()))
    elsewhere.write_status(replace(elsewhere.status(), state="running", process=me, heartbeat=time.time()))
    server = Supervisor(ProcessLauncher((sys.executable, "-c", WORKER)))
    server.tick()
    assert server.queue() == [here.id]
    elsewhere.write_status(Status(state="finished"))
    server.close()


def test_a_run_on_all_gpus_waits_for_all_and_keeps_the_others_waiting():
    server = Supervisor(ProcessLauncher((sys.executable, "-c", WORKER)), slots=2).start()
    one, everything, last = (
        server.submit(CONFIG.changed(devices=devices)) for devices in ("one", "all", "one")
    )
    wait_for(lambda: state(one) == "running")
    server.tick()
    assert server.queue() == [everything.id, last.id]  # first come, first served: the free GPU waits, too
    finish(one)
    wait_for(lambda: state(everything) == "running")
    server.tick()
    assert server.queue() == [last.id]
    finish(everything)
    wait_for(lambda: state(last) == "running")


def test_a_run_claimed_by_a_server_that_died_at_once_is_started_by_the_next():
    run = runs.create(CONFIG)
    claim = "from cnnlab import runs; import sys; assert runs.get(sys.argv[1]).claim()"
    subprocess.run([sys.executable, "-c", claim, run.id], check=True)
    Supervisor(ProcessLauncher((sys.executable, "-c", WORKER))).start()
    wait_for(lambda: state(run) == "running")
    finish(run)


def test_a_worker_that_cannot_start_ends_its_run_and_not_the_server():
    boss = Supervisor(ProcessLauncher(("/no/such/python",))).start()
    run = boss.submit(CONFIG)
    wait_for(lambda: state(run) == "failed")
    assert "start the run again" in run.status().message


def test_a_worker_that_dies_at_birth_leaves_an_interrupted_run():
    boss = Supervisor(ProcessLauncher((sys.executable, "-c", "raise SystemExit(1)"))).start()
    run = boss.submit(CONFIG)
    wait_for(lambda: state(run) == "interrupted")


def test_one_warm_worker_waits_and_ends_with_its_server():
    launcher = ProcessLauncher((sys.executable, "-c", WORKER))
    launcher.tick(soon=True)
    launcher.tick(soon=True)
    worker = launcher._waiting
    assert worker.poll() is None
    worker.stdin.close()  # what the system does when a server dies
    worker.wait(timeout=10)
    launcher.close()


def test_the_thread_launcher_runs_in_this_process():
    def execute(folder: Path, slot: int) -> None:
        Run(folder).write_status(Status(state="finished", message=f"slot {slot}"))

    boss = Supervisor(ThreadLauncher(execute)).start()
    run = boss.submit(CONFIG)
    wait_for(lambda: state(run) == "finished")
    assert run.status().message == "slot 0"


def test_a_run_that_is_over_goes_on_when_asked(boss):
    run = boss.submit(CONFIG)
    wait_for(lambda: state(run) == "running")
    boss.stop(run.id)
    wait_for(lambda: state(run) == "stopped")
    boss.resume(run.id)
    wait_for(lambda: state(run) == "running")
    assert run.status().epochs == 3


QUICK_WORKER = """
import json, sys, time
from dataclasses import replace
from pathlib import Path
from cnnlab.runs import Run
from cnnlab.runs.metrics import MetricsLog

run = Run(Path(json.loads(sys.stdin.readline() or sys.exit())["folder"]))
log = MetricsLog(run.folder / "metrics.jsonl")
for step in range(1, run.config.epochs + 1):
    log.append("batch", step=step, epoch=1, loss=run.config.seed, accuracy=0.5, seconds=step)
run.write_status(replace(run.status(), state="finished", ended=time.time()))
"""


def test_ten_runs_of_three_browsers_run_one_after_the_other_each_with_its_own_history():
    boss = Supervisor(ProcessLauncher((sys.executable, "-c", QUICK_WORKER))).start()
    submitted: list[Run] = []

    def browser(seeds: range) -> None:
        for seed in seeds:
            submitted.append(boss.submit(CONFIG.changed(epochs=seed + 1, seed=seed)))

    browsers = [threading.Thread(target=browser, args=(s,)) for s in (range(4), range(4, 7), range(7, 10))]
    for thread in browsers:
        thread.start()
    for thread in browsers:
        thread.join()
    wait_for(lambda: all(state(run) == "finished" for run in submitted), seconds=120)
    assert sorted(run.config.seed for run in submitted) == [*range(10)]
    for run in submitted:
        assert run.metrics().batches["loss"].tolist() == [run.config.seed] * run.config.epochs
    times = sorted((run.status() for run in submitted), key=lambda now: now.started)
    for before, after in itertools.pairwise(times):
        assert before.ended <= after.started  # never two at a time


def stopped_by_the_system(run: Run) -> None:
    """Hold the worker of a run, as a driver or a network disk does."""
    os.kill(run.status().pid, signal.SIGSTOP)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system cannot hold a process")
def test_a_worker_that_hangs_and_answers_no_stop_is_ended_and_the_slot_is_free():
    boss = Supervisor(ProcessLauncher((sys.executable, "-c", WORKER)), stop_seconds=0.3).start()
    first, second = boss.submit(CONFIG), boss.submit(CONFIG)
    wait_for(lambda: state(first) == "running")
    stopped_by_the_system(first)
    worker = ProcessId.from_dict(first.status().process)
    assert worker.is_alive() and state(second) == "queued"
    boss.stop(first.id)
    wait_for(lambda: "did not answer" in first.status().message)
    assert not worker.is_alive() and state(first) == "interrupted"
    wait_for(lambda: state(second) == "running")
    finish(second)
    boss.resume(first.id)
    wait_for(lambda: state(first) == "running")
    finish(first)


STUBBORN = WORKER.replace("run.stop_requested() or", "") + "\n# answers no stop"


def test_a_worker_whose_heart_beats_but_that_does_not_look_is_ended_with_all_its_processes():
    child = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])"
    boss = Supervisor(
        ProcessLauncher((sys.executable, "-c", f"{child}\n{STUBBORN}")), stop_seconds=0.3
    ).start()
    run = boss.submit(CONFIG)
    wait_for(lambda: state(run) == "running")
    group = run.status().pid
    boss.stop(run.id)
    wait_for(lambda: state(run) == "interrupted")

    def nobody_is_left() -> bool:
        try:
            os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            return True
        return False

    boss._launcher.tick(soon=False)  # reaps the worker
    wait_for(nobody_is_left)


def test_a_worker_that_has_answered_may_take_its_time_to_keep_its_weights():
    run = runs.create(CONFIG, claimed=True)
    me = vars(ProcessId.of(os.getpid()))
    working = Status(state="running", process=me, heartbeat=time.time())
    run.write_status(working)
    run.request_stop()
    assert StopDeadline(0.0).is_over(run, run.status())
    run.write_status(replace(working, state="stopping"))
    assert not StopDeadline(0.0).is_over(run, run.status())
    silent = replace(working, state="stopping", heartbeat=time.time() - 60)
    run.write_status(silent)
    assert StopDeadline(0.0).is_over(run, run.status())
    run.write_status(Status(state="stopped"))


def test_no_process_but_the_worker_itself_is_ended():
    here = ProcessId.of(os.getpid())
    for process in (here, replace(here, host="another"), None, replace(here, pid=1)):
        assert not end_process(Status(state="stopping", process=process and vars(process)))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        stranger = replace(ProcessId.of(other.pid), started="another start time")
        assert end_process(Status(state="stopping", process=vars(stranger)))  # gone: the pid is used again
        assert other.poll() is None
        other.communicate(b"\n")
        assert other.returncode == 0
