"""Stop, and go on tomorrow with the optimizer as it was."""

import threading
import time

import numpy as np
import pytest

from cnnlab import runs
from cnnlab.errors import RunError
from cnnlab.runs import Run
from cnnlab.settings import RunConfig
from cnnlab.worker import execute
from tests.long import LONG
from tests.training.same_training import assert_same_training

# baseline has dropout and batch norm: their random state and moving statistics must survive too
CONFIG = RunConfig("baseline", "digits", epochs=6, image_size=16, channels=1, max_per_class=20)


def start(config: RunConfig) -> Run:
    return runs.create(config, claimed=True)


def go_on(run: Run, epochs: int | None = None) -> None:
    run.resume(epochs)
    assert run.claim()
    execute(run.folder)


def stop_at(run: Run, condition) -> None:
    """Train in a thread and stop as soon as the condition holds."""
    worker = threading.Thread(target=execute, args=(run.folder,))
    worker.start()
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)
    run.request_stop()
    worker.join(60)


@pytest.fixture(scope="module")
def straight(tmp_path_factory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(tmp_path_factory.mktemp("home")))
        run = start(CONFIG)
        execute(run.folder)
        return run


def test_three_epochs_and_three_more_are_six_epochs(straight):
    run = start(CONFIG.changed(epochs=3))
    execute(run.folder)
    assert run.status().state == "finished"
    go_on(run, epochs=6)
    assert (run.status().state, run.status().epoch, run.status().epochs) == ("finished", 6, 6)
    assert_same_training(run, straight)


def test_a_run_stopped_within_an_epoch_goes_on_with_the_next_batch(straight):
    run = start(CONFIG)
    stop_at(run, lambda: run.metrics().batches["step"].max(initial=0) >= 7)
    stopped_at = run.metrics().batches["step"][-1]
    go_on(run)
    steps = run.metrics().batches["step"]
    assert stopped_at in steps and (np.diff(steps) > 0).all()
    assert_same_training(run, straight)


@pytest.mark.slow
@LONG
def test_rows_of_batches_whose_weights_were_lost_are_forgotten(straight):
    run = start(CONFIG.changed(epochs=3))
    execute(run.folder)
    log = runs.metrics.MetricsLog(run.folder / "metrics.jsonl")
    log.append("batch", step=16, epoch=4, loss=99.0, accuracy=0.0, seconds=9.0)  # then the power failed
    log.close()
    go_on(run, epochs=6)
    assert 99.0 not in run.metrics().batches["loss"]
    assert_same_training(run, straight)


def test_only_a_run_that_is_over_and_has_epochs_left_can_be_resumed(straight):
    with pytest.raises(RunError, match="6 epochs already"):
        straight.resume()
    with pytest.raises(RunError, match="still queued"):
        runs.create(CONFIG).resume()
