"""Training, validation and test part, as public archives name and nest them."""

import pytest

from cnnlab.datasets.files.listing import Entry, Listing, arrange
from cnnlab.datasets.files.parts import role_of

CLASSES = ("cats", "dogs")


def files(*folders: str, count: int = 3) -> list[str]:
    return [f"{folder}/{i}.jpg" for folder in folders for i in range(count)]


def labelled(*folders: str) -> list[str]:
    return files(*(f"{folder}/{name}" for folder in folders for name in CLASSES))


def of(found: Listing, role: str) -> list[Entry]:
    return [entry for entry in found.entries if entry.role == role]


def roles(paths: list[str], **options) -> dict[str, str]:
    return {part.folder: part.role for part in arrange(paths, **options).parts}


@pytest.mark.parametrize(
    ("name", "role"),
    [
        *(
            (name, "train")
            for name in ("train", "Training", "training_set", "TrainSet", "trainset", "TRAIN_DATA")
        ),
        *(
            (name, "train")
            for name in ("seg_train", "train2017", "asl_alphabet_train", "训练集", "訓練", "trn")
        ),
        *(
            (name, "validation")
            for name in ("val", "valid", "Validation", "dev", "val2017", "验证集", "imgs_val")
        ),
        *(
            (name, "test")
            for name in ("test", "testing", "Test", "test1", "test-multiple_fruits", "测试集", "tst")
        ),
        *((name, "unlabelled") for name in ("seg_pred", "predictions", "unlabeled")),
        *(
            (name, None)
            for name in ("cat", "trains", "latest", "contest", "valley", "pretest", "attest", "strain")
        ),
        *((name, None) for name in ("evaluated-by-me", "devil", "90", "_", "C++", "石头")),
        ("entraînement", "train"),
        ("validación", "validation"),
    ],
)
def test_a_folder_s_name_says_what_it_holds(name, role):
    assert role_of(name) == role


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train", "test"),
        ("training_set/training_set", "test_set/test_set"),
        ("archive/seg_train/seg_train", "archive/seg_test/seg_test"),
        ("data/raw/Training", "data/raw/Testing"),
        ("train/images", "test/images"),
        ("pets_train", "pets_val"),
        ("rps/rps", "rps-test-set/rps-test-set"),
        ("训练集", "测试集"),
    ],
)
def test_parts_are_found_at_any_depth_in_the_words_people_use(train, test):
    found = arrange(labelled(train, test))
    assert found.classes == CLASSES
    assert [len(part.classes) for part in found.parts] == [2, 2]
    assert len(of(found, "train")) == 6 == len(found.entries) - len(of(found, "train"))
    assert not found.left_out
    assert {entry.name for entry in found.entries} == {
        f"{name}/{i}.jpg" for name in CLASSES for i in range(3)
    }


def test_a_third_part_named_validation_is_the_validation_part():
    found = arrange(labelled("Dataset/train", "Dataset/valid", "Dataset/test"))
    assert roles(labelled("Dataset/train", "Dataset/valid", "Dataset/test")) == {
        "Dataset/train": "train",
        "Dataset/valid": "validation",
        "Dataset/test": "test",
    }
    assert [len(of(found, role)) for role in ("train", "validation", "test")] == [6, 6, 6]


@pytest.mark.parametrize(
    "unlabelled",
    [
        files("seg_pred/seg_pred"),
        files("test1"),
        files("test-multiple_fruits"),
        files("test/images"),
        ["test/A_test.jpg", "test/B_test.jpg"],
    ],
)
def test_a_part_without_classes_is_left_out_and_counted(unlabelled):
    found = arrange(labelled("train") + unlabelled)
    assert found.classes == CLASSES
    assert {entry.role for entry in found.entries} == {"train"}
    assert [(item.kind, len(item.names)) for item in found.left_out] == [("unlabelled", len(unlabelled))]
    assert [part.role for part in found.parts] == ["train", "unlabelled"]


