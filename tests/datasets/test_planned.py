"""How a dataset will be split, said before: it must be how it is split."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from cnnlab import datasets
from cnnlab.datasets import LoadOptions, planned
from cnnlab.datasets.registry import BUILT_IN
from cnnlab.errors import DatasetError


def folder(tmp_path: Path, counts: dict[str, int]) -> Path:
    """Write images, ``{"train/rock/anna": 3}`` of each."""
    for place, count in counts.items():
        below, _, person = place.rpartition("/")
        for number in range(count):
            path = tmp_path / "mine" / below / f"{person}__{number:03}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), np.full((8, 8, 3), number, np.uint8))
    return tmp_path / "mine"


OPTIONS = [
    LoadOptions(),
    LoadOptions(seed=3, validation_fraction=0.5),
    LoadOptions(max_per_class=20),
    LoadOptions(max_per_class=20, seed=7, validation_fraction=0.07),
]


def loaded(name: str | Path, options: LoadOptions) -> tuple[int, int, int]:
    splits = datasets.load(name, options)
    return len(splits.train), len(splits.validation), len(splits.test or ())


def told(name: str | Path, options: LoadOptions) -> tuple[int, int, int]:
    parts = planned(name, options)
    return parts.train, parts.validation, parts.test


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_built_in_dataset_is_split_as_planned(options):
    assert told("digits", options) == loaded("digits", options)


def test_drawn_gestures_are_as_many_as_are_asked_for():
    options = LoadOptions(image_size=16, max_per_class=7)
    assert told("gestures_drawn", options) == loaded("gestures_drawn", options)


@pytest.mark.parametrize(
    "options", [LoadOptions(split_by="group", max_per_class=n, image_size=8) for n in (None, 30)], ids=str
)
def test_a_built_in_dataset_with_people_is_split_by_person_as_planned(options):
    assert told("gestures_drawn_people", options) == loaded("gestures_drawn_people", options)
    parts = planned("gestures_drawn_people", options)
    assert parts.shared_groups == 0 and parts.train_groups + parts.validation_groups == 12
    assert datasets.ways_to_split("gestures_drawn_people") == ("group", "random")


@pytest.mark.parametrize(
    "options", [*OPTIONS, *(LoadOptions(split_by=way) for way in ("group", "given"))], ids=str
)
@pytest.mark.parametrize(
    "counts",
    [
        {f"{c}/{who}": n for c in ("rock", "paper") for who, n in (("anna", 30), ("ben", 6), ("cem", 11))},
        {f"{part}/{c}/anna": n for c in ("a", "b") for part, n in (("train", 30), ("test", 9))},
        {f"{part}/{c}/anna": n for c in "ab" for part, n in (("train", 9), ("val", 4), ("test", 5))},
    ],
    ids=["groups", "two parts", "three parts"],
)
def test_a_folder_is_split_as_planned_or_refused_with_the_same_sentence(tmp_path, counts, options):
    place = folder(tmp_path, counts)
    try:
        expected = loaded(place, options)
    except DatasetError as error:
        with pytest.raises(DatasetError) as caught:
            planned(place, options)
        assert str(caught.value) == str(error)
    else:
        assert told(place, options) == expected


def test_people_on_each_side_are_counted(tmp_path):
    place = folder(tmp_path, {f"{c}/{who}": 6 for c in "ab" for who in ("anna", "ben", "cem")})
    mixed = planned(place, LoadOptions())
    assert (mixed.train_groups, mixed.validation_groups, mixed.shared_groups) == (3, 3, 3)
    apart = planned(place, LoadOptions(split_by="group"))
    assert apart.train_groups + apart.validation_groups == 3 and apart.shared_groups == 0
    assert apart.validation_fraction == pytest.approx(apart.validation_groups / 3)


def test_the_published_sizes_add_up_to_what_each_dataset_says_of_itself():
    for name, entry in BUILT_IN.items():
        train, test, info = entry.training_sizes, entry.test, entry.info
        assert len(train) == len(info.classes) and sum(train) + sum(test) == info.images, name


def test_every_built_in_dataset_can_be_planned_without_a_download():
    for name in BUILT_IN:
        parts = planned(name, LoadOptions())
        assert parts.train + parts.validation + parts.test == BUILT_IN[name].info.images, name
