"""A run of a million batches: its history, what pages draw of it, and what is cut off when it goes on."""

import resource
import time
from pathlib import Path

import numpy as np
import pytest

from cnnlab import runs
from cnnlab.runs import metrics
from cnnlab.settings import RunConfig

ROWS = 1_000_000
ROW = '{{"kind": "batch", "step": {0}, "epoch": {1}, "loss": {2:.6f}, "accuracy": 0.5, "seconds": {3}}}\n'
EPOCH = '{{"kind": "epoch", "epoch": {0}, "step": {1}, "loss": 1.0, "accuracy": 0.5, "val_loss": 1.0}}\n'


def write(path: Path) -> None:
    with path.open("w") as file:
        for epoch in range(ROWS // 10_000):
            steps = range(epoch * 10_000 + 1, epoch * 10_000 + 10_001)
            file.write("".join(ROW.format(step, epoch + 1, 2 + 1 / step, step / 100) for step in steps))
            file.write(EPOCH.format(epoch + 1, steps[-1]))


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.slow
def test_a_run_of_a_million_batches_costs_a_page_little():
    run = runs.create(RunConfig("lenet5", "digits"))
    log = run.folder / "metrics.jsonl"
    write(log)
    before, began = peak_mb(), time.process_time()
    found = run.metrics()
    first, began = time.process_time() - began, time.process_time()
    again = run.metrics()
    second = time.process_time() - began
    assert len(again.batches["step"]) <= metrics.MOST_ROWS and len(found.epochs["epoch"]) == ROWS // 10_000
    assert found.batches["step"][[0, -1]].tolist() == [1, ROWS] and found.batches["loss"].max() == 3
    assert len(found.downsample().batches["step"]) <= 600
    assert second < first / 50  # who looks again reads only what is new
    assert peak_mb() - before < 150
    with metrics.MetricsLog(log) as file:
        file.append("batch", step=ROWS + 1, epoch=101, loss=1.0, accuracy=0.5, seconds=1.0)
    assert run.metrics().batches["step"][-1] == ROWS + 1
    assert peak_mb() - before < 150

    metrics.cut(log, ROWS // 2)
    kept = metrics.read_whole(log)
    assert (
        np.array_equal(kept.batches["step"], np.arange(1, ROWS // 2 + 1)) and kept.epochs["epoch"][-1] == 50
    )
    assert peak_mb() - before < 250, peak_mb() - before
