"""Splits that do not lie: every class in both parts, nothing in two parts, near-duplicates kept together."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.datasets import ImageSet, LoadOptions, Samples
from cnnlab.datasets.imageset import Skipped
from cnnlab.datasets.split import at_most, group_of, split, ways_to_split
from cnnlab.errors import DatasetError
from cnnlab.settings.declaration import as_arguments


def samples(labels, names=None, test=None) -> Samples:
    pixels = np.arange(len(labels), dtype=np.uint8).reshape(-1, 1, 1, 1)
    names = tuple(names or map(str, range(len(labels))))
    return Samples(ImageSet(pixels, np.asarray(labels, np.int64), names), test)


def people(persons, classes, frames):
    names = [f"{c}/{p}__{f}.jpg" for c in range(classes) for p in range(persons) for f in range(frames)]
    return samples([int(name[0]) for name in names], names)


@given(st.lists(st.integers(2, 30), min_size=2, max_size=5), st.floats(0.01, 0.99), st.integers(0, 2**32 - 1))
def test_a_random_split_keeps_every_image_once_and_every_class_in_both_parts(counts, fraction, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    classes = tuple(map(str, range(len(counts))))
    parts = split(samples(labels), classes, LoadOptions(validation_fraction=fraction, seed=seed))
    assert sorted(parts.train.names + parts.validation.names) == sorted(map(str, range(len(labels))))
    assert parts.train.counts(len(counts)).min() >= 1
    assert parts.validation.counts(len(counts)).min() >= 1


def test_a_random_split_keeps_the_class_proportions():
    parts = split(samples([0] * 100 + [1] * 50), ("a", "b"), LoadOptions(validation_fraction=0.2))
    assert parts.validation.counts(2).tolist() == [20, 10]


def test_the_seed_decides_the_split():
    first, again, other = (
        split(samples([0, 1] * 50), ("a", "b"), LoadOptions(seed=seed)).validation.names for seed in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize("seed", range(5))
def test_no_person_is_on_both_sides_of_a_group_split(seed):
    parts = split(people(8, 3, 10), ("a", "b", "c"), LoadOptions(split_by="group", seed=seed))
    train, validation = ({group_of(name) for name in part.names} for part in (parts.train, parts.validation))
    assert not train & validation
    assert len(validation) == 2  # the nearest to a fifth of eight
    assert set(parts.validation.labels) == {0, 1, 2}


@pytest.mark.parametrize(
    ("name", "group"),
    [("rock/anna__012.jpg", "anna"), ("rock/anna/12.jpg", "anna"), ("rock/12.jpg", None), ("12", None)],
)
def test_the_group_is_read_off_the_name(name, group):
    assert group_of(name) == group


def test_given_takes_the_test_part_for_validation():
    test = samples([0, 1, 1]).train
    parts = split(samples([0, 0, 1, 1], test=test), ("a", "b"), LoadOptions(split_by="given"))
    assert parts.validation is test
    assert len(parts.train) == 4
    assert parts.test is None


@pytest.mark.parametrize(
    ("data", "classes", "options", "reason"),
    [
        (samples([0, 0, 1]), ("a", "b"), {}, "Class b has 1 usable image;"),
        (samples([0, 0]), ("a",), {}, "at least two classes"),
        (samples([0, 0, 1, 1]), ("a", "b"), {"split_by": "group"}, "name them PERSON__NUMBER.jpg"),
        (samples([0, 0, 1, 1]), ("a", "b"), {"split_by": "given"}, "no test part of its own"),
        (
            samples([0, 0, 1, 1], ["a/x__1", "a/x__2", "b/y__1", "b/y__2"]),
            ("a", "b"),
            {"split_by": "group"},
            "No choice of whole groups",
        ),
    ],
)
def test_what_cannot_be_split_is_refused_in_one_sentence(data, classes, options, reason):
    with pytest.raises(DatasetError, match=reason) as refusal:
        split(data, classes, LoadOptions(**options))
    assert str(refusal.value).endswith(".")


def test_a_class_that_is_too_small_for_a_damaged_image_is_told_so():
    damaged = Skipped("b/2.jpg", "b/2.jpg is damaged; zip the folder again.")
    data = replace(samples([0, 0, 1]), skipped=(damaged,))
    with pytest.raises(DatasetError, match=r"Class b has 1 usable image;.* zip the folder again"):
        split(data, ("a", "b"), LoadOptions())


def test_at_most_keeps_the_order_and_caps_each_label():
    labels = np.array([0, 1, 0, 1, 0, 2])
    kept = at_most(labels, 2, seed=0)
    assert np.bincount(labels[kept]).tolist() == [2, 2, 1]
    assert (np.diff(kept) > 0).all()


@pytest.mark.parametrize(
    "bad",
    [
        {"validation_share": 0},
        {"validation_share": 1.0},
        {"validation_share": float("nan")},
        {"image_size": 0},
        {"channels": 2},
        {"split_by": "moon"},
        {"resample": "cubic"},
        {"fit": "stretch"},
        {"max_per_class": 1},
    ],
)
def test_an_option_out_of_range_is_refused_by_name(bad):
    with pytest.raises(DatasetError, match=next(iter(bad))):
        LoadOptions(**as_arguments(LoadOptions, bad))


ALONE = samples([0, 0, 1, 1], ["a/x__1", "a/x__2", "b/y__1", "b/y__2"])  # nobody shows both classes
NAMELESS = samples([0, 0, 1, 1])


@pytest.mark.parametrize(
    ("given_parts", "ways"),
    [
        (NAMELESS, ("random",)),
        (ALONE, ("random",)),
        (people(3, 2, 2), ("group", "random")),
        (people(1, 2, 4), ("random",)),
        (samples([0, 0, 1, 1], test=NAMELESS.train), ("random", "given")),
        (Samples(people(3, 2, 2).train, NAMELESS.train), ("group", "random", "given")),
        (Samples(NAMELESS.train, NAMELESS.train, validation=NAMELESS.train), ("given",)),
        (
            Samples(people(2, 2, 2).train, NAMELESS.train, validation=people(2, 2, 2).train),
            ("given", "group"),
        ),
    ],
)
def test_the_way_to_split_is_by_group_where_groups_can_be_held_out_and_every_way_works(given_parts, ways):
    assert ways_to_split(given_parts, ("a", "b")) == ways
    for way in ways:
        assert len(split(given_parts, ("a", "b"), LoadOptions(split_by=way)).validation)
