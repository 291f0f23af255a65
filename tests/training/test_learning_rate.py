"""A learning rate changed in mid-run, and one that is looked for before it."""

import json
import math
from pathlib import Path

import keras
import numpy as np
import pytest

from cnnlab import runs
from cnnlab.errors import RunError
from cnnlab.runs import Run, jobs, learning_rate, metrics
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import RATE_SWEEP
from cnnlab.runs.score import best_row
from cnnlab.settings import RunConfig
from cnnlab.training import rate_finder, schedules
from cnnlab.training.rate_finder import Sweep
from cnnlab.worker import execute

HALVING = RunConfig(
    *("lenet5", "digits"),
    epochs=4,
    image_size=16,
    channels=1,
    max_per_class=10,
    learning_rate=0.01,
    schedule="exponential",
    schedule_factor=0.5,
)


def start(config: RunConfig) -> Run:
    return runs.create(config, claimed=True)


def test_a_rate_set_by_hand_holds_from_the_next_batch_and_scales_what_the_schedule_says_later():
    run = start(HALVING.changed(epochs=2))
    learning_rate.ask(run, 0.004)
    execute(run.folder)
    assert run.metrics().epochs["learning_rate"] == pytest.approx([0.004, 0.002])  # 0.4 of 0.01 and 0.005
    rates = run.metrics().rates
    assert (rates["learning_rate"].tolist(), rates["factor"].tolist()) == ([0.004], pytest.approx([0.4]))
    assert 1 <= rates["step"][0] <= 3 and rates["epoch"][0] == 1
    assert learning_rate.asked(run) is None

    run.resume(4)  # tomorrow
    assert run.claim()
    execute(run.folder)
    assert run.metrics().epochs["learning_rate"] == pytest.approx([0.004, 0.002, 0.001, 0.0005])
    config = run.config
    assert schedules.current(config, run.metrics()) == pytest.approx(0.00025)


def test_a_rate_set_by_hand_outlives_the_worker_that_took_it_up(home):
    run = start(HALVING)
    with metrics.MetricsLog(run.folder / "metrics.jsonl") as log:
        log.append("batch", step=5, epoch=1, loss=1.0, accuracy=0.5, seconds=1.0)
        log.append("batch", step=9, epoch=2, loss=1.0, accuracy=0.5, seconds=2.0)
        log.append("rate", step=9, epoch=2, learning_rate=2e-7, factor=4e-5)
    metrics.cut(run.folder / "metrics.jsonl", last_step=5)  # step 9 was lost with the worker
    history = run.metrics()
    assert history.batches["step"].tolist() == [5]
    assert history.rates["step"].tolist() == [5]
    assert history.rates["learning_rate"].tolist() == [2e-7]


@pytest.mark.parametrize("rate", [0, -1, 101, float("nan"), float("inf"), True])
def test_a_rate_that_cannot_work_is_refused(rate):
    run = start(HALVING)
    with pytest.raises(RunError, match="greater than 0 and at most 100"):
        learning_rate.ask(run, rate)
    assert learning_rate.asked(run) is None


@pytest.mark.parametrize("text", ["", "fast", "1e999", "-3", "0.1" * 10_000])
def test_nonsense_in_the_control_file_changes_nothing(text):
    run = start(HALVING)
    (run.folder / "control" / "learning_rate").write_text(text)
    assert learning_rate.take(run) is None
    assert not (run.folder / "control" / "learning_rate").exists()


def test_a_run_that_is_over_has_no_rate_to_change():
    run = runs.create(HALVING)
    run.request_stop()
    with pytest.raises(RunError, match="already stopped; fork it"):
        learning_rate.ask(run, 0.1)


def recorded(name: str, classes: int) -> Sweep:
    """Return a sweep that was recorded with this app: network, optimizer, steps and seed are in its name."""
    with np.load(Path(__file__).with_name("recorded_sweeps.npz")) as known:
        return Sweep(known[f"{name}-rates"], known[f"{name}-losses"], math.log(classes))


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        ("lenet-300-0", 0.002, 0.01),  # Adam; 0.004 is known to reach 97 to 99 %
        ("lenet-300-1", 0.002, 0.01),
        ("lenet-300-2", 0.002, 0.01),
        ("inc-100-0", 0.0005, 0.01),  # Adam, batch norm
        ("inc-100-1", 0.0005, 0.01),
        ("inc-sgd-100-0", 0.005, 0.1),  # momentum 0.9
    ],
)
def test_the_suggestion_of_a_recorded_sweep_is_a_rate_that_trains(name, lowest, highest):
    seen = recorded(name, classes=10)
    assert lowest <= seen.suggestion <= highest and not seen.why_none


