"""Six epochs are three and three more, to the last bit; and every device takes its share."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import keras
import numpy as np
import pytest

from cnnlab import runs
from cnnlab.runs import Run
from cnnlab.settings import RunConfig
from cnnlab.training import losses
from tests.long import LONG

EXACT = RunConfig(
    *("baseline", "digits"),
    epochs=6,
    image_size=16,
    channels=1,
    max_per_class=20,
    deterministic=True,
    dropout=0.4,
    l2=0.001,
    label_smoothing=0.1,
    schedule="cosine",
)

TWO_DEVICES = """
import sys
from pathlib import Path
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from cnnlab.worker import execute
execute(Path(sys.argv[1]))
"""


def train(run: Run, code: str = "") -> None:
    """Train in a process of its own: seeds, determinism and devices belong to a whole process."""
    command = ["-c", code] if code else ["-m", "cnnlab.worker"]
    with (run.folder / "log.txt").open("a") as log:
        subprocess.run([sys.executable, *command, str(run.folder)], check=True, timeout=250, stderr=log)


def go_on(run: Run, epochs: int, code: str = "") -> None:
    run.resume(epochs)
    assert run.claim()
    train(run, code)


def weights(run: Run) -> list[np.ndarray]:
    """Return the last weights, the optimizer, and the running averages that training goes on with."""
    assert losses.SmoothedCrossentropy  # registered, or Keras does not know it
    model = keras.models.load_model(run.checkpoint("last"), safe_mode=True)
    (beside,) = (run.folder / "checkpoints").glob("running-*.npz")
    with np.load(beside) as running:
        averages = [running[name] for name in sorted(running)]
    return [*model.get_weights(), *(variable.numpy() for variable in model.optimizer.variables), *averages]


def history(run: Run) -> list[dict]:
    rows = map(json.loads, (run.folder / "metrics.jsonl").read_text().splitlines())
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows if row["kind"] == "epoch"]


@pytest.mark.slow
@LONG
def test_six_epochs_and_three_plus_three_are_the_same_to_the_last_bit():
    straight, halves = (runs.create(EXACT, claimed=True) for _ in range(2))
    train(straight)
    halves.write_status(replace(halves.status(), epochs=3))
    train(halves)
    assert halves.status().epoch == 3
    go_on(halves, epochs=6)
    assert straight.status().state == halves.status().state == "finished"
    assert history(straight) == history(halves) and len(history(straight)) == 6
    for one, other in zip(weights(straight), weights(halves), strict=True):
        assert np.array_equal(one, other)


MIRRORED = EXACT.changed(devices="all", deterministic=False, batch_size=16, epochs=4, max_per_class=21)


@LONG
@pytest.mark.slow
def test_two_devices_train_stop_go_on_and_save_a_model_that_a_plain_process_loads():
    run = runs.create(MIRRORED.changed(epochs=100), claimed=True)
    worker = subprocess.Popen([sys.executable, "-c", TWO_DEVICES, str(run.folder)], env=os.environ)
    while worker.poll() is None and run.status().epoch < 2:
        time.sleep(0.1)
    run.request_stop()
    worker.wait(timeout=60)
    assert run.status().state == "stopped", run.log()
    stopped_at = int(run.metrics().batches["step"][-1])
    total = run.status().epoch + 2
    go_on(run, total, TWO_DEVICES)
    assert (run.status().state, run.status().epoch) == ("finished", total), run.log()
    steps = run.metrics().batches["step"]
    assert stopped_at in steps and (np.diff(steps) > 0).all()
    losses = run.metrics().epochs["val_loss"]
    assert np.isfinite(losses).all() and losses[-1] < losses[0]  # batch norm met no device without images
    model = keras.models.load_model(run.checkpoint("best"), safe_mode=True)
    assert model.predict(np.zeros((1, 16, 16, 1)), verbose=0).sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.slow
def test_devices_that_cannot_share_a_batch_evenly_say_which_batch_they_can_share():
    run = runs.create(MIRRORED.changed(batch_size=7), claimed=True)
    train(run, TWO_DEVICES)
    assert run.status().message == "2 devices cannot share a batch of 7 evenly; choose 8, or one device."
