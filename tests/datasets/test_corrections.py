"""A label is corrected where it was seen: the file moves, the dataset remembers, and there is a way back."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cnnlab import datasets, workspace
from cnnlab.datasets.own import collection, corrections, folder
from cnnlab.errors import DatasetError

from .conftest import contents, counts, fill, png, zipped


def names_of(hands: str, class_name: str) -> list[str]:
    [found] = [one for one in collection.get(hands).classes if one.name == class_name]
    return list(found.images)


def test_an_image_goes_into_its_true_class_byte_for_byte_and_comes_back(hands):
    fill(hands, "anna")
    before, began = contents(hands), time.time()
    wrong = names_of(hands, "rock")[0]
    made = corrections.correct(hands, wrong, "paper")
    assert counts(hands) == {"paper": 4, "rock": 2}
    assert contents(hands)[made.after] == before[wrong]
    assert corrections.since(hands, began) == {wrong: made}
    assert corrections.since(hands, made.time) == {}  # a run that began later has learned the new label
    corrections.correct(hands, made.after, "rock")
    assert contents(hands) == before
    assert corrections.since(hands, began) == {}
    assert [one.now for one in corrections.since(hands, made.time).values()] == ["rock"]


def test_labels_are_those_of_the_new_class_for_whoever_loads_the_dataset(hands):
    fill(hands, "anna", each=5)
    wrong = names_of(hands, "rock")[1]
    after = corrections.correct(hands, wrong, "paper").after
    splits = datasets.load(hands)
    labels = dict(zip(splits.train.names, splits.train.labels, strict=True))
    labels |= dict(zip(splits.validation.names, splits.validation.labels, strict=True))
    assert splits.classes[labels[after]] == "paper" and wrong not in labels


def test_moved_twice_it_counts_once_from_its_first_class_to_its_last():
    hands = collection.create("Hands", ["rock", "paper", "scissors"]).name
    fill(hands, "anna", each=4)
    wrong, began = names_of(hands, "rock")[0], time.time()
    first = corrections.correct(hands, wrong, "paper")
    second = corrections.correct(hands, first.after, "scissors")
    [(name, change)] = corrections.since(hands, began).items()
    assert (name, change.was, change.now, change.after) == (wrong, "rock", "scissors", second.after)


def test_in_a_dataset_with_parts_an_image_stays_in_its_part():
    files = {
        f"{part}/{name}/{part}-{name}-{n}.png": png(n)
        for part in ("train", "test")
        for name in ("rock", "paper")
        for n in range(4)
    }
    hands = datasets.import_zip("Hands", zipped(files)).name
    test = datasets.load(hands, datasets.LoadOptions(split_by="given")).validation
    wrong = next(name for name in test.names if name.startswith("rock"))
    made = corrections.correct(hands, wrong, "paper")
    again = datasets.load(hands, datasets.LoadOptions(split_by="given")).validation
    assert made.after in again.names and wrong not in again.names and len(again) == len(test)


@pytest.mark.parametrize(
    "image",
    ["", "/", "rock", "rock/", "rock/..", "../our-hands/rock/x.png", "/etc/passwd", "rock/no.png", "a/b/c"],
)
def test_a_name_that_leads_to_no_image_moves_nothing(hands, image):
    fill(hands, "anna")
    before = contents(hands)
    with pytest.raises(DatasetError, match=r"not there any more.*\."):
        corrections.correct(hands, image, "paper")
    assert contents(hands) == before


def test_what_cannot_be_corrected_is_refused_in_one_sentence(hands):
    fill(hands, "anna")
    first, second, _ = names_of(hands, "rock")
    with pytest.raises(DatasetError, match="no class scissors"):
        corrections.correct(hands, first, "scissors")
    with pytest.raises(DatasetError, match="already"):
        corrections.correct(hands, first, "rock")
    corrections.correct(hands, first, "paper")
    with pytest.raises(DatasetError, match="at least 2"):  # else nothing could be trained on it any more
        corrections.correct(hands, second, "paper")
    assert counts(hands) == {"paper": 4, "rock": 2}


def test_only_a_dataset_that_was_made_here_is_corrected(hands):
    by_hand = workspace.datasets_dir() / "by-hand"
    for name in ("rock", "paper"):
        (by_hand / name).mkdir(parents=True)
        for n in range(3):
            (by_hand / name / f"{n}.png").write_bytes(png(n))
    assert corrections.can_correct(hands)
    assert not any(map(corrections.can_correct, ("by-hand", "digits", "no-such", "../x", "", str(by_hand))))
    with pytest.raises(DatasetError, match="by hand"):
        corrections.correct("by-hand", "rock/0.png", "paper")
    assert corrections.since("digits", 0) == corrections.since("no-such", 0) == {}


def test_many_at_once_lose_no_correction(hands):
    fill(hands, "anna", each=12)
    began, wrong = time.time(), names_of(hands, "rock")[:8]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: corrections.correct(hands, name, "paper"), wrong))
    assert counts(hands) == {"paper": 20, "rock": 4}
    assert set(corrections.since(hands, began)) == set(wrong)


@pytest.mark.parametrize(
    "rows", [None, 3, "x", [1], [{}], [[1, 2, 3, 4, 5]], [["1", "a", "b", "c", "d"]], [[1e15, *"abcd"]]]
)
def test_a_memory_that_is_none_counts_as_no_correction(hands, rows):
    fill(hands, "anna")
    folder.dataset_folder(hands).write(corrections=rows)
    assert corrections.since(hands, 0) == {}
    corrections.correct(hands, names_of(hands, "rock")[0], "paper")
    assert len(corrections.since(hands, 0)) == 1
