"""Jobs that are no runs, in both lanes, with workers that only pretend to work: they take milliseconds."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import pytest

from cnnlab import runs
from cnnlab.errors import RunError, RunNotFoundError
from cnnlab.runs import ProcessLauncher, Supervisor, hanging, jobs, kinds
from cnnlab.runs import job as job_module
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import EVALUATE, EXPORT, KINDS, RATE_SWEEP, Kind
from cnnlab.runs.limits import CPU_SECONDS, Limits, excess, limit_myself
from cnnlab.runs.liveness import ProcessId
from cnnlab.settings import RunConfig
from cnnlab.worker.work import WORK
from tests import waiting

wait_for = partial(waiting.wait_for, seconds=20.0)

CONFIG = {"architecture": "lenet5", "dataset": "digits", "epochs": 3}
SETTINGS = RunConfig.from_dict(CONFIG)
WORKER = """
import json, sys, time
from dataclasses import replace
from pathlib import Path
from cnnlab.runs.job import Job

job = Job(Path(json.loads(sys.stdin.readline() or sys.exit())["folder"]))
{before}
while not (job.stop_requested() or (job.folder / "control" / "finish").exists()):
    job.write_status(replace(job.status(), state="running", progress=0.5, heartbeat=time.time()))
    time.sleep(0.02)
(job.folder / "outcome.json").write_text('{{"found": 3}}')
job.write_status(replace(job.status(), state="stopped" if job.stop_requested() else "finished"))
"""
BUSY = (sys.executable, "-c", WORKER.format(before=""))
SERVER = """
import sys, time
from cnnlab.runs import ProcessLauncher, Supervisor
from cnnlab.runs.kinds import EVALUATE
boss = Supervisor(ProcessLauncher((sys.executable, "-c", sys.argv[1]))).start()
print(boss.ask(EVALUATE, {"run": "a"}).id, flush=True)
time.sleep(60)
"""


def state(job: Job) -> str:
    return job.status().state


def finish(job: Job) -> None:
    (job.folder / "control" / "finish").touch()


@pytest.fixture
def start(home):
    """Return a function that starts a server with workers of a command; nothing goes on after the test."""
    servers = []

    def start(command: tuple[str, ...] = BUSY, **more: object) -> Supervisor:
        servers.append(Supervisor(ProcessLauncher(command), **more).start())
        return servers[-1]

    yield start
    for server in servers:
        server.close()
    left = [*runs.list_runs(), *(job for job, _ in jobs.unfinished(0))]
    for job in left:
        finish(job)
        hanging.end_process(job.status())


def test_every_kind_has_its_work_and_a_name_that_folders_take():
    assert WORK.keys() == KINDS.keys()
    assert all(jobs.JOB_ID.fullmatch(f"{name}-{16 * '0'}") for name in KINDS)


# --- asking -----------------------------------------------------------------------------------------------


def test_who_asks_for_the_same_watches_the_same_job_until_it_is_over(home):
    first = jobs.ask(EVALUATE, {"run": "a", "part": "test"})
    assert jobs.ask(EVALUATE, {"part": "test", "run": "a"}) == first == jobs.find(EVALUATE, first.request)
    assert jobs.ask(EVALUATE, {"run": "b", "part": "test"}) != first
    assert jobs.ask(EXPORT, {"run": "a", "part": "test"}) != first
    first.write_status(replace(first.status(), state="failed", message="No."))
    assert jobs.find(EVALUATE, first.request).status().message == "No."
    again = jobs.ask(EVALUATE, first.request)
    assert (state(again), again.outcome()) == ("queued", {})
    assert {job for job, _ in jobs.unfinished(0)} >= {again}


def test_each_range_test_is_its_own(home):
    one, other = (jobs.ask(RATE_SWEEP, {"config": CONFIG}) for _ in range(2))
    assert one != other and jobs.get(one.id) == one
    assert one.request == {"config": CONFIG}


@pytest.mark.parametrize("hostile", ["", "../../etc", "evaluate-../../../etc", "evaluate-0", None, "a\0b"])
def test_an_unknown_or_hostile_id_is_one_sentence(home, hostile):
    with pytest.raises(RunNotFoundError, match="ask for it again"):
        jobs.get(hostile)


def test_too_many_light_jobs_are_refused_and_runs_never(home, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_WAITING", 2)
    kept = [jobs.ask(EVALUATE, {"run": name}) for name in ("a", "b")]
    with pytest.raises(RunError, match="wait already"):
        jobs.ask(EVALUATE, {"run": "c"})
    assert jobs.ask(EVALUATE, {"run": "a"}) == kept[0]
    jobs.ask(RATE_SWEEP, {"config": CONFIG})
    kept[0].request_stop()
    assert state(jobs.ask(EVALUATE, {"run": "c"})) == "queued"


def test_what_is_long_over_goes_and_what_waits_stays(home):
    over, waits = jobs.ask(EVALUATE, {"run": "over"}), jobs.ask(EVALUATE, {"run": "waits"})
    over.request_stop()
    for job in (over, waits):
        os.utime(job.folder, (1, 1))
    jobs.ask(EVALUATE, {"run": "new"})
    assert not over.folder.exists() and waits.folder.exists()


@pytest.mark.parametrize(
    "content", [None, b"", b"[]", b"{", b'{"kind": "dance", "request": {}}', b'{"kind": "open"}']
)
def test_a_job_that_cannot_be_read_is_put_aside_and_the_others_go_on(start, content):
    odd, good = jobs.ask(EVALUATE, {"run": "odd"}), jobs.ask(EVALUATE, {"run": "good"})
    (odd.folder / "job.json").unlink()
    if content is not None:
        (odd.folder / "job.json").write_bytes(content)
    start()
    wait_for(lambda: state(good) == "running")
    assert state(odd) == "failed" and "ask for it again" in odd.status().message
    assert json.loads((odd.folder / "status.json").read_text())["state"] == "failed"


# --- the two lanes ----------------------------------------------------------------------------------------


def test_light_jobs_work_one_at_a_time_beside_a_run_that_trains(start):
    boss = start()
    run = boss.submit(SETTINGS)
    first, second = boss.ask(EVALUATE, {"run": "a"}), boss.ask(EXPORT, {"run": "a"})
    wait_for(lambda: state(run) == state(first) == "running")
    assert state(second) == "queued" and boss.position(second.id) == 1 and boss.ahead(second) == 1
    assert (boss.running(kinds.DEVICE), boss.running(kinds.LIGHT)) == ([run.id], [first.id])
    finish(first)
    wait_for(lambda: state(second) == "running")
    assert (state(first), first.outcome()) == ("finished", {"found": 3})


def test_as_many_light_jobs_work_at_a_time_as_the_server_allows(start):
    boss = start(light=2)
    three = [boss.ask(EVALUATE, {"run": name}) for name in "abc"]
    wait_for(lambda: [state(job) for job in three] == ["running", "running", "queued"])


def test_a_range_test_waits_for_the_run_before_it_and_the_run_after_it_for_the_range_test(start):
    boss = start()
    before, sweep, after = (
        boss.submit(SETTINGS),
        boss.ask(RATE_SWEEP, {"config": CONFIG}),
        boss.submit(SETTINGS),
    )
    wait_for(lambda: state(before) == "running")
    boss.tick()
    assert boss.queue() == [sweep.id, after.id]
    assert (boss.position(sweep.id), boss.ahead(sweep), boss.ahead(after)) == (1, 1, 2)
    finish(before)
    wait_for(lambda: state(sweep) == "running")
    boss.tick()
    assert boss.queue() == [after.id]
    sweep.request_stop()
    wait_for(lambda: state(sweep) == "stopped" and state(after) == "running")


def test_a_job_that_waits_is_stopped_at_once(start):
    boss = start()
    run, sweep = boss.submit(SETTINGS), boss.ask(RATE_SWEEP, {"config": CONFIG})
    wait_for(lambda: state(run) == "running")
    sweep.request_stop("The lesson is over.")
    assert (state(sweep), sweep.status().message) == ("stopped", "The lesson is over.")
    assert boss.queue() == []


def test_a_range_test_that_nobody_waits_for_any_more_is_never_begun(start):
    boss = start()
    run = boss.submit(SETTINGS)
    left, wanted = (boss.ask(RATE_SWEEP, {"config": CONFIG}) for _ in range(2))
    wait_for(lambda: state(run) == "running")
    os.utime(left.folder / "control" / "wanted", (1, 1))
    finish(run)
    wait_for(lambda: state(wanted) == "running")
    assert (state(left), left.status().started) == ("stopped", None)


def test_light_work_sees_no_gpu_and_limits_its_own_processor_time(start):
    tells = """
