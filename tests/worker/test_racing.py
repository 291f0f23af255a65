"""A real race: runs take turns, each trains as it would alone, a stopped race goes on, a fault is alone."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnlab import runs, worker
from cnnlab.experiments import of_race
from cnnlab.runs import jobs
from cnnlab.runs.kinds import RACE
from cnnlab.runs.races import Arm, Plan, Race
from cnnlab.settings import RunConfig
from cnnlab.worker.racing import Turns
from tests.long import LONG

SMALL = RunConfig(
    "lenet5", "digits", epochs=2, max_per_class=12, image_size=32, channels=1, deterministic=True
)
PLAN = Plan(
    "Two rates",
    (Arm("small", SMALL.changed(learning_rate=0.001)), Arm("large", SMALL.changed(learning_rate=0.01))),
    (3,),
)


def run_race(plan: Plan) -> Race:
    race = Race(jobs.claimed(RACE, plan.to_dict()))
    worker.execute(race.job.folder)
    return race


def weights(run: runs.Run) -> list[np.ndarray]:
    import keras

    return keras.models.load_model(run.checkpoint("last")).get_weights()


def test_turns_go_round_and_who_leaves_is_left_out():
    turns, seen = Turns(3), []

    def take(number: int, rounds: int) -> None:
        turns.wait(number)
        for left in range(rounds, 0, -1):
            seen.append(number)
            if left > 1:
                turns.over(number)
        turns.leave(number)

    threads = [threading.Thread(target=take, args=(n, rounds)) for n, rounds in enumerate((3, 1, 2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert seen == [0, 1, 2, 0, 2, 0]


@pytest.mark.slow
def test_each_run_of_a_race_trains_as_it_would_alone_and_the_race_tells_what_it_found():
    race = run_race(PLAN)
    assert race.job.status().state == "finished"
    assert race.job.status().epoch == race.job.status().epochs == 4
    alone = runs.create(PLAN.arms[1].config.changed(seed=3), claimed=True)
    worker.execute(alone.folder)
    for mine, other in zip(weights(race.run(1, 3)), weights(alone), strict=True):
        np.testing.assert_array_equal(mine, other)
    results = of_race(race)
    assert results.compared(1, 0).pairs == 1
    assert results.sides[0].macs == results.sides[1].macs > 100_000
    assert results.sides[0].parameters == 61_706  # LeNet-5 with one channel instead of three: 62,006 - 300


@pytest.mark.slow
@LONG
def test_a_race_that_is_stopped_goes_on_and_ends_as_one_that_was_not(monkeypatch):
    plan = replace(PLAN, arms=tuple(Arm(a.label, a.config.changed(epochs=3)) for a in PLAN.arms))
    whole = run_race(plan)
    race = Race(jobs.claimed(RACE, plan.to_dict()))
    stopped = threading.Event()

    def stop_in_the_second_turn(self: Turns, number: int) -> None:
        over(self, number)
        if not stopped.is_set():
            stopped.set()
            race.job.request_stop()
            for seed in plan.seeds:
                for arm in range(len(plan.arms)):
                    race.run(arm, seed).request_stop()

    over = Turns.over
    monkeypatch.setattr(Turns, "over", stop_in_the_second_turn)
    worker.execute(race.job.folder)
    monkeypatch.undo()
    assert race.job.status().state == "stopped"
    assert race.run(0, 3).status().epoch < 3
    jobs.resume(race.job)
    race.job.claim()
    worker.execute(race.job.folder)
    assert race.job.status().state == "finished"
    for arm in (0, 1):
        for mine, other in zip(weights(race.run(arm, 3)), weights(whole.run(arm, 3)), strict=True):
            np.testing.assert_array_equal(mine, other)


@pytest.mark.slow
def test_a_run_that_cannot_work_fails_alone(tmp_path: Path):
    broken = SMALL.changed(image_size=32, dataset=str(tmp_path / "nowhere"))
    race = run_race(replace(PLAN, arms=(Arm("broken", broken), PLAN.arms[1])))
    assert race.job.status().state == "finished"
    assert race.run(0, 3).status().state == "failed"
    assert race.run(1, 3).status().state == "finished"
    assert "1 of 2" in race.job.status().message
