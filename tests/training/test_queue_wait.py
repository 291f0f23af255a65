"""The estimate of a wait, held against what happened in a simulated lesson."""

import json
import random
import time
from dataclasses import replace

import numpy as np
import pytest

from cnnlab import access, runs
from cnnlab.access import Role, Visitor
from cnnlab.runs import turns
from cnnlab.runs.metrics import MetricsLog
from cnnlab.settings import RunConfig
from cnnlab.training import queue_wait
from cnnlab.training.queue_wait import Turn, starts

CONFIG = RunConfig("lenet5", "digits", epochs=10)
ANNA, BEN = (Visitor(letter * 16, Role.STUDENT) for letter in "ab")


def trained(epochs: int, epoch_seconds: float, other: float, config: RunConfig = CONFIG) -> runs.Run:
    """Make a run that is over, of so many epochs that took so long each."""
    run = runs.create(config.changed(epochs=epochs))
    with MetricsLog(run.folder / "metrics.jsonl") as log:
        for epoch in range(1, epochs + 1):
            log.append("epoch", epoch=epoch, step=epoch, loss=1.0, seconds=epoch * epoch_seconds)
    seconds = other + epochs * epoch_seconds
    run.write_status(replace(run.status(), state="finished", epoch=epochs, seconds=seconds))
    return run


def waits(slots: int = 1) -> dict[str, float | None]:
    return queue_wait.waits(slots, runs.overview(0))


def works(run: runs.Run, **status: object) -> None:
    now = time.time()
    run.write_status(replace(run.status(), state="running", heartbeat=now + 3600, started=now, **status))


def test_a_wait_is_told_from_what_similar_runs_took():
    trained(5, epoch_seconds=2.0, other=6.0)
    trained(20, epoch_seconds=2.0, other=6.0)
    first, second, third = (runs.create(CONFIG.changed(seed=seed, learning_rate=0.1)) for seed in range(3))
    works(first, seconds=6.0, seconds_left=20.0)
    found = waits()
    assert found[second.id] == pytest.approx(20, abs=4)
    assert found[third.id] - found[second.id] == pytest.approx(6 + 10 * 2.0)


def test_nothing_is_told_where_nothing_was_measured_nor_behind_it():
    trained(5, 2.0, 6.0)
    known, unknown, behind = (runs.create(CONFIG.changed(batch_size=size)) for size in (32, 64, 32))
    works(known, seconds_left=9.0)
    found = waits()
    assert found[unknown.id] == pytest.approx(9, abs=4)
    assert found[behind.id] is None


def test_a_run_at_work_tells_how_long_those_like_it_will_take():
    first, second, third = (runs.create(CONFIG) for _ in range(3))
    works(first)
    assert waits() == {second.id: None, third.id: None}
    with MetricsLog(first.folder / "metrics.jsonl") as log:
        log.append("batch", step=2, epoch=1, loss=1.0, accuracy=0.5, seconds=6.0)
        for epoch in (1, 2):
            log.append("epoch", epoch=epoch, step=epoch, loss=1.0, seconds=epoch * 3.0)
    works(first, epoch=2, seconds=10.0, seconds_left=24.0)
    found = waits()
    assert found[second.id] == pytest.approx(24, abs=4)
    assert found[third.id] - found[second.id] == pytest.approx(4 + 10 * 3.0)


def test_a_run_that_goes_on_takes_what_is_left_of_it():
    trained(10, 2.0, 6.0)
    first, second, third = (runs.create(CONFIG) for _ in range(3))
    works(first, seconds_left=1.0)
    second.write_status(replace(second.status(), epoch=7))
    found = waits()
    assert found[third.id] - found[second.id] == pytest.approx(6 + 3 * 2.0)


def test_the_order_of_the_queue_is_the_order_of_the_waits():
    trained(5, 2.0, 6.0)
    begun = runs.create(CONFIG)
    works(begun, seconds_left=5.0)
    with access.acting_as(ANNA):
        mine = [runs.create(CONFIG) for _ in range(2)]
    with access.acting_as(BEN):
        other = runs.create(CONFIG)
    found = waits()
    assert found[mine[0].id] < found[other.id] < found[mine[1].id]


def test_slots_work_beside_each_other_and_a_run_on_all_waits_for_all():
    working = [Turn("w", 10.0), Turn("v", 4.0)]
    waiting = [Turn("a", 5.0), Turn("all", 7.0, places=2), Turn("b", 1.0)]
    assert starts(2, working, waiting) == {"a": 4.0, "all": 10.0, "b": 17.0}


def test_who_trains_as_many_as_may_lets_others_pass():
    working, waiting = [Turn("w", 10.0, owner="a")], [Turn("x", 5.0, owner="a"), Turn("y", 5.0, owner="b")]
    assert starts(2, working, waiting, lambda owner: 1) == {"x": 10.0, "y": 0.0}


def lesson(draw: random.Random, slots: int) -> tuple[list[float], list[float]]:
    """Simulate a lesson; return the waits that were told when each run was asked for, and what they were.

    Epochs take as long as those of the past, give or take a tenth; people ask in one minute at the beginning,
    so that nobody pushes in later.
    """
    jobs = [(f"{owner}{number}", owner) for owner in "abcdefgh" for number in range(draw.randint(1, 3))]
    draw.shuffle(jobs)
    epochs = {name: draw.choice([5, 10, 20]) for name, _ in jobs}
    pace = queue_wait.Pace(epoch_seconds=2.0, other_seconds=8.0)
    really = {name: pace.seconds(epochs[name]) * draw.uniform(0.9, 1.1) for name, _ in jobs}
    owner_of = dict(jobs)
    line = turns.in_turn([name for name, _ in jobs], owner_of.__getitem__, {})
    told = starts(slots, [], [Turn(name, pace.seconds(epochs[name]), owner=owner_of[name]) for name in line])
    free, served, waiting, happened = [0.0] * slots, dict[str, float](), [name for name, _ in jobs], {}
    begun = 0
    while waiting:  # as the supervisor goes: whose turn it is is asked anew whenever a slot is free
        at = min(range(slots), key=free.__getitem__)
        name = turns.in_turn(waiting, owner_of.__getitem__, served)[0]
        happened[name], begun = free[at], begun + 1
        served[owner_of[name]] = begun
        free[at] += really[name]
        waiting.remove(name)
    return [told[name] for name in line], [happened[name] for name in line]


@pytest.mark.parametrize("slots", [1, 2, 4])
def test_in_a_simulated_lesson_the_waits_that_were_told_are_those_that_happened(slots):
    draw, errors, total = random.Random(slots), [], []
    for _ in range(100):
        told, happened = lesson(draw, slots)
        errors += [abs(one - other) for one, other in zip(told, happened, strict=True)]
        total += happened
    assert np.mean(total) > 20  # there was something to wait for
    assert np.mean(errors) < 0.05 * np.mean(total)
    assert np.quantile(errors, 0.95) < 0.12 * np.mean(total)


def test_damaged_runs_tell_nothing():
    run = trained(5, 2.0, 6.0)
    (run.folder / "config.json").write_text(json.dumps({"config": 5}))
    first, second = runs.create(CONFIG), runs.create(CONFIG)
    works(first)
    assert waits() == {second.id: None}
