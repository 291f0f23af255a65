"""A run that learned nothing, or unlearned it, does not end as a success; any other does."""

import json
from dataclasses import replace

import numpy as np
import pytest

from cnnlab import runs
from cnnlab.runs import Metrics
from cnnlab.settings import RunConfig
from cnnlab.training.verdict import Task, judge, verdict

TEN = Task(10, 359, 0.1)
NAN, INF = float("nan"), float("inf")


def history(losses, accuracies, val_losses=None, first=2.31, rate=10.0) -> Metrics:
    count = len(losses)
    columns = {
        "epoch": np.arange(1.0, count + 1),
        "loss": losses,
        "val_loss": losses if val_losses is None else val_losses,
        "val_accuracy": accuracies,
        "learning_rate": np.full(count, rate),
    }
    columns = {name: np.asarray(column, float) for name, column in columns.items()}
    return Metrics({"loss": np.array([first, 9.9])}, columns)


# Recorded: LeNet-5 on digits with Adam at rate 10, and with SGD at rate 100.
ADAM_AT_TEN = history([211.5, 694.2, 388.0, 702.9, 250.3], [0.1003, 0.1003, 0.0975, 0.1003, 0.0975])
SGD_AT_100 = history([3e31, 3e31], [0.0975, 0.0975], [INF, NAN], rate=100.0)
HEALTHY = history([1.2, 0.4, 0.2, 0.1], [0.7, 0.9, 0.95, 0.97], rate=0.001)
TEXTBOOK = history([1.4, 0.5, 0.05, 0.01], [0.5, 0.6, 0.65, 0.65], [1.4, 1.26, 1.5, 9.0])


@pytest.mark.parametrize(
    ("curves", "kind", "rate"),
    [
        (ADAM_AT_TEN, "diverged", "(1)"),
        (SGD_AT_100, "diverged", "(10)"),
        (history([1.0, NAN], [0.5, 0.5]), "diverged", "(1)"),
        (history([1.0, 1.0], [0.5, 0.5], [1.0, NAN]), "diverged", "(1)"),
        (history([1.0, 4.7], [0.5, 0.6]), "diverged", "(1)"),  # above chance, and far above where it began
    ],
)
def test_a_run_that_diverged_says_so_and_names_a_lower_rate(curves, kind, rate):
    found = judge(curves, TEN)
    assert found.kind == kind
    assert "lower" in found.advice and rate in found.advice and f"({found.rate:g})" == rate
    assert all(text.endswith(".") for text in (found.happened, found.advice))


@pytest.mark.parametrize("curves", [HEALTHY, TEXTBOOK, history([2.2], [0.2]), history([4.6], [0.5])])
def test_a_run_that_learned_something_gets_no_verdict_even_when_it_overfits(curves):
    assert judge(curves, TEN) is None


@pytest.mark.parametrize(
    ("accuracy", "task", "at_chance"),
    [
        (0.10, TEN, True),
        (0.125, TEN, True),  # 9.5 to 16.3 %
        (0.14, TEN, False),
        (0.02, TEN, True),  # worse than chance is no success either
        (0.90, Task(2, 100, 0.9), True),  # nine of ten are of one class
        (0.90, Task(2, 100, 0.5), False),
        (12 / 18, Task(2, 18, 0.5), True),
        (17 / 18, Task(2, 18, 0.5), False),
        (NAN, TEN, True),
    ],
)
def test_chance_is_what_guessing_or_the_largest_class_gives(accuracy, task, at_chance):
    found = judge(history([2.3, 2.3], [accuracy, accuracy]), task)
    assert bool(found) == at_chance
    if found:
        assert found.kind == "chance" and "learning rate" in found.advice


@pytest.mark.parametrize(
    "curves",
    [
        history([1.2, 0.5, 300.0], [0.6, 0.8, 0.1]),
        history([1.2, 0.5, 2.3], [0.6, 0.8, 0.1]),  # fell back to chance
    ],
)
def test_a_run_that_was_better_before_offers_a_fork_from_its_best_epoch(curves):
    found = judge(curves, TEN)
    assert found.kind == "diverged" and "best epoch (2, 80.0 %)" in found.advice


def test_a_best_epoch_at_chance_is_no_place_to_fork_from():
    assert "fork" not in judge(ADAM_AT_TEN, TEN).advice


def test_a_fork_that_began_low_has_not_diverged_while_it_is_better_than_guessing():
    assert judge(history([0.05, 0.4], [0.9, 0.88], first=0.01), TEN) is None


def test_what_has_no_epoch_or_no_validation_is_not_judged():
    assert judge(history([], []), TEN) is None
    assert judge(HEALTHY, Task(10, 0)) is None


@pytest.fixture
def run() -> runs.Run:
    """A run of two epochs whose loss rose from 2.3 to 300."""
    run = runs.create(RunConfig("lenet5", "digits"), claimed=True)
    with runs.metrics.MetricsLog(run.folder / "metrics.jsonl") as log:
        log.append("batch", step=1, epoch=1, loss=2.3, accuracy=0.1, seconds=0.1)
        for epoch, loss in enumerate((200.0, 300.0), start=1):
            row = {"accuracy": 0.1, "val_loss": loss, "val_accuracy": 0.1, "learning_rate": 10.0}
            log.append("epoch", epoch=epoch, step=epoch, loss=loss, seconds=1.0, **row)
    facts = {"classes": list("0123456789"), "split": {"train": 800, "validation": 200}}
    (run.folder / "model.json").write_text(json.dumps(facts))
    return run


@pytest.mark.parametrize(("state", "judged"), [("finished", True), ("stopped", True), ("running", False)])
def test_a_run_is_judged_when_it_is_over(run, state, judged):
    run.write_status(replace(run.status(), state=state, heartbeat=9e9))
    assert bool(verdict(run)) == judged


def test_a_run_that_was_stopped_at_chance_may_have_been_about_to_learn(run):
    with runs.metrics.MetricsLog(run.folder / "metrics.jsonl") as log:
        row = {"accuracy": 0.1, "val_loss": 2.3, "val_accuracy": 0.1, "learning_rate": 0.001}
        log.append("epoch", epoch=3, step=3, loss=2.3, seconds=1.0, **row)
    run.write_status(replace(run.status(), state="stopped"))
    assert verdict(run) is None
    run.write_status(replace(run.status(), state="finished"))
    assert verdict(run).kind == "chance"


def test_a_run_without_facts_is_not_judged(run):
    (run.folder / "model.json").unlink()
    run.write_status(replace(run.status(), state="finished"))
    assert verdict(run) is None
