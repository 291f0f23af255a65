"""Real runs on a real Slurm of one node."""

import subprocess
from collections.abc import Iterator

import numpy as np
import pytest

from cnnlab.cluster.engine import Order, RefusedError, UnreachableError
from cnnlab.cluster.slurm import Slurm
from cnnlab.runs import Supervisor
from tests.cluster import slurm_node
from tests.cluster.real_runs import LONG, supervised, trains, wait_for
from tests.cluster.slurm_node import NODE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), slurm_node.needed]


@pytest.fixture(scope="module", autouse=True)
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with slurm_node.one_node(tmp_path_factory.mktemp("slurm")):
        yield


@pytest.fixture
def boss() -> Iterator[Supervisor]:
    with supervised(Slurm()) as boss:
        yield boss


def node_is(state: str) -> None:
    change = ["scontrol", "update", f"nodename={NODE}", f"state={state}", "reason=test"]
    subprocess.run(change, check=state == "down")  # one that was down may have come back by itself


def test_a_node_that_goes_down_interrupts_its_run_which_goes_on_from_its_last_epoch(boss):
    run = boss.submit(LONG)
    wait_for(lambda: trains(run))
    assert (run.status().process or {})["host"] == NODE and boss.slots == 1
    node_is("down")
    wait_for(lambda: run.status().state == "interrupted")
    assert "resume" in run.status().message
    kept = run.status().epoch
    boss.resume(run.id, epochs=kept + 2)
    node_is("resume")
    wait_for(lambda: run.status().state == "finished")
    assert run.metrics().epochs["epoch"].tolist() == [*range(1, kept + 3)]
    assert (np.diff(run.metrics().batches["step"]) > 0).all()


def test_a_stop_reaches_a_run_that_trains_and_one_that_waits_in_slurm(boss, monkeypatch):
    monkeypatch.setenv("CNNLAB_SLOTS", "2")
    first, second = boss.submit(LONG), boss.submit(LONG)
    wait_for(lambda: trains(first, 1))
    wait_for(lambda: "Waiting for resources" in second.status().message)
    boss.stop(second.id)
    wait_for(lambda: second.status().state == "stopped")
    boss.stop(first.id)
    wait_for(lambda: first.status().state == "stopped")
    assert first.checkpoint("last")
    known = Slurm().look([run.status().cluster_job.partition(":")[2] for run in (first, second)])
    assert {found.state for found in known.values()} <= {"over", "working"}  # it may be completing


def test_a_job_is_submitted_once_and_one_that_is_not_known_is_left_out(tmp_path):
    engine, order = Slurm(), Order("cnnlab-once", str(tmp_path))
    engine.submit(order)
    engine.submit(order)
    listed = subprocess.run(
        ["squeue", "--noheader", "--states=all", "--name=cnnlab-once"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(listed.stdout.splitlines()) == 1
    assert engine.look(["cnnlab-never"]) == {}
    engine.stop("cnnlab-never")
    engine.stop("cnnlab-once")


def test_a_folder_that_the_node_does_not_see_is_told_by_the_code_of_its_worker(tmp_path):
    engine = Slurm()
    engine.submit(Order("cnnlab-nowhere", str(tmp_path / "not-shared")))
    wait_for(lambda: engine.look(["cnnlab-nowhere"])["cnnlab-nowhere"].state == "over")
    assert engine.look(["cnnlab-nowhere"])["cnnlab-nowhere"].exit_code == 81


def test_slurm_refuses_in_its_own_words_and_its_absence_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("SBATCH_PARTITION", "none-such")
    with pytest.raises(RefusedError, match=r"Slurm refused the run: .*partition"):
        Slurm().submit(Order("cnnlab-refused", str(tmp_path)))
    other = tmp_path / "slurm.conf"
    text = subprocess.run(["scontrol", "show", "config"], capture_output=True, text=True, check=True).stdout
    assert "SlurmctldPort" in text
    other.write_text("ClusterName=other\nSlurmctldHost=localhost(127.0.0.1)\nSlurmctldPort=1\n")
    monkeypatch.setenv("SLURM_CONF", str(other))
    with pytest.raises(UnreachableError):
        Slurm().capacity()
