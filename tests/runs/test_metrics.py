import json
import math

import numpy as np

from cnnlab.runs import metrics
from cnnlab.runs.metrics import MetricsLog


def batch(step: int, loss: float = 1.0, accuracy: float = 0.5) -> dict[str, float]:
    return {"step": step, "epoch": 1, "loss": loss, "accuracy": accuracy, "seconds": step / 10}


def test_a_reader_sees_each_row_once_and_only_what_is_new(tmp_path):
    log = MetricsLog(tmp_path / "metrics.jsonl")
    log.append("batch", **batch(1))
    assert metrics.read(tmp_path / "metrics.jsonl").batches["step"].tolist() == [1]
    log.append("batch", **batch(2))
    log.append("epoch", epoch=1, step=2, loss=1, accuracy=0.5, val_loss=2, val_accuracy=0.25, seconds=1)
    history = metrics.read(tmp_path / "metrics.jsonl")
    assert history.batches["step"].tolist() == [1, 2]
    assert history.epochs["val_accuracy"].tolist() == [0.25]
    assert math.isnan(history.epochs["learning_rate"][0])


def test_a_torn_last_line_is_ignored_until_it_is_whole(tmp_path):
    path = tmp_path / "metrics.jsonl"
    line = json.dumps({"kind": "batch", **batch(1)})
    path.write_text(line[:20])
    assert len(metrics.read(path).batches["step"]) == 0
    path.write_text(line + "\n")
    assert metrics.read(path).batches["step"].tolist() == [1]


def test_a_line_torn_by_a_dead_worker_costs_only_itself(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text(json.dumps({"kind": "batch", **batch(1)}) + '\n{"kind": "bat')
    log = MetricsLog(path)
    log.append("batch", **batch(2))
    assert metrics.read(path).batches["step"].tolist() == [1, 2]


def test_nan_is_written_as_json_and_read_back_as_nan(tmp_path):
    path = tmp_path / "metrics.jsonl"
    MetricsLog(path).append("batch", **batch(1, loss=math.nan))
    assert json.loads(path.read_text())["loss"] is None
    assert math.isnan(metrics.read(path).batches["loss"][0])


def test_downsampling_keeps_every_peak_and_both_ends(tmp_path):
    path = tmp_path / "metrics.jsonl"
    log = MetricsLog(path)
    losses = np.random.default_rng(0).random(5000)
    losses[1234], losses[4321] = 9.0, -9.0
    for step, loss in enumerate(losses):
        log.append("batch", **batch(step, loss=loss, accuracy=1 - loss / 2))
    small = metrics.read(path).downsample(600).batches
    assert len(small["step"]) <= 600
    assert (small["step"][0], small["step"][-1]) == (0, 4999)
    assert {1234, 4321} <= set(small["step"])
    assert (np.diff(small["step"]) > 0).all()
    assert small["accuracy"].min() == metrics.read(path).batches["accuracy"].min()


def test_a_reader_starts_over_when_the_rows_after_a_step_are_cut(tmp_path):
    path = tmp_path / "metrics.jsonl"
    log = MetricsLog(path)
    for step in range(1, 6):
        log.append("batch", **batch(step))
    log.close()
    assert len(metrics.read(path).batches["step"]) == 5
    metrics.cut(path, last_step=3)
    log = MetricsLog(path)
    for step in range(4, 9):
        log.append("batch", **batch(step, loss=2.0))
    history = metrics.read(path).batches
    assert history["step"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert history["loss"].tolist() == [1, 1, 1, 2, 2, 2, 2, 2]


def test_a_missing_file_is_an_empty_history(tmp_path):
    history = metrics.read(tmp_path / "none.jsonl")
    assert len(history.batches["loss"]) == len(history.epochs["val_loss"]) == 0
    assert len(history.downsample(10).batches["step"]) == 0


def test_what_is_kept_of_a_run_does_not_grow_with_its_length(tmp_path):
    path = tmp_path / "metrics.jsonl"
    losses = np.random.default_rng(1).random(40_000)
    losses[[333, 20_001, 39_000]] = 9.0
    log = MetricsLog(path)
    sizes = []
    for start in range(0, 40_000, 4_000):
        for step in range(start, start + 4_000):
            log._file.write(json.dumps({"kind": "batch", **batch(step + 1, loss=losses[step])}) + "\n")
        log._file.flush()
        kept = metrics.read(path).batches
        sizes.append(sum(column.nbytes for column in kept.values()))
    assert max(sizes) <= 8192 * 5 * 8  # rows, columns, bytes of a float64
    assert (kept["step"][0], kept["step"][-1]) == (1, 40_000)
    assert {334, 20_002, 39_001} <= set(kept["step"])
    assert (np.diff(kept["step"]) > 0).all()
    early, late = (((kept["step"] > low) & (kept["step"] <= low + 10_000)).sum() for low in (0, 20_000))
    assert 0.5 < early / late < 2  # no part of the run fades away
    assert len(metrics.read(path).downsample(600).batches["step"]) <= 600
    assert len(metrics.read_whole(path).batches["step"]) == 40_000


def test_a_value_that_is_no_number_reads_as_missing(tmp_path):
    path = tmp_path / "metrics.jsonl"
    rows = [
        {"kind": "batch", **batch(1)},
        {"kind": "batch", **batch(2), "loss": "x"},
        {"kind": "batch", "step": 3},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    history = metrics.read(path).batches
    assert history["step"].tolist() == [1, 2, 3]
    assert np.isnan(history["loss"]).tolist() == [False, True, True]
