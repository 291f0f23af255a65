"""Whatever happens to a run: one sentence, and the last good weights are kept."""

import errno
import itertools
import subprocess
import sys
import threading
from functools import partial

import keras
import numpy as np
import pytest

from cnnlab import runs
from cnnlab.runs import ProcessLauncher, Run, Supervisor, ThreadLauncher
from cnnlab.runs.liveness import ProcessId
from cnnlab.settings import RunConfig
from cnnlab.training.callbacks.checkpoints import SaveCheckpoints
from cnnlab.worker import execute
from tests import waiting

wait_for = partial(waiting.wait_for, seconds=90.0)

SMALL = RunConfig("lenet5", "digits", epochs=3, image_size=16, channels=1, max_per_class=10)


def start(config: RunConfig) -> Run:
    return runs.create(config, claimed=True)


def loads(run: Run, which: str = "last") -> bool:
    weights = keras.models.load_model(run.checkpoint(which), safe_mode=True).get_weights()
    return all(np.isfinite(weight).all() for weight in weights)


def one_sentence(run: Run) -> str:
    message = run.status().message
    assert message.endswith(".") and "\n" not in message and "Error" not in message
    return message


# --- stop -------------------------------------------------------------------------------------------------


def stop_in(moment: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Train, and ask for a stop at the very moment at which a callback of this name is called."""
    run = start(SMALL.changed(epochs=50))
    original = getattr(SaveCheckpoints, moment)

    def ask(callback, *args, **kwargs):
        if not run.stop_requested():
            run.request_stop()
        return original(callback, *args, **kwargs)

    monkeypatch.setattr(SaveCheckpoints, moment, ask)
    execute(run.folder)
    return run


@pytest.mark.parametrize(
    ("moment", "batches"),
    [("on_train_begin", 0), ("on_train_batch_end", 1), ("on_test_batch_end", 3), ("save_last", 3)],
)
def test_a_stop_asked_for_at_any_moment_takes_effect_before_the_next_batch(moment, batches, monkeypatch):
    run = stop_in(moment, monkeypatch)
    assert run.status().state == "stopped"
    assert run.metrics().batches["step"].max(initial=0) == batches  # three batches are an epoch
    if batches:
        assert keras.models.load_model(run.checkpoint("last")).optimizer.iterations.numpy() == batches
        assert "weights are kept" in one_sentence(run)
    else:
        assert run.checkpoint("last") is None


SLOW_IMPORT = """
import time
from cnnlab.worker import __main__ as worker
worker.main(lambda is_waiting: time.sleep(100))
"""


@pytest.mark.parametrize("waits", [True, False])
def test_a_stop_while_the_worker_still_imports_or_compiles_ends_it_at_once(waits):
    """In this worker the import takes 100 seconds; one that waited for a run already has it behind it."""
    launcher = ProcessLauncher((sys.executable, "-c", SLOW_IMPORT))
    if waits:
        launcher.tick(soon=True)
    run = start(SMALL.changed(epochs=10_000))
    launcher.launch(run, slot=0)
    process = ProcessId.from_dict(run.status().process)
    run.request_stop()
    wait_for(lambda: run.status().state == "stopped", seconds=30)
    wait_for(lambda: not process.is_alive(), seconds=30)
    assert one_sentence(run) == "Stopped in epoch 1; it had not learned anything yet."


# --- disk, dataset, loss, memory --------------------------------------------------------------------------


def test_a_full_disk_while_saving_keeps_the_weights_of_the_epoch_before(monkeypatch):
    saved = []

    def save(model, path, *args, **kwargs):
        saved.append(path)
        if len(saved) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return original(model, path, *args, **kwargs)

    original = keras.Model.save
    monkeypatch.setattr(keras.Model, "save", save)
    run = start(SMALL)
    execute(run.folder)
    assert run.status().state == "failed" and "disk is full" in one_sentence(run)
    assert "go on from the weights" in one_sentence(run)
    assert keras.models.load_model(run.checkpoint("last")).optimizer.iterations.numpy() == 3
    run.resume()
    assert run.claim()
    execute(run.folder)
    assert run.status().state == "finished"


HUNGRY = """
import contextlib, resource, sys
from pathlib import Path
from cnnlab.worker import execute, memory
original = memory.watched
@contextlib.contextmanager
def with_700_mb_to_spare(model, batch_size):
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 700 * 2**20, used + 700 * 2**20))
    with original(model, batch_size):
        yield
memory.watched = with_700_mb_to_spare
execute(Path(sys.argv[1]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux only")
def test_memory_that_really_runs_out_is_told_in_one_sentence_and_harms_nobody_else():
    """A batch of 2,000 images of 32 pixels needs gigabytes in ResNet-18."""
    hungry = SMALL.changed(architecture="resnet18", image_size=32, batch_size=2000, max_per_class=None)
    run = start(hungry)
    subprocess.run([sys.executable, "-c", HUNGRY, str(run.folder)], capture_output=True, timeout=250)
    assert run.status().state in {"failed", "interrupted"}
    if run.status().state == "failed":
        assert run.status().error["kind"] == "memory", run.log()
        assert run.status().error["batch_size"] < 2000
        assert "should fit; start again with it" in one_sentence(run)


# --- a classroom ------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_runs_of_three_browsers_train_one_after_the_other_each_with_its_own_data_and_history():
    def in_a_thread(folder, slot):
        execute(folder, slot, own_process=False)

    boss = Supervisor(ThreadLauncher(in_a_thread)).start()
    submitted: list[Run] = []

    def browser(count):
        config = SMALL.changed(epochs=1, max_per_class=count, batch_size=8)
        submitted.append(boss.submit(config))

    browsers = [threading.Thread(target=browser, args=(count,)) for count in (5, 9, 14)]
    for thread in browsers:
        thread.start()
    for thread in browsers:
        thread.join()
    try:
        wait_for(lambda: all(not run.status().is_active for run in submitted), seconds=600)
    finally:
        boss.close()
    assert len(submitted) == 3
    for run in submitted:
        assert run.status().state == "finished", run.log()
        split = run.model_facts.split
        assert sum(split.values()) == 10 * run.config.max_per_class
        assert run.metrics().batches["step"][-1] == -(-split["train"] // 8)
        assert run.metrics().epochs["epoch"].tolist() == [1]
    times = sorted((run.status() for run in submitted), key=lambda now: now.created)
    for before, after in itertools.pairwise(times):
        assert before.ended <= after.started  # in the order they came, never two at a time
