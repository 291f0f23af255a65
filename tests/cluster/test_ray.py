"""Real runs on a real Ray of two nodes, in this order: each test leaves the next one less of a cluster."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest

from cnnlab import runs
from cnnlab.cluster.launcher import ClusterLauncher
from cnnlab.cluster.ray_jobs import RayJobs
from cnnlab.runs import Run, Supervisor
from tests.cluster import ray_nodes
from tests.cluster.ray_nodes import Cluster, free_port
from tests.cluster.real_runs import LONG, supervised, trains, wait_for
from tests.conftest import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), ray_nodes.needed]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with ray_nodes.two_nodes(tmp_path_factory.mktemp("ray")) as cluster:
        yield cluster


@pytest.fixture
def boss(cluster: Cluster) -> Iterator[Supervisor]:
    with supervised(RayJobs(cluster.address)) as boss:
        yield boss


def host_of(run: Run) -> str:
    return str((run.status().process or {}).get("host"))


def test_a_killed_node_interrupts_its_run_which_goes_on_on_the_other_from_its_last_epoch(cluster, boss):
    run = boss.submit(LONG)
    wait_for(lambda: boss.slots == 2)
    wait_for(lambda: trains(run))
    first = host_of(run)
    assert first in {"cnn-a", "cnn-b"} and len(run.metrics().batches["step"])
    cluster.kill(first)
    wait_for(lambda: run.status().state == "interrupted")
    lost = run.status()
    assert "resume" in lost.message, lost.message
    kept = lost.epoch
    boss.resume(run.id, epochs=kept + 2)
    wait_for(lambda: run.status().state == "finished")
    assert host_of(run) == ({"cnn-a", "cnn-b"} - {first}).pop()
    assert run.status().epoch == kept + 2
    epochs = run.metrics().epochs["epoch"]
    assert epochs.tolist() == [*range(1, kept + 3)]  # none twice, none left out
    assert (np.diff(run.metrics().batches["step"]) > 0).all()


def test_a_stop_on_the_page_reaches_the_node_and_keeps_the_weights(cluster, boss):
    first, second = boss.submit(LONG), boss.submit(LONG)
    wait_for(lambda: trains(first, 1))
    boss.stop(second.id)
    wait_for(lambda: second.status().state == "stopped")
    boss.stop(first.id)
    wait_for(lambda: first.status().state == "stopped")
    assert first.checkpoint("last")


def test_the_command_line_follows_a_run_on_the_cluster_and_ctrl_c_stops_it(cluster, home):
    command = [
        sys.executable,
        "-m",
        "cnnlab",
        "train",
        "--recipe",
        "lenet5-digits",
        "--epochs",
        "9999",
        "--json",
    ]
    environment = os.environ | {"CNNLAB_LAUNCHER": "ray", "RAY_ADDRESS": cluster.address}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, **pipes) as program:
        wait_for(lambda: any(run.status().epoch for run in runs.list_runs()))
        (run,) = runs.list_runs()
        assert host_of(run).startswith("cnn-")
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=120)
    document = json.loads(out)
    assert (program.returncode, document["state"]) == (0, "stopped"), err
    assert runs.get(document["run_id"]).checkpoint("last")


def test_a_folder_that_the_nodes_do_not_share_is_told_in_one_sentence(cluster, monkeypatch):
    monkeypatch.setenv("CNNLAB_HOME", str(cluster.private / "home"))
    boss = Supervisor(ClusterLauncher(RayJobs(cluster.address)).start()).start()
    run = boss.submit(LONG)
    wait_for(lambda: run.status().state == "failed")
    assert "CNNLAB_HOME" in run.status().message and run.status().message.endswith("start the run again.")
    boss.close()


def test_a_head_that_does_not_answer_loses_nothing(home):
    boss = Supervisor(ClusterLauncher(RayJobs(f"http://127.0.0.1:{free_port()}")).start()).start()
    run = boss.submit(LONG)
    wait_for(lambda: "does not answer" in run.status().message)
    assert run.status().state == "starting"
    boss.stop(run.id)
    wait_for(lambda: run.status().state == "stopped")
    boss.close()


def test_a_ray_that_was_restarted_interrupts_what_worked_and_takes_it_up_again(cluster, boss):
    run = boss.submit(LONG)
    wait_for(lambda: trains(run))
    cluster.kill_all()
    cluster.start_head()
    cluster.start_nodes("cnn-c")
    wait_for(lambda: run.status().state == "interrupted")
    assert "resume" in run.status().message, run.status().message
    kept = run.status().epoch
    boss.resume(run.id, epochs=kept + 1)
    wait_for(lambda: run.status().state == "finished")
    assert (host_of(run), run.status().epoch) == ("cnn-c", kept + 1)
    assert time.time() - run.status().heartbeat < 60
