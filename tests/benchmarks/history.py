"""The history of a long run: opened and drawn for the first time, against reading its log line by line."""

import json
import tempfile
import time
from pathlib import Path

import numpy as np

from cnnlab import charts
from cnnlab.runs import metrics
from cnnlab.ui.live_chart import pack
from tests.benchmarks.result import Result, interleaved

BATCHES, EPOCHS = 100_000, 100
POINTS = 600


def written(path: Path) -> Path:
    """Write a log of so many batches, as a worker does."""
    rng, each = np.random.default_rng(0), BATCHES // EPOCHS
    with path.open("w") as file:
        for step, (loss, accuracy) in enumerate(rng.random((BATCHES, 2)).round(6).tolist(), start=1):
            row = {"step": step, "epoch": -(-step // each), "loss": loss, "accuracy": accuracy}
            file.write(json.dumps({"kind": "batch", **row, "seconds": round(step * 0.0512, 6)}) + "\n")
            if step % each == 0:
                scores = {"val_loss": loss, "val_accuracy": accuracy, "learning_rate": 0.001, "seconds": step}
                file.write(json.dumps({"kind": "epoch", **row, **scores}) + "\n")
    return path


def ours(path: Path) -> float:
    metrics._readers.clear()  # as a server that has just started
    start = time.perf_counter()
    history = metrics.read(path)
    pack(charts.learning_curves(history.downsample(POINTS), BATCHES // EPOCHS))
    return time.perf_counter() - start


def plainly(path: Path) -> float:
    start = time.perf_counter()
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    batches = [row for row in rows if row["kind"] == "batch"]
    {name: np.array([row[name] for row in batches]) for name in metrics.BATCH_COLUMNS}
    return time.perf_counter() - start


def run() -> list[Result]:
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "metrics.jsonl")
        seconds, other = interleaved([lambda: ours(path), lambda: plainly(path)], 5)
        kept = sum(column.nbytes for column in metrics.read(path).batches.values())
        whole = sum(column.nbytes for column in metrics.read_whole(path).batches.values())
    return [
        Result(
            name=f"open a history of {BATCHES:,} batches",
            unit="s",
            ours_is="first look of a server: read, thinned, drawn and packed for the browser",
            ours=seconds,
            other_is="json.loads line by line into columns, nothing drawn",
            other=other,
            ours_at_most=0.3,
        ),
        Result(
            name=f"memory kept of a history of {BATCHES:,} batches",
            unit="MB",
            ours_is="what a server keeps of the batches of one run",
            ours=kept / 1e6,
            other_is="all of them",
            other=whole / 1e6,
            ours_at_most=8192 * 5 * 8 / 1e6,
        ),
    ]
