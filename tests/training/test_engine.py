import json
import threading
import time
from functools import partial

import keras
import numpy as np
import pytest

from cnnlab import datasets, runs, settings
from cnnlab.errors import DatasetError
from cnnlab.inference import Evaluation
from cnnlab.runs import Run, metrics
from cnnlab.runs.metrics import MetricsLog
from cnnlab.settings import RunConfig
from cnnlab.training.callbacks.metrics import WriteMetrics
from cnnlab.training.preparation import prepare
from cnnlab.worker import execute
from cnnlab.worker.failures import explain
from cnnlab.worker.reporter import Reporter
from tests import waiting
from tests.long import LONG

wait_for = partial(waiting.wait_for, seconds=60.0)

SMALL = RunConfig("lenet5", "digits", epochs=2, image_size=16, channels=1, max_per_class=20)


def trained(config: RunConfig) -> Run:
    run = runs.create(config, claimed=True)
    execute(run.folder)
    return run


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(tmp_path_factory.mktemp("home")))
        return trained(SMALL)


def test_a_finished_run_says_so_with_its_figures(finished):
    now = finished.status()
    assert (now.state, now.epoch, now.epochs, now.step) == ("finished", 2, 2, 10)
    assert now.images_per_second > 0 and now.seconds_left is None and now.ended
    assert now.best_epoch in (1, 2)
    assert now.best_val_accuracy == pytest.approx(finished.metrics().epochs["val_accuracy"].max(), abs=1e-6)


def test_the_history_holds_every_epoch_and_ends_at_the_last_step(finished):
    history = finished.metrics()
    assert history.epochs["epoch"].tolist() == [1, 2]
    assert history.epochs["step"].tolist() == [5, 10]
    assert history.batches["step"][-1] == 10
    assert np.isfinite(history.batches["loss"]).all()
    assert history.epochs["learning_rate"].tolist() == [0.001, 0.001]


def test_the_weights_kept_are_those_that_scored(finished):
    best = keras.models.load_model(finished.checkpoint("best"), safe_mode=True)
    last = keras.models.load_model(finished.checkpoint("last"), safe_mode=True)
    assert best.input_shape == (None, 16, 16, 1)
    assert last.optimizer.iterations.numpy() == 10


def test_the_run_tells_inference_all_it_needs(finished):
    facts = finished.model_facts
    assert facts.classes == tuple(str(n) for n in range(10))
    assert facts.input_shape == (16, 16, 1)
    assert facts.split == {"train": 160, "validation": 40}
    assert facts.preprocessing.height == 16


def test_the_same_seed_gives_the_same_history():
    first, second = trained(SMALL), trained(SMALL)
    assert np.array_equal(first.metrics().epochs["val_loss"], second.metrics().epochs["val_loss"])


def test_stop_keeps_the_weights_of_the_last_batch():
    run = runs.create(SMALL.changed(epochs=10_000), claimed=True)
    worker = threading.Thread(target=execute, args=(run.folder,))
    worker.start()
    wait_for(lambda: run.status().epoch >= 2)
    run.request_stop()
    asked = time.time()
    worker.join(timeout=30)
    now = run.status()
    assert now.state == "stopped" and "weights are kept" in now.message
    assert now.ended - asked < 5  # a second on a quiet machine
    kept = keras.models.load_model(run.checkpoint("last"))
    assert kept.optimizer.iterations.numpy() == run.metrics().batches["step"][-1]


def test_a_run_stopped_before_its_first_batch_keeps_no_untrained_weights():
    run = runs.create(SMALL, claimed=True)
    run.request_stop()
    execute(run.folder)
    assert run.status().state == "stopped"
    assert run.checkpoint("last") is None
    assert "had not learned anything" in run.status().message


def test_a_loss_that_explodes_ends_the_run_with_advice(monkeypatch):
    monkeypatch.setitem(settings.OPTIMIZERS, "sgd", 1e38)
    run = trained(SMALL.changed(optimizer="sgd"))
    now = run.status()
    assert (now.state, now.error["kind"]) == ("failed", "diverged")
    assert "infinite at step" in now.message and "learning rate ten times lower" in now.message
    assert "Traceback" not in now.message


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"dataset": "no-such-set"}, "no-such-set"),
        ({"architecture": "no-such-net"}, "no-such-net"),
        ({"image_size": 8}, "conv2"),
        ({"epochs": 0}, "epochs"),
    ],
)
def test_a_setting_that_cannot_work_fails_the_run_in_one_sentence(change, sentence):
    now = trained(SMALL.changed(**change)).status()
    assert now.state == "failed"
    assert sentence in now.message and "\n" not in now.message


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (DatasetError("Take another one."), "DatasetError"),
        (MemoryError(), "memory"),
        (OSError(28, "No space left on device"), "disk"),
        (ZeroDivisionError("secret detail"), "ZeroDivisionError"),
    ],
)
def test_every_failure_has_one_sentence_for_people(error, kind):
    failure = explain(error)
    assert failure["kind"] == kind
    assert all(not text or text.endswith(".") for text in (failure["message"], failure["hint"]))
    assert "secret" not in failure["message"] + failure["hint"]


