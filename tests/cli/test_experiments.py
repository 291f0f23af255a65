"""``experiments`` and ``experiment``."""

import json
from dataclasses import replace

import pytest

from cnnlab import cli
from cnnlab.experiments import READY
from cnnlab.runs.races import Arm

KEYS = {"name", "claim", "arms", "difference", "interval", "verdict"}


def test_experiments_lists_all_with_their_claims_and_what_was_found(capsys):
    assert cli.main(["experiments", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in listed] == list(READY)
    for one in listed:
        assert one["claim"] and len(one["labels"]) >= 2
        if one["recorded"]:
            assert one["recorded"]["verdict"] in {"shown", "not shown", "opposite"}
            assert len(one["recorded"]["interval"]) == 2


def test_an_unknown_experiment_and_a_number_of_seeds_out_of_range_are_one_line(capsys):
    assert cli.main(["experiment", "nothing"]) == 1
    assert cli.main(["experiment", next(iter(READY)), "--seeds", "0"]) == 1
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 2


@pytest.mark.slow
def test_an_experiment_trains_its_sides_and_tells_the_difference_over_seeds(capsys, monkeypatch):
    usual = READY["learning-rate"]
    short = tuple(Arm(arm.label, arm.config.changed(epochs=1)) for arm in usual.arms)
    monkeypatch.setitem(READY, "learning-rate", replace(usual, arms=short))
    assert cli.main(["experiment", "learning-rate", "--seeds", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) >= KEYS
    assert found["name"] == "learning-rate"
    assert [arm["label"] for arm in found["arms"]] == [arm.label for arm in READY["learning-rate"].arms]
    assert all(len(arm["accuracies"]) == 2 for arm in found["arms"])
    low, high = found["interval"]
    assert low <= found["difference"] <= high
