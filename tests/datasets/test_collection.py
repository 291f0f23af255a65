"""Datasets that grow: nothing is lost, nothing is mixed, everything can be taken back."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cnnlab import datasets, images, workspace
from cnnlab.datasets import LoadOptions
from cnnlab.datasets.own import collection
from cnnlab.errors import DatasetError

from .conftest import contents, counts, fill, png, zipped


def test_an_empty_collection_is_there_to_grow_but_not_to_train_on(hands):
    assert (hands, collection.get(hands).title) == ("our-hands", "Our hands")
    assert counts(hands) == {"paper": 0, "rock": 0}
    assert not collection.get(hands).is_ready
    assert hands not in datasets.names()
    fill(hands, "anna")
    assert collection.get(hands).is_ready
    assert datasets.get(hands).classes == ("paper", "rock")


def test_images_come_back_byte_for_byte_in_their_order(hands):
    given = [png(i) for i in range(20)]
    added = collection.add_images(hands, "rock", given, "anna")
    assert collection.get(hands).classes[1].images == added.paths
    assert [collection.get(hands).image(path) for path in added.paths] == given


def test_the_person_is_the_group_of_the_split(hands):
    for person in ("Anna", "Ben__2", "Zoë / 3"):
        fill(hands, person)
    assert collection.get(hands).people == ("Anna", "Ben_2", "Zoë-3")
    splits = datasets.load(hands, LoadOptions(split_by="group", validation_fraction=0.3))
    people = [
        {name.split("/")[1].split("__")[0] for name in p.names} for p in (splits.train, splits.validation)
    ]
    assert sorted(map(len, people)) == [1, 2]
    assert people[0].isdisjoint(people[1])


def test_what_is_no_image_is_refused_and_the_others_are_kept(hands):
    added = collection.add_images(hands, "rock", [png(1), b"", b"\xff\xd8\xff torn", png(2)], "../../x")
    assert len(added.paths) == 2
    assert [item.name for item in added.refused] == ["Image 2", "Image 3"]
    assert all(path.startswith("rock/x__") for path in added.paths)


def test_a_full_collection_says_so(hands, monkeypatch):
    monkeypatch.setattr(collection, "MOST_PICTURES", 3)
    with pytest.raises(DatasetError, match="is full with 3 images"):
        collection.add_images(hands, "rock", [png(i) for i in range(4)], "anna")
    assert counts(hands) == {"paper": 0, "rock": 0}


@pytest.mark.parametrize(
    ("title", "classes", "reason"),
    [
        ("Our hands", ["a", "b"], "already a dataset"),
        ("Digits", ["a", "b"], "already a dataset"),
        ("", ["a", "b"], "at least one letter"),
        ("new", ["a"], "at least two classes"),
        ("new", ["a", "A"], "already a class A"),
        ("new", ["a", " \n"], "Give each class a name"),
    ],
)
def test_a_collection_that_cannot_be_is_refused_and_leaves_nothing(hands, title, classes, reason):
    with pytest.raises(DatasetError, match=reason):
        collection.create(title, classes)
    assert [found.name for found in collection.every()] == [hands]


@pytest.mark.parametrize("name", ["digits", "..", "", "../home", "nothing", "our-hands/rock"])
def test_only_an_own_dataset_can_be_changed(hands, name):
    for change in (
        lambda: collection.get(name),
        lambda: collection.add_images(name, "rock", [png()], "anna"),
        lambda: collection.delete_class(name, "rock"),
        lambda: datasets.rename(name, "Other"),
        lambda: datasets.extend(name, zipped({})),
    ):
        with pytest.raises(DatasetError):
            change()
    assert counts(hands) == {"paper": 0, "rock": 0}


def test_a_folder_put_there_by_hand_is_left_as_it_is():
    for path in ("a/1.png", "a/2.png", "b/1.png", "b/2.png"):
        target = workspace.datasets_dir() / "by hand" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(png())
    assert collection.every() == []
    with pytest.raises(DatasetError, match="put there by hand"):
        collection.add_images("by hand", "a", [png()], "anna")
    datasets.rename("by hand", "Mine")
    assert datasets.get("by hand").title == "Mine"
    assert collection.every() == []


def test_renaming_changes_what_people_read_not_what_runs_refer_to(hands):
    fill(hands, "anna")
    before = contents(hands)
    datasets.rename(hands, "  Hands of 7b ")
    assert (datasets.get(hands).title, contents(hands)) == ("Hands of 7b", before)
    for taken in ("", "../..", next(info.title for info in datasets.catalogue() if info.name == "digits")):
        with pytest.raises(DatasetError):
            datasets.rename(hands, taken)
    second = collection.create("Our hands", ["a", "b"])  # the old title is free again, its folder is not
    assert (second.name, second.title) == ("our-hands-2", "Our hands")
    with pytest.raises(DatasetError, match="already a dataset called hands of 7B"):
        datasets.rename(second.name, "hands of 7B")


def test_a_class_can_be_renamed_but_not_into_another(hands):
    fill(hands, "anna")
    assert collection.rename_class(hands, "rock", " Big  rock! ") == "Big rock!"
    assert counts(hands) == {"Big rock!": 3, "paper": 3}
    assert datasets.get(hands).classes == ("Big rock!", "paper")
    assert collection.rename_class(hands, "Big rock!", "big-rock") == "big-rock"
    with pytest.raises(DatasetError, match="already a class PAPER"):
        collection.rename_class(hands, "big-rock", "PAPER")
    with pytest.raises(DatasetError, match="no class rock any more"):
        collection.add_images(hands, "rock", [png()], "anna")
    assert counts(hands) == {"big-rock": 3, "paper": 3}


def test_an_upload_can_be_extended_from_the_camera_and_with_a_second_upload():
    files = {f"{part}/{name}/b__{i}.png": png(i) for part in ("train", "test") for name in "xy" for i in "12"}
    files = {path: png(number) for number, path in enumerate(files)}
    name = datasets.import_zip("parts", zipped(files)).name
    assert datasets.get(name).native_shape == (12, 16, 3)
    collection.add_images(name, "x", [images.encode_png(np.zeros((9, 9, 3), np.uint8))], "anna")
    datasets.extend(name, zipped(files | {"train/z/c__1.png": png(7), "train/z/c__2.png": png(8)}))
    assert counts(name) == {"x": 5, "y": 4, "z": 2}
    assert datasets.get(name).native_shape is None
    splits = datasets.load(name, LoadOptions(image_size=8))
    assert (len(splits.train) + len(splits.validation), len(splits.test)) == (11, 8)


def test_a_bad_zip_extends_nothing(hands):
    fill(hands, "anna")
    before = contents(hands)
    for bad in (io.BytesIO(b"no zip"), zipped({"rock/1.png": png()}), zipped({"../a/1.png": png()})):
        with pytest.raises(DatasetError):
            datasets.extend(hands, bad)
    assert contents(hands) == before


def test_thirty_people_collect_into_one_dataset_at_once_and_nothing_is_lost_or_mixed(hands):
    start = threading.Barrier(30)

    def collect(person: int) -> None:
        start.wait()
        for turn in range(3):
            for class_name in ("rock", "paper"):
                collection.add_images(hands, class_name, [png(person)] * 2, f"p{person}")
                if turn == 1 and person % 10 == 0:
                    datasets.rename(hands, f"Hands {person}")

    with ThreadPoolExecutor(30) as pool:
        list(pool.map(collect, range(30)))
    found = contents(hands)
    assert len(found) == 30 * 3 * 2 * 2
    for path, data in found.items():
        person = int(path.split("/")[1].split("__")[0].removeprefix("p"))
        assert data == png(person)
    assert collection.get(hands).title.startswith("Hands ")