def test_a_row_is_the_mean_of_its_own_steps_not_of_the_epoch(tmp_path):
    class TenBatchesOfTwo:
        batch_size, count = 2, 19

        def __len__(self):
            return 10

    nothing_before = metrics.read(tmp_path / "none.jsonl")
    rows = WriteMetrics(MetricsLog(tmp_path / "metrics.jsonl"), TenBatchesOfTwo(), nothing_before)
    rows.on_epoch_begin(1)
    rows.on_train_batch_end(3, {"loss": 1.0, "accuracy": 0.25})  # 8 images so far, mean loss 1.0
    rows.on_train_batch_end(9, {"loss": 2.0, "accuracy": 1.0})  # 19 so far: (19·2 − 8·1) / 11
    first, second = map(json.loads, (tmp_path / "metrics.jsonl").read_text().splitlines())
    assert (first["step"], first["epoch"], first["loss"]) == (14, 2, 1.0)
    assert second["step"] == 20
    assert second["loss"] == pytest.approx(30 / 11, abs=1e-6)
    assert second["accuracy"] == pytest.approx((19 - 2) / 11, abs=1e-6)


@LONG
@pytest.mark.slow
def test_the_choices_of_a_network_are_trained_as_chosen():
    frozen = trained(SMALL.changed(architecture="inception10", options={"batch_norm": "frozen"}, epochs=1))
    model = keras.models.load_model(frozen.checkpoint("last"), safe_mode=True)
    moving = [w for w in model.weights if w.name == "moving_mean"]
    assert moving and not any(np.any(weight) for weight in moving)  # never moved from 0


def test_a_choice_that_the_network_does_not_offer_names_those_it_does():
    now = trained(SMALL.changed(architecture="inception10", options={"warp": 9})).status()
    assert "batch_norm" in now.message


def test_a_finished_run_is_evaluated_with_its_best_weights(finished):
    found = Evaluation.from_dict(json.loads((finished.folder / "evaluation.json").read_text()))
    assert found.n == 40
    assert found.accuracy == pytest.approx(finished.status().best_val_accuracy, abs=1e-6)
    assert finished.status().phase == "" and "Evaluating" not in finished.status().message


def test_the_phases_of_a_run_come_in_their_order(monkeypatch):
    seen, update = [], Reporter.update

    def noted(reporter, **changes):
        update(reporter, **changes)
        if reporter.status.phase not in seen[-1:]:
            seen.append(reporter.status.phase)

    monkeypatch.setattr(Reporter, "update", noted)
    trained(SMALL.changed(epochs=1))
    assert [*filter(None, seen)] == [
        *("loading", "building", "compiling", "training", "validating", "evaluating")
    ]


def test_a_failing_evaluation_does_not_spoil_the_run(monkeypatch, capsys):
    def fail(*_: object) -> None:
        raise MemoryError("no memory for this")

    monkeypatch.setattr("cnnlab.training.engine.evaluate_run", fail)
    run = trained(SMALL.changed(epochs=1))
    assert (run.status().state, run.status().error) == ("finished", None)
    assert not (run.folder / "evaluation.json").exists()
    assert "no memory for this" in capsys.readouterr().err


def test_a_stop_while_evaluating_ends_the_run_at_once_as_finished(monkeypatch):
    asked = []

    def evaluate_run(run, images, progress):
        run.request_stop()
        asked.append(len(images))
        progress(0.5)
        raise AssertionError("it went on")

    monkeypatch.setattr("cnnlab.training.engine.evaluate_run", evaluate_run)
    run = trained(SMALL.changed(epochs=1))
    assert (run.status().state, asked) == ("finished", [40])


def test_the_dataset_is_loaded_once_for_training_and_evaluation(monkeypatch):
    loads = []
    load = datasets.load
    monkeypatch.setattr(datasets, "load", lambda *a, **k: loads.append(a) or load(*a, **k))
    assert (trained(SMALL.changed(epochs=1)).folder / "evaluation.json").exists()
    assert len(loads) == 1


def test_sorted_images_come_class_by_class_in_every_epoch_and_validation_stays_as_it_is():
    def labels(**settings) -> list[list[int]]:
        run = runs.create(SMALL.changed(shuffle=False, **settings), claimed=True)
        work = prepare(run, run.config, Reporter(run))
        parts = [*(work.training.shuffled(0, epoch) for epoch in (0, 1)), work.validation.in_order()]
        return [np.concatenate([label for _, label in batches]).tolist() for batches in parts]

    first, second, held_out = labels(sort_by_class=True)
    assert first == second == sorted(first)
    as_given = labels()
    assert as_given[0] != first and sorted(as_given[0]) == first
    assert as_given[2] == held_out