@pytest.mark.parametrize(
    ("name", "classes"),
    [("lenet-100-0", 10), ("lenet-sgd-300-0", 10), ("lenet-sgd-300-1", 10), ("base-300-0", 3)],
)
def test_where_the_loss_stays_at_chance_nothing_is_suggested_and_it_is_said_why(name, classes):
    seen = recorded(name, classes)
    assert seen.suggestion is None
    assert f"{math.log(classes):.2f}" in seen.why_none


def test_a_tenth_of_the_rate_of_the_least_loss_is_suggested_however_high_the_losses_are():
    rates = np.array([rate_finder.rate_of(step) for step in range(rate_finder.STEPS)])
    losses = 1 + np.abs(np.log10(rates / 0.01))  # least at 0.01, as steep on both sides
    for scale in (1, 7):
        assert 0.0007 <= Sweep(rates, scale * losses).suggestion <= 0.0015
    assert Sweep(rates[:5], losses[:5]).suggestion is None
    assert Sweep(rates, np.linspace(1, 9, len(rates))).suggestion is None


@pytest.mark.parametrize(("seconds", "steps"), [(0.0, 300), (0.001, 300), (0.2, 200), (5.0, 100)])
def test_slow_steps_are_fewer(seconds, steps):
    assert rate_finder.steps_for(seconds) == steps


def test_the_moving_mean_is_corrected_for_its_start():
    smoothed = Sweep(np.ones(3), np.array([3.0, 3.0, 3.0])).smoothed
    assert smoothed.tolist() == pytest.approx([3.0, 3.0, 3.0])


def search_with(config: RunConfig) -> Job:
    job = jobs.ask(RATE_SWEEP, {"config": config.to_dict()})
    assert job.claim()
    return job


@pytest.mark.slow
def test_a_sweep_climbs_until_the_loss_blows_up_and_stands_in_no_list_of_runs():
    search = search_with(HALVING.changed(optimizer="sgd", batch_size=16))
    execute(search.folder)
    assert search.status().state == "finished", search.log()
    seen = rate_finder.read(search)
    assert len(seen.rates) > rate_finder.FEWEST and (np.diff(seen.rates) > 0).all()
    assert seen.rates[0] == pytest.approx(rate_finder.LOWEST)
    assert seen.has_blown_up or len(seen.rates) >= rate_finder.FEWEST_STEPS
    assert seen.chance == pytest.approx(math.log(10))
    assert runs.list_runs() == []
    assert not list(search.folder.glob("**/*.keras"))


def test_a_sweep_stops_when_asked():
    search = search_with(HALVING)
    search.request_stop()
    execute(search.folder)
    assert search.status().state == "stopped"
    assert len(rate_finder.read(search).rates) == 0


def test_a_sweep_is_read_up_to_a_torn_line_and_without_losses_that_are_no_numbers():
    search = search_with(HALVING)
    lines = [
        {"learning_rate": 10.0**-n, "loss": loss, "chance": 0.7} for n, loss in ((5, 2.0), (4, None), (3, 1))
    ]
    written = "\n".join(map(json.dumps, lines))
    (search.folder / "metrics.jsonl").write_text(written + '\n{"learning_rate": 0.1, "lo')
    seen = rate_finder.read(search)
    assert (seen.rates.tolist(), seen.losses.tolist(), seen.chance) == ([1e-5, 1e-3], [2.0, 1.0], 0.7)


def test_a_setting_that_cannot_work_fails_the_sweep_in_one_sentence():
    search = search_with(HALVING.changed(dataset="no-such-set"))
    execute(search.folder)
    assert search.status().state == "failed" and "no-such-set" in search.status().message


def test_a_fork_begins_with_the_weights_of_its_parent_which_may_be_deleted():
    parent = start(HALVING.changed(epochs=2, schedule="constant"))
    execute(parent.folder)
    best = keras.models.load_model(parent.checkpoint("best")).get_weights()
    still = HALVING.changed(epochs=1, optimizer="sgd", learning_rate=1e-12, schedule="constant")
    child = runs.fork(parent, still)
    runs.delete(parent)
    assert child.status().state == "queued" and child.claim()
    execute(child.folder)
    assert child.status().state == "finished", child.log()
    for mine, theirs in zip(
        keras.models.load_model(child.checkpoint("last")).get_weights(), best, strict=True
    ):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)
    origin = runs.origin(child)
    assert (origin.run_id, origin.title, origin.epoch) == (
        parent.id,
        "LeNet-5 on Digits",
        1 + best_row(history_of(parent)),
    )
    assert runs.origin(start(HALVING)) is None


def history_of(parent: Run) -> dict[str, np.ndarray]:
    return runs.restore(parent.id).metrics().epochs


def test_a_run_without_weights_cannot_be_forked():
    with pytest.raises(RunError, match="no best weights yet"):
        runs.fork(start(HALVING), HALVING)
    assert len(runs.list_runs()) == 1