import os
print(os.environ["CUDA_VISIBLE_DEVICES"], os.environ["CNNLAB_CPU_SECONDS"], flush=True)
(job.folder / "log.txt").write_text(os.environ["CUDA_VISIBLE_DEVICES"] + os.environ["CNNLAB_CPU_SECONDS"])
"""
    boss = start((sys.executable, "-c", WORKER.format(before=tells)))
    job = boss.ask(EVALUATE, {"run": "a"})
    wait_for(lambda: state(job) == "running")
    assert job.log() == f"-1{EVALUATE.limits.cpu_seconds}"


# --- whatever happens to a worker ---------------------------------------------------------------------------


def test_a_worker_that_is_killed_is_told_in_one_sentence_and_the_next_job_starts(start):
    boss = start()
    first, second = boss.ask(EVALUATE, {"run": "a"}), boss.ask(EVALUATE, {"run": "b"})
    wait_for(lambda: state(first) == "running")
    os.kill(first.status().pid, signal.SIGKILL)
    wait_for(lambda: state(second) == "running")
    assert (state(first), first.status().message) == (
        "interrupted",
        "The work ended without a word; try again.",
    )


def test_a_killed_server_leaves_the_work_going_on_and_the_next_server_adopts_it(start):
    server = subprocess.Popen([sys.executable, "-c", SERVER, BUSY[-1]], stdout=subprocess.PIPE, text=True)
    job = jobs.get(server.stdout.readline().strip())
    wait_for(lambda: state(job) == "running")
    server.kill()
    server.wait()
    server.stdout.close()
    worker = job.status().pid
    boss = start()
    waits = boss.ask(EVALUATE, {"run": "b"})
    boss.tick()
    assert (state(job), job.status().pid, state(waits)) == ("running", worker, "queued")
    finish(job)
    wait_for(lambda: state(waits) == "running")


def test_two_servers_never_start_a_job_twice_nor_more_than_may_work(start):
    servers = [start() for _ in range(2)]
    first, second = (boss.ask(EVALUATE, {"run": name}) for boss, name in zip(servers, "ab", strict=True))
    wait_for(lambda: state(first) == "running")
    for boss in servers:
        boss.tick()
    assert state(second) == "queued"


def test_a_worker_that_answers_no_stop_is_ended_soon_with_all_its_processes(start, monkeypatch):
    monkeypatch.setattr(hanging, "LIGHT_STOP_SECONDS", 0.2)
    child = (
        "import subprocess; (job.folder / 'log.txt').write_text(str(subprocess.Popen(['sleep', '99']).pid))"
    )
    deaf = WORKER.format(before=child).replace("job.stop_requested() or", "", 1)
    boss = start((sys.executable, "-c", deaf))
    job = boss.ask(EVALUATE, {"run": "a"})
    wait_for(lambda: state(job) == "running")
    worker = ProcessId.from_dict(job.status().process)
    started = ProcessId.of(int(job.log()))
    job.request_stop()
    wait_for(lambda: state(job) == "stopped")
    assert not worker.is_alive()
    wait_for(lambda: not started.is_alive())


GREEDY = "import time; some = bytearray(2**28)\nwhile not time.sleep(0.1): some[::4096] = bytes(2**16)"
"""Takes memory and uses it: what lies idle may be taken out of memory by the system."""
MUCH = Limits(seconds=100, cpu_seconds=100, memory_bytes=2**40)


@pytest.mark.parametrize(
    ("program", "most", "words"),
    [
        ("time.sleep(60)", replace(MUCH, seconds=0.1), "minutes and was ended"),
        ("while True: pass", replace(MUCH, cpu_seconds=0.1), "processor time"),
        (GREEDY, replace(MUCH, memory_bytes=2**27), "memory"),
        (
            f"import subprocess; subprocess.run([sys.executable, '-c', {GREEDY!r}])",
            replace(MUCH, memory_bytes=2**27),
            "memory",
        ),
        (
            "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
            replace(MUCH, seconds=0.1),
            "was ended",
        ),
    ],
    ids=["sleeps", "computes", "takes memory", "lets another take memory", "does not listen"],
)
def test_work_that_takes_too_much_is_ended_with_one_sentence(start, monkeypatch, program, most, words):
    kind = replace(EVALUATE, limits=most)
    monkeypatch.setattr(job_module, "KINDS", MappingProxyType({kind.name: kind}))
    boss = start((sys.executable, "-c", WORKER.format(before=program)))
    job = boss.ask(kind, {"run": "a"})
    wait_for(lambda: state(job) == "failed")
    said = job.status()
    assert words in said.message and said.message.endswith(".") and "\n" not in said.message
    assert said.error["kind"] == "limits"
    assert not ProcessId.from_dict(said.process).is_alive()


def test_what_honest_work_takes_is_within_the_limits():
    light = [kind for kind in KINDS.values() if kind.lane == kinds.LIGHT]
    assert len(light) >= 3
    for kind in light:
        assert kind.limits.seconds >= 300 and kind.limits.cpu_seconds >= kind.limits.seconds
        assert kind.limits.most_memory >= 2 * 2**30


def test_a_process_that_is_gone_takes_nothing():
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    assert excess(gone.pid, replace(MUCH, memory_bytes=1)) == ""


def test_a_worker_limits_its_own_processor_time_for_a_server_that_is_gone():
    pytest.importorskip("resource", reason="this system limits no processes")
    code = f"from {limit_myself.__module__} import limit_myself; limit_myself()\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, CPU_SECONDS: "1"}, timeout=60)
    assert done.returncode < 0  # by a signal
    code = f"from {limit_myself.__module__} import limit_myself; limit_myself()"
    for odd in ("", "x", "-1"):
        subprocess.run([sys.executable, "-c", code], env={**os.environ, CPU_SECONDS: odd}, check=True)


def test_another_kind_of_job_is_one_line_here_and_one_function_in_the_worker(home, monkeypatch):
    from cnnlab import worker
    from cnnlab.worker import work
    from cnnlab.worker.conclusion import Done

    kind = Kind("occlusion", "Covering", "The occlusion map")
    monkeypatch.setattr(job_module, "KINDS", MappingProxyType({**KINDS, kind.name: kind}))
    answer = lambda context: Done("Covered.", {"cells": context.job.request["cells"] + 1})  # noqa: E731
    monkeypatch.setattr(work, "WORK", MappingProxyType({**work.WORK, kind.name: answer}))
    job = jobs.ask(kind, {"cells": 8})
    assert job.claim()
    worker.execute(job.folder)
    assert (state(job), job.status().message, job.outcome()) == ("finished", "Covered.", {"cells": 9})
