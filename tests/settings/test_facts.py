"""The facts of a run's model: typed, and a sentence where one is missing."""

import copy
import json
import pickle

import pytest

from cnnlab.errors import RunError
from cnnlab.preprocessing import Preprocessing
from cnnlab.settings import ModelFacts, SeenAs

FACTS = ModelFacts(
    classes=("rock", "paper"),
    input_shape=(8, 8, 1),
    preprocessing=SeenAs(8, 8, 1, mean=(1.5,), std=(2.0,)),
    split={"train": 9, "validation": 5},
    params=7,
)


def test_facts_survive_json_and_copying():
    again = ModelFacts.from_dict(json.loads(json.dumps(FACTS.to_dict())))
    for known in (again, copy.copy(again), pickle.loads(pickle.dumps(again))):
        assert known.to_dict() == FACTS.to_dict()
        assert (known.classes, known.input_shape, known.preprocessing) == (
            *(FACTS.classes, FACTS.input_shape, FACTS.preprocessing),
        )


@pytest.mark.parametrize("name", ["classes", "input_shape", "preprocessing"])
def test_what_is_missing_is_a_sentence_when_it_is_asked_for_and_the_rest_is_there(name: str):
    values = FACTS.to_dict()
    del values[name]
    known = ModelFacts.from_dict(values)
    assert known.params == 7 and name not in known.to_dict()
    with pytest.raises(RunError, match=rf"model\.json has no {name}; .*\.$"):
        getattr(known, name)


def test_facts_of_older_and_newer_versions_are_read():
    old = ModelFacts.from_dict({"classes": ["a"], "input_shape": [8, 8, 1]})
    assert (old.leaked, old.note, old.params, old.split, old.trained_on) == (0, "", None, {}, "")
    assert not hasattr(ModelFacts.from_dict({"warp_drive": 9}), "warp_drive")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("classes", "rock"),
        ("classes", [1]),
        ("input_shape", [8, 8]),
        ("input_shape", [8, 8, 0]),
        ("input_shape", [8, True, 1]),
        ("preprocessing", []),
        ("split", {"train": -1}),
        ("split", [1]),
        ("leaked", 1.5),
        ("params", -1),
        ("majority", None),
        ("majority", 10**400),
        ("note", 5),
    ],
)
def test_a_fact_that_cannot_be_is_named(name: str, value: object):
    with pytest.raises(ValueError, match=f"^{name}$"):
        ModelFacts.from_dict({name: value})


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"height": 8},
        {"height": "8", "width": 8},
        {"height": 8, "width": 8, "fit": "evil"},
        {"height": 8, "width": 8, "deviation": [0]},
        {"height": 8, "width": 8, "std": [2.0]},
        {"height": 8, "width": 8, "warp": 1},
    ],
)
def test_a_preprocessing_that_cannot_be_used_is_missing(odd: dict):
    known = ModelFacts.from_dict({"preprocessing": odd})
    with pytest.raises(RunError, match="has no preprocessing"):
        getattr(known, "preprocessing")  # noqa: B009 - mypy takes it for an expression without an effect


def test_what_a_run_noted_is_what_is_done():
    seen_as = Preprocessing.of(FACTS.preprocessing)
    assert isinstance(seen_as, Preprocessing) and vars(seen_as) == vars(FACTS.preprocessing)
