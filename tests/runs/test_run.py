import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import partial

import pytest

from cnnlab import runs
from cnnlab.errors import RunError, RunNotFoundError
from cnnlab.runs import Phase
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.run import RUN_ID
from cnnlab.runs.status import Status, write
from cnnlab.settings import RunConfig
from tests import waiting

wait_for = partial(waiting.wait_for, seconds=10.0)

CONFIG = RunConfig("lenet5", "digits", epochs=3)


def test_a_new_run_waits_and_can_be_found_by_its_id():
    run = runs.create(CONFIG)
    assert RUN_ID.fullmatch(run.id)
    assert runs.get(run.id) == run
    assert run.status().state == "queued"
    assert run.config == CONFIG


def test_the_status_of_an_earlier_version_has_no_phase_and_that_of_a_later_one_any_word():
    run = runs.create(CONFIG)
    path = run.folder / "status.json"
    known = json.loads(path.read_text())
    del known["phase"]
    path.write_text(json.dumps(known))
    assert (run.status().phase, run.damage) == ("", "")
    path.write_text(json.dumps(known | {"phase": "dreaming"}))
    assert (run.status().phase, run.damage) == ("dreaming", "")


def test_a_run_that_goes_on_is_in_no_phase_of_its_last_worker():
    run = runs.create(CONFIG)
    run.write_status(replace(run.status(), state="stopped", phase=Phase.EVALUATING))
    run.resume()
    assert run.status().phase == ""


@pytest.mark.parametrize("name", ["mobilenetv2_transfer", "/a/my cats & dogs!.zip", "Ünïcode", "x" * 200, ""])
def test_ids_stay_well_formed_whatever_the_dataset_is_called(name):
    assert RUN_ID.fullmatch(runs.create(RunConfig("mobilenetv2_transfer", name)).id)


@pytest.mark.parametrize("hostile", ["", "../../etc", "a" * 41, "UPPERCASE-1", "a\0b" * 5, "-" * 12])
def test_an_unknown_or_hostile_id_is_one_sentence(hostile):
    with pytest.raises(RunNotFoundError, match="choose one from the list"):
        runs.get(hostile)


def test_runs_are_listed_newest_first_and_foreign_folders_are_left_out(home):
    first, second = runs.create(CONFIG), runs.create(CONFIG)
    (home / "runs" / "not-a-run-folder").mkdir()
    os.utime(first.folder / "config.json", (1, 1))
    assert runs.list_runs() == [second, first]


def test_of_many_claimers_exactly_one_gets_the_run():
    run, won = runs.create(CONFIG), []
    threads = [threading.Thread(target=lambda: won.append(run.claim())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won.count(True) == 1


def test_stopping_a_waiting_run_ends_it_at_once():
    run = runs.create(CONFIG)
    run.request_stop()
    assert run.status().state == "stopped"
    with pytest.raises(RunError, match="already stopped"):
        run.request_stop()


def test_a_run_asked_to_stop_reads_as_stopping_until_its_worker_ends_it():
    run = runs.create(CONFIG, claimed=True)
    alive = Status(state="running", process=vars(ProcessId.of(os.getpid())), heartbeat=time.time())
    run.write_status(alive)
    run.request_stop()
    assert run.status().state == "stopping"
    run.write_status(replace(alive, state="stopped"))
    assert run.status().state == "stopped"


def test_a_dead_worker_reads_as_interrupted_and_its_pid_used_again_does_not_revive_it():
    run = runs.create(CONFIG, claimed=True)
    sleeper = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = ProcessId.of(sleeper.pid)
    run.write_status(Status(state="running", process=vars(process)))
    assert run.status().state == "running"
    stranger = ProcessId(process.host, process.pid, "another start time")
    run.write_status(Status(state="running", process=vars(stranger)))
    assert run.status().state == "interrupted"
    sleeper.kill()
    run.write_status(Status(state="running", process=vars(process)))
    wait_for(lambda: run.status().state == "interrupted")  # although nobody reaped it yet
    sleeper.wait()


def test_a_worker_of_another_machine_lives_as_long_as_its_heart_beats():
    elsewhere = vars(ProcessId("another-host", 1, "1"))
    assert not Status(state="running", process=elsewhere, heartbeat=time.time()).is_orphaned()
    assert Status(state="running", process=elsewhere, heartbeat=time.time() - 60).is_orphaned()


def test_an_unreadable_status_never_breaks_the_list():
    run = runs.create(CONFIG)
    (run.folder / "status.json").write_text("{half")
    assert runs.list_runs()[0].status().state == "interrupted"


def test_readers_never_see_half_a_status():
    run = runs.create(CONFIG)
    stop = threading.Event()

    def write_on():
        while not stop.is_set():
            write(run.folder / "status.json", Status(state="queued", message="x" * 5000))

    writer = threading.Thread(target=write_on)
    writer.start()
    states = {run.status().state for _ in range(500)}
    stop.set()
    writer.join()
    assert states == {"queued"}


def test_only_a_run_that_is_over_can_be_deleted():
    run = runs.create(CONFIG)
    with pytest.raises(RunError, match="stop it before"):
        runs.delete(run)
    run.request_stop()
    runs.delete(run)
    assert runs.list_runs() == []
    with pytest.raises(RunNotFoundError):
        runs.get(run.id)


def test_a_deleted_run_can_be_restored_for_a_day():
    old, young, trigger = (runs.create(CONFIG) for _ in range(3))
    for run in (old, young, trigger):
        run.request_stop()
    runs.delete(old)
    runs.delete(young)
    os.utime(old.folder.parent / ".deleted" / old.id, (1, 1))
    runs.delete(trigger)
    assert runs.restore(young.id) == young
    assert young.config == CONFIG
    for gone in (old.id, young.id, "../..", ""):
        with pytest.raises(RunNotFoundError, match="gone for good"):
            runs.restore(gone)
