"""Quick ready experiments are run again: what comes out lies where the recorded seeds say that it does."""

from dataclasses import replace
from statistics import fmean, stdev

import pytest
from scipy.stats import t

from cnnlab import experiments, worker
from cnnlab.experiments import READY, of_race
from cnnlab.runs import jobs
from cnnlab.runs.kinds import RACE
from cnnlab.runs.races import Plan, Race
from tests.long import LONG

QUICK = (
    pytest.param("shuffle", marks=LONG),
    pytest.param("weight-averaging", marks=LONG),
    pytest.param("split-by-person", marks=LONG),
)
NEW_SEED = 100
"""None of the recorded ones."""
ROUNDING = 0.02
"""Other processors and versions round otherwise, and a run goes another way from there."""


def band(values: list[float]) -> tuple[float, float]:
    """Return where one more run lies with 99.9 % (Student's prediction interval), within 0 to 1."""
    half = t.ppf(0.9995, len(values) - 1) * stdev(values) * (1 + 1 / len(values)) ** 0.5 + ROUNDING
    return max(0.0, fmean(values) - half), min(1.0, fmean(values) + half)


def run_again(plan: Plan) -> experiments.Results:
    race = Race(jobs.claimed(RACE, plan.to_dict()))
    worker.execute(race.job.folder)
    assert race.job.status().state == "finished", race.job.status().message
    return of_race(race)


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_another_seed_lies_in_the_recorded_band(name, home):
    experiment, known = READY[name], experiments.recording(name)
    if known is None:
        pytest.skip("no result is recorded yet")
    arms = tuple(experiment.arms[place] for place in experiment.pair)
    found = run_again(replace(experiment.plan((NEW_SEED,)), arms=arms))
    for side, place in zip(found.sides, experiment.pair, strict=True):
        [value] = side.values(experiment.measure)
        low, high = band(known.results.sides[place].values(experiment.measure))
        assert low <= value <= high, f"{side.label}: {value:.3f} is not from {low:.3f} to {high:.3f}"


def test_a_band_holds_one_more_of_the_same_kind_and_nothing_far_away():
    low, high = band([0.90, 0.91, 0.92, 0.93, 0.94])
    assert low < 0.88 and high == 1.0
    assert low > 0.7
