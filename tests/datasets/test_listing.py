"""Which file shows which class, read off the names alone."""

import pytest

from cnnlab.datasets.files.listing import arrange, refuse_few_classes
from cnnlab.errors import DatasetError


def classes_in(*paths):
    return {entry.path: entry.class_name for entry in arrange(paths).entries}


@pytest.mark.parametrize(
    ("path", "class_name"),
    [
        ("cat.12.jpg", "cat"),
        ("cat12.jpg", "cat"),
        ("cat_12.PNG", "cat"),
        ("cat 1 (2).jpeg", "cat"),
        ("hot_dog_3.webp", "hot_dog"),
        ("Kätzchen-7.bmp", "Kätzchen"),
    ],
)
def test_a_flat_folder_has_its_classes_before_the_number(path, class_name):
    assert classes_in(path, "zebra.1.jpg") == {path: class_name, "zebra.1.jpg": "zebra"}


def test_class_folders_win_over_file_names():
    paths = "rock/cat.1.jpg", "paper/dog.1.jpg", "logo.1.png"
    assert classes_in(*paths) == {"rock/cat.1.jpg": "rock", "paper/dog.1.jpg": "paper"}


@pytest.mark.parametrize("prefix", ["", "hands/", "home/me/hands/"])
@pytest.mark.parametrize("files", [("rock/1.jpg", "paper/1.jpg"), ("cat.1.jpg", "dog.1.jpg")])
def test_folders_around_everything_do_not_matter(prefix, files):
    found = arrange([prefix + file for file in files])
    assert len(found.classes) == 2
    assert {entry.name for entry in found.entries} == set(files)


def test_people_within_a_class_folder_are_no_classes():
    assert arrange(["rock/anna/1.jpg", "rock/ben/1.jpg", "paper/anna/1.jpg"]).classes == ("paper", "rock")


@pytest.mark.parametrize("test_folder", ["test", "Validation", "val"])
def test_train_and_test_folders_are_recognised(test_folder):
    found = arrange(["pets/train/cat/1.jpg", "pets/train/dog/1.jpg", f"pets/{test_folder}/cat/9.jpg"])
    assert found.classes == ("cat", "dog")
    assert [entry.name for entry in found.entries if entry.role != "train"] == ["cat/9.jpg"]


def test_hidden_files_are_ignored():
    paths = "a/1.jpg", "b/1.jpg", "a/.2.jpg", "__MACOSX/a/1.jpg", ".git/c/1.png", "../c/1.jpg"
    assert set(classes_in(*paths)) == {"a/1.jpg", "b/1.jpg"}


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        ([], "pets holds 0 classes"),
        (["rock/1.jpg", "rock/2.jpg"], "pets holds only the class rock"),
        (["rock/anna__1.jpg", "rock/ben__1.jpg"], "pets holds only the class rock"),
        (["anna__1.jpg", "ben__1.jpg"], "pets holds 0 classes"),
        (["sunset.jpg", "beach.jpg"], "pets holds 0 classes"),
        (["a.png", "a.png/b.png"], "pets holds only the class a.png"),
    ],
)
def test_what_has_no_two_classes_is_refused_in_one_sentence(paths, reason):
    with pytest.raises(DatasetError, match=reason) as refusal:
        refuse_few_classes(arrange(paths), "pets")
    assert str(refusal.value).endswith(".")