def test_files_with_their_class_in_the_name_lie_in_parts_too():
    flat = [f"train/{name}.{i}.jpg" for name in ("cat", "dog") for i in range(3)]
    found = arrange([*flat, *files("test1"), "val/cat.9.jpg", "val/hat.9.jpg"])
    assert found.classes == ("cat", "dog")
    assert [entry.path for entry in of(found, "validation")] == ["val/cat.9.jpg"]
    left_out = {item.kind: item.names for item in found.left_out}
    assert left_out == {"unlabelled": ("test1/0.jpg", "test1/1.jpg", "test1/2.jpg", "val/hat.9.jpg")}


def test_a_class_that_only_the_test_part_has_is_named_with_its_number_of_images():
    found = arrange(labelled("train") + files("test/cats", "test/hounds", "test/birds"))
    left_out = {item.sentence.split(" are ")[0]: item.kind for item in found.left_out}
    assert left_out == {
        "3 images of the class hounds": "other-class",
        "3 images of the class birds": "other-class",
    }


def test_capitals_in_another_part_do_not_make_another_class():
    found = arrange(labelled("train") + files("test/Cats", "test/DOGS"))
    assert {entry.class_name for entry in of(found, "test")} == set(CLASSES)


def test_parts_may_lie_within_the_class_folders():
    found = arrange(files("cats/train", "cats/test", "dogs/train", "dogs/test"))
    assert found.classes == CLASSES
    assert len(of(found, "train")) == len(of(found, "test")) == 6


@pytest.mark.parametrize(
    "folders",
    [
        ("car", "train", "bus"),  # what drives
        ("bus", "test", "train"),
        ("test_tube", "training_shoe", "flask"),
        ("train", "boat"),
        ("rock", "paper"),
    ],
)
def test_a_class_may_be_called_like_a_part(folders):
    found = arrange(files(*folders))
    assert found.classes == tuple(sorted(folders))
    assert not found.parts


def test_what_lies_beside_the_parts_is_said():
    found = arrange([*labelled("Training", "Test"), "papers/figure.png", "logo.png"])
    left_out = {item.kind: item.names for item in found.left_out}
    assert left_out == {"unused": ("papers/figure.png",), "beside": ("logo.png",)}


def test_a_stray_image_above_the_classes_changes_nothing():
    found = arrange([*files("PetImages/cats", "PetImages/dogs"), "preview.jpg"])
    assert found.classes == CLASSES
    assert [(item.kind, item.names) for item in found.left_out] == [("beside", ("preview.jpg",))]


def test_a_second_copy_of_the_classes_within_one_folder_is_no_class():
    found = arrange(files("cells/sick", "cells/well", "cells/cells/sick", "cells/cells/well"))
    assert found.classes == ("sick", "well") and len(found.entries) == 6
    assert [(item.kind, len(item.names)) for item in found.left_out] == [("unused", 6)]


def test_a_person_says_otherwise():
    paths = labelled("part one", "part two") + files("more/cats")
    assert arrange(paths).classes == ("more", "part one", "part two")
    found = arrange(paths, {"part one": "train", "part two": "test", "more": "unused"})
    assert found.classes == CLASSES
    assert [len(of(found, role)) for role in ("train", "test")] == [6, 6]
    as_classes = arrange(labelled("train", "test"), {})
    assert as_classes.classes == ("test", "train") and not as_classes.parts


@pytest.mark.parametrize(
    ("names", "order"),
    [
        ([str(n) for n in range(12)], [str(n) for n in range(12)]),
        (["class_10", "class_9", "class_1"], ["class_1", "class_9", "class_10"]),
        (["270", "0", "90", "180"], ["0", "90", "180", "270"]),
        (["v2.10", "v2.9", "v1"], ["v1", "v2.9", "v2.10"]),
        (["b", "a", "B"], ["B", "a", "b"]),
        (["9" * 5000, "1"], ["1", "9" * 5000]),
    ],
)
def test_classes_come_in_the_order_in_which_people_count(names, order):
    assert list(arrange(files(*names, count=1)).classes) == order


def test_folders_without_end_are_no_trouble():
    deep = ["/".join(["x"] * 5000) + f"/{name}/{i}.jpg" for name in CLASSES for i in range(200)]
    assert arrange(deep).classes == ("x",)
    assert len(arrange([*deep[:2], *files("train/a", "train/b", "test/a")]).entries) == 9
