"""A run on the Train page: actions in places of their own, its standing in words, its tabs."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest
from streamlit.testing.v1 import AppTest

from cnnlab import runs
from cnnlab.datasets import ImageSet
from cnnlab.inference import ImagePrediction, evaluation
from cnnlab.runs import Phase, jobs
from cnnlab.runs.kinds import EVALUATE
from cnnlab.runs.liveness import ProcessId
from cnnlab.runs.metrics import MetricsLog
from cnnlab.training.standing import standing
from cnnlab.ui.runs import evaluation as evaluations
from cnnlab.ui.runs import image_sheet
from cnnlab.ui.runs.confusion import MOST_CLASSES, most_confused
from cnnlab.ui.runs.curves import intervals
from cnnlab.ui.runs.predictions import CORRECT, ERRORS, of_kind
from tests.pages.conftest import give_weights, say

OpenPage = Callable[..., AppTest]
ACTIONS = ["Stop", "Resume", "Fork"]


def learned(run: runs.Run, accuracy: float, train_accuracy: float = 0.9) -> None:
    """Write one epoch of a history, and what a worker knows of 359 validation images of ten classes."""
    with MetricsLog(run.folder / "metrics.jsonl") as log:
        row = {"loss": 0.5, "accuracy": train_accuracy, "val_loss": 0.5, "val_accuracy": accuracy}
        log.append("epoch", epoch=1, step=1, learning_rate=0.1, seconds=1.0, **row)
    facts = {
        "classes": list("0123456789"),
        "split": {"train": 1438, "validation": 359},
        "majority": 37 / 359,
    }
    (run.folder / "model.json").write_text(json.dumps(facts))


def test_the_standing_of_a_run_is_accuracy_errors_overfitting_and_chance(run: runs.Run):
    learned(run, 351 / 359)
    say(run, "finished", epoch=1, epochs=1, best_epoch=1, best_val_accuracy=351 / 359)
    said = standing(run, run.status(), overfits=False)
    # Wilson's interval of 351 in 359, as statsmodels has it; 37 of 359 are of the largest class
    assert said == "97.8 % (95 % CI 95.7–98.9, n = 359): 8 errors; no overfitting seen; chance is 10.3 %"
    assert "no overfitting" not in standing(run, run.status(), overfits=True)
    assert "overfitting" not in standing(run, run.status(), overfits=None)


@pytest.mark.parametrize(
    "state", ["queued", "running", "stopping", "stopped", "failed", "interrupted", "finished"]
)
def test_every_action_stands_in_its_place_in_every_state(open_page: OpenPage, run: runs.Run, state: str):
    say(run, "running" if state == "stopping" else state, process=vars(ProcessId.of(os.getpid())), epochs=9)
    if state == "stopping":
        run.request_stop()
    app = open_page("train", run=run.id)
    keys = [button.key for button in app.button if button.key]
    places = [keys.index(key) for key in (f"try-{run.id}", "stop", "more", "fork")]
    assert places == sorted(places) and not app.exception
    assert app.button(key="stop").disabled == (state not in {"queued", "running"})
    assert app.button(key=f"try-{run.id}").disabled  # no weights
    assert app.button(key="fork").disabled and app.button(key="more").disabled


@pytest.mark.parametrize(("phase", "told"), [(Phase.EVALUATING, True), (Phase.TRAINING, False)])
def test_the_phase_and_not_the_words_tells_what_a_run_is_doing(
    open_page: OpenPage, run: runs.Run, phase: Phase, told: bool
):
    here = vars(ProcessId.of(os.getpid()))
    words = "Evaluating is one word, measuring another."
    say(run, "running", process=here, heartbeat=time.time(), phase=phase, message=words, epochs=2)
    app = open_page("train", run=run.id)
    shown = app.get("progress")[0].proto.text.replace("\\", "")
    assert (words in shown) == told and not app.exception


def test_a_run_with_weights_is_tried_on_classify(open_page: OpenPage, run: runs.Run):
    give_weights(run)
    say(run, "stopped", epoch=1, epochs=3)
    app = open_page("train", run=run.id).button(key=f"try-{run.id}").click().run()
    assert not app.exception
    assert app.title[0].value == "Classify" and app.query_params["run"] == run.id


def test_a_stopped_run_is_evaluated_when_somebody_looks_for_it(open_page: OpenPage, run: runs.Run):
    give_weights(run)
    say(run, "stopped", epoch=1, epochs=3)
    app = open_page("train", run=run.id)
    assert jobs.find(EVALUATE, {"run": run.id}) is None
    app.session_state[f"run-tab-{run.id}"] = "Predictions"
    app = app.run()
    job = jobs.find(EVALUATE, {"run": run.id})
    assert job.status().is_active and not app.exception
    job.write_status(replace(job.status(), state="failed", message="No memory."))
    app.run()
    assert not job.status().is_active and "No memory" in app.error[0].value
    assert any(button.key == "evaluate" for button in app.button)  # where it failed, a person asks for it


def found() -> evaluation.Evaluation:
    said = [("a", "a", 0.9), ("a", "b", 0.6), ("b", "b", 0.7), ("b", "a", 0.99)]
    predictions = [
        ImagePrediction(f"image {n}", label, guess, sure, sure if label == guess else 1 - sure)
        for n, (label, guess, sure) in enumerate(said)
    ]
    return evaluation.from_predictions(predictions, ("a", "b"))


def test_predictions_begin_with_the_most_confident_errors():
    assert of_kind(found()) == [3, 1, 2, 0]
    assert of_kind(found(), ERRORS) == [3, 1]
    assert of_kind(found(), CORRECT, truth=0) == [0]
    assert of_kind(found(), ERRORS, truth=0) == [1]


def test_the_sheet_marks_right_and_wrong_in_words(
    open_page: OpenPage, run: runs.Run, monkeypatch: pytest.MonkeyPatch
):
    give_weights(run)
    (run.folder / "evaluation.json").write_text(json.dumps(found().to_dict()))
    say(run, "finished", epoch=1, epochs=1)
    names = tuple(said.name for said in found().predictions)
    images = ImageSet(np.zeros((4, 8, 8, 1), np.uint8), np.zeros(4, int), names)
    monkeypatch.setattr(evaluations, "_held_out", lambda *_: images)
    shown: list[image_sheet.Tile] = []
    monkeypatch.setattr(image_sheet, "image_wall", lambda tiles, **_: shown.extend(tiles))
    app = open_page("train", {f"run-tab-{run.id}": "Predictions"}, run=run.id)
    assert not app.exception
    assert [tile.alt.split(":")[0] for tile in shown] == ["wrong", "wrong", "right", "right"]
    assert len({tile.caption[0] for tile in shown[:2]} | {tile.caption[0] for tile in shown[2:]}) == 2


def test_of_many_classes_those_with_the_most_errors_are_shown():
    matrix = np.eye(100, dtype=int)
    matrix[70, 71] = matrix[5, 90] = 3
    chosen = most_confused(matrix.tolist())
    assert len(chosen) == MOST_CLASSES and {5, 70, 71, 90} <= set(chosen) and chosen == sorted(chosen)
    assert most_confused(np.eye(3, dtype=int).tolist()) == [0, 1, 2]


def test_the_settings_of_a_run_are_a_tab(open_page: OpenPage, run: runs.Run):
    app = open_page("train", {f"run-tab-{run.id}": "Settings"}, run=run.id)
    assert len(app.table) == 1 and not app.exception


def test_the_band_of_the_validation_accuracy_is_wilsons_interval_as_scipy_has_it():
    accuracies = np.array([0.0, 0.5, 0.9, 1.0, np.nan], np.float32)
    low, high = intervals(accuracies, 100)
    for accuracy, *ends in zip(accuracies[:4], low, high, strict=False):
        known = binomtest(round(float(accuracy) * 100), 100).proportion_ci(method="wilson")
        assert ends == pytest.approx([known.low, known.high], abs=1e-6)
    assert np.isnan([low[4], high[4]]).all()
    assert intervals(np.empty(0), 100)[0].shape == (0,)
