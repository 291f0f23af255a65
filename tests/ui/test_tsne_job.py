"""t-SNE beside the server: it tells how far it is, it can be stopped, and what fails is one sentence."""

import sys
import threading

import numpy as np
import pytest

from cnnlab.ui.runs import tsne_job
from cnnlab.ui.runs.tsne_job import Job
from tests.waiting import wait_for

FEATURES = np.random.default_rng(0).normal(size=(12, 3)).astype(np.float32)
QUICK = """
import sys, numpy
print("a warning of some library", file=sys.stderr)
for share in (0.25, 0.75): print(share, file=sys.stderr, flush=True)
numpy.save(sys.argv[2], numpy.load(sys.argv[1])[:, :2])
"""


@pytest.fixture
def command(monkeypatch):
    return lambda code: monkeypatch.setattr(tsne_job, "COMMAND", (sys.executable, "-c", code))


def test_what_the_process_writes_are_the_points(command):
    command(QUICK)
    job = Job(FEATURES)
    job.run(threading.Lock())
    assert np.array_equal(job.points, FEATURES[:, :2])
    assert (job.share, job.error, job.over.is_set()) == (0.75, "", True)


def test_a_stopped_one_ends_its_process_and_keeps_nothing(command):
    command("import time; time.sleep(600)")
    job = Job(FEATURES)
    thread = threading.Thread(target=job.run, args=(threading.Lock(),))
    thread.start()
    wait_for(lambda: job._process is not None, 30)
    job.stop()
    thread.join(30)
    assert job.over.is_set() and job.points is None and not job.error
    assert job._process.poll() is not None


def test_one_that_waits_for_its_turn_and_is_stopped_never_begins(command):
    command("raise SystemExit(1)")
    turn, job = threading.Lock(), Job(FEATURES)
    with turn:
        thread = threading.Thread(target=job.run, args=(turn,))
        thread.start()
        job.stop()
    thread.join(30)
    assert job.over.is_set() and job._process is None and not job.error


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "pass", "import sys; open(sys.argv[2], 'w')"])
def test_what_fails_is_one_sentence(command, code):
    command(code)
    job = Job(FEATURES)
    job.run(threading.Lock())
    assert job.points is None and job.error.endswith(".") and job.over.is_set()
