"""Real workers in real processes that really get killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial

import keras
import pytest

from cnnlab import runs
from cnnlab.runs import ProcessLauncher, Supervisor
from cnnlab.settings import RunConfig
from tests import waiting
from tests.long import LONG

wait_for = partial(waiting.wait_for, seconds=90.0)

ENDLESS = RunConfig("lenet5", "digits", epochs=10_000, image_size=16, channels=1, max_per_class=30)

KILLS = int(os.environ.get("CNNLAB_TEST_KILLS", "3"))

SERVER = """
import json, sys, time
from cnnlab.runs import ProcessLauncher, Supervisor
from cnnlab.settings import RunConfig
config = RunConfig.from_dict(json.loads(sys.argv[1]))
print(Supervisor(ProcessLauncher()).start().submit(config).id, flush=True)
time.sleep(300)
"""


def test_a_killed_worker_shows_within_ten_seconds_and_leaves_weights_that_load():
    boss = Supervisor(ProcessLauncher()).start()
    try:
        run = boss.submit(ENDLESS)
        wait_for(lambda: run.status().epoch >= 3)
        os.kill(run.status().pid, signal.SIGKILL)
        killed = time.monotonic()
        wait_for(lambda: run.status().state == "interrupted", seconds=10)
        assert time.monotonic() - killed < 10
        assert boss.running() == []
        for which in ("best", "last"):
            keras.models.load_model(run.checkpoint(which), safe_mode=True)
        assert len(run.metrics().epochs["epoch"]) >= 3
    finally:
        boss.close()


@LONG
@pytest.mark.slow
def test_a_worker_killed_at_any_moment_loses_at_most_an_epoch_and_the_run_goes_on():
    run = runs.create(ENDLESS)
    moments = random.Random(0)
    for _ in range(KILLS):
        assert run.claim()
        worker = subprocess.Popen([sys.executable, "-m", "cnnlab.worker", str(run.folder)])
        before = run.status().epoch
        wait_for(lambda before=before: run.status().epoch > before)
        time.sleep(moments.random())  # at any moment: training, validating or saving
        epoch = run.status().epoch
        worker.kill()
        worker.wait()
        assert run.status().state == "interrupted"
        for which in ("best", "last"):
            keras.models.load_model(run.checkpoint(which), safe_mode=True)
        kept = keras.models.load_model(run.checkpoint("last")).optimizer.iterations.numpy()
        assert kept >= (epoch - 1) * run.status().steps_per_epoch
        run.resume()
    steps = run.metrics().batches["step"]
    assert (steps[1:] > steps[:-1]).all() and steps[0] == 1


@pytest.mark.slow
def test_a_killed_server_leaves_the_worker_training_and_the_next_server_adopts_and_stops_it():
    order = json.dumps(ENDLESS.to_dict())
    server = subprocess.Popen([sys.executable, "-c", SERVER, order], stdout=subprocess.PIPE, text=True)
    run = runs.get(server.stdout.readline().strip())
    wait_for(lambda: run.status().epoch >= 2)
    server.kill()
    server.wait()
    server.stdout.close()
    epochs = run.status().epoch
    wait_for(lambda: run.status().epoch >= epochs + 3)
    boss = Supervisor(ProcessLauncher()).start()
    try:
        assert boss.running() == [run.id]
        boss.stop(run.id)
        wait_for(lambda: run.status().state == "stopped")
        history = run.metrics().epochs["epoch"].tolist()
        assert history == [*range(1, len(history) + 1)] and len(history) >= epochs + 3
    finally:
        boss.close()
