"""Differences over seeds: the interval is SciPy's, the verdict follows from it alone."""

import math

import numpy as np
import pytest
from scipy.stats import ttest_rel

from cnnlab.experiments.finding import Difference, difference, verdict


@pytest.mark.parametrize("seeds", [2, 3, 5, 20])
def test_the_interval_is_that_of_the_paired_t_test(seeds):
    draws = np.random.default_rng(seeds)
    first, second = draws.uniform(0.5, 1, (2, seeds))
    found = difference(first, second)
    expected = ttest_rel(first, second).confidence_interval(0.95)
    assert found.mean == pytest.approx(np.mean(first - second))
    assert found.interval == pytest.approx((expected.low, expected.high))
    assert found.pairs == seeds


def test_a_pair_with_a_failed_run_is_left_out():
    found = difference([0.9, math.nan, 0.8], [0.7, 0.5, 0.7])
    assert found.pairs == 2
    assert found.mean == pytest.approx(0.15)


def test_without_a_pair_there_is_no_difference_and_with_one_no_interval():
    assert difference([math.nan], [0.5]) is None
    alone = difference([0.9], [0.5])
    assert alone.interval is None
    assert not alone.is_distinguishable
    assert verdict(alone) == "not shown"
    assert verdict(None) == "not shown"


@pytest.mark.parametrize(
    ("low", "high", "options", "expected"),
    [
        (0.01, 0.03, {}, "shown"),
        (-0.01, 0.03, {}, "not shown"),
        (-0.03, -0.01, {}, "opposite"),
        (-0.03, -0.01, {"lower_is_better": True}, "shown"),
        (0.01, 0.03, {"lower_is_better": True}, "opposite"),
        (-0.005, 0.008, {"margin": 0.01}, "shown"),
        (-0.005, 0.02, {"margin": 0.01}, "not shown"),
        (0.02, 0.03, {"margin": 0.01}, "opposite"),
    ],
)
def test_the_verdict_follows_from_the_interval(low, high, options, expected):
    found = Difference((low + high) / 2, (low, high), 5)
    assert verdict(found, **options) == expected


def test_of_two_sides_that_are_alike_one_in_twenty_is_called_better_or_worse():
    draws = np.random.default_rng(1)
    said = [verdict(difference(*draws.normal(0.9, 0.01, (2, 5)))) for _ in range(2000)]
    assert 0.035 < 1 - said.count("not shown") / len(said) < 0.065
