"""The ready experiments: their settings can work, differ in what they say, and their results are recorded."""

import json

import pytest

from cnnlab import experiments
from cnnlab.errors import ConfigError, ExperimentError
from cnnlab.experiments import READY, handed_over, recorded
from cnnlab.runs.races import Plan

NAMES = pytest.mark.parametrize("name", READY)


@NAMES
def test_its_settings_are_valid_and_its_pair_exists(name):
    experiment = READY[name]
    plan = experiment.plan().checked()
    assert Plan.from_dict(plan.to_dict()) == plan
    better, worse = experiment.pair
    assert better != worse
    assert len({arm.config.dataset for arm in plan.arms}) == 1


@NAMES
def test_its_sides_differ_in_few_settings(name):
    first, *others = (arm.config.to_dict() for arm in READY[name].arms)
    for other in others:
        differing = {key for key in first | other if first.get(key) != other.get(key)}
        assert differing
        allowed = (
            {"optimizer", "learning_rate", "momentum", "nesterov"},
            {"mean", "deviation", "scaling"},
            {"shuffle", "sort_by_class"},
        )
        rest = differing - {"network", "architecture"}
        assert len(rest) <= 1 or any(rest <= together for together in allowed)


def test_recorded_results_are_of_experiments_that_exist():
    assert {path.stem for path in recorded.FOLDER.glob("*.json")} <= set(READY)


@NAMES
def test_its_recorded_result_is_of_these_sides_and_of_five_seeds_or_more(name):
    if (known := experiments.recording(name)) is None:
        return  # the page says so, and runs it
    assert [side.label for side in known.results.sides] == [arm.label for arm in READY[name].arms]
    assert known.seeds >= 5
    assert known.results.images > 50
    for side, arm in zip(known.results.sides, READY[name].arms, strict=True):
        assert side.parameters > 0
        for curve in side.curves:
            assert not curve.is_over or len(curve.epochs["epoch"]) == arm.config.epochs


def test_an_unknown_name_is_one_sentence():
    with pytest.raises(ConfigError, match="choose one of"):
        experiments.get("no-such-experiment")


def test_a_result_that_a_stranger_hands_over_has_a_date_and_no_other_words_in_its_place():
    known = json.loads((recorded.FOLDER / "dropout.json").read_bytes())
    assert handed_over.checked("dropout", json.dumps(known).encode())["date"] == known["date"]
    for date in ("![](http://a.b/c.png)", "yesterday", 5, None):
        with pytest.raises(ExperimentError, match="export the lesson again"):
            handed_over.checked("dropout", json.dumps(known | {"date": date}).encode())
