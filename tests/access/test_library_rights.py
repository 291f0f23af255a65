"""What is not one's own is refused in the library itself: datasets, networks and recipes."""

import io
import json
import zipfile

import numpy as np
import pytest

from cnnlab import access, datasets, images
from cnnlab.access import GUEST, SHELL, Role, Visitor, limits
from cnnlab.architectures.own import library
from cnnlab.architectures.own.definition import Definition
from cnnlab.datasets.own import collection, corrections, folder
from cnnlab.errors import AccessError
from cnnlab.settings import RunConfig
from cnnlab.training import recipes

ANNA, BEN = (Visitor(letter * 16, Role.STUDENT) for letter in "ab")
TEACHER = Visitor("teacher", Role.TEACHER)
CONFIG = RunConfig("lenet5", "digits", epochs=1)


def pngs(count: int, seed: int = 0) -> list[bytes]:
    draw = np.random.default_rng(seed)
    return [images.encode_png(draw.integers(0, 255, (12, 12, 3), np.uint8)) for _ in range(count)]


def zipped() -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("rock", "paper"):
            for number, data in enumerate(pngs(3, len(name))):
                archive.writestr(f"{name}/{number}.png", data)
    return file


def hands(owner: Visitor) -> str:
    with access.acting_as(owner):
        name = collection.create(f"Hands {owner.id[:4]}", ["rock", "paper"]).name
        for number, class_name in enumerate(("rock", "paper")):
            collection.add_images(name, class_name, pngs(4, number))
    return name


def one_image(name: str) -> str:
    return collection.get(name).classes[0].images[0]


CHANGES = {
    "rename": lambda name: datasets.rename(name, f"Another {name}"),
    "delete": datasets.remove,
    "extend": lambda name: datasets.extend(name, zipped()),
    "add images": lambda name: collection.add_images(name, "rock", pngs(1, 9)),
    "delete images": lambda name: collection.delete_images(name, [one_image(name)]),
    "add a class": lambda name: collection.add_class(name, "scissors"),
    "rename a class": lambda name: collection.rename_class(name, "rock", "stone"),
    "delete a class": lambda name: collection.delete_class(name, "rock"),
    "correct a label": lambda name: corrections.correct(name, one_image(name), "rock"),
    "open to all": collection.open_to_all,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_dataset_is_changed_by_who_made_it_or_the_teacher(change, home):
    for owner in (ANNA, SHELL):
        name = hands(owner)
        before = {path: path.read_bytes() for path in (home / "datasets").rglob("*") if path.is_file()}
        for other in (BEN, GUEST):
            with access.acting_as(other), pytest.raises(AccessError):
                CHANGES[change](name)
        after = {path: path.read_bytes() for path in (home / "datasets").rglob("*") if path.is_file()}
        assert after == before
        with access.acting_as(ANNA if owner == ANNA else TEACHER):
            CHANGES[change](name)


def test_what_was_deleted_is_brought_back_by_who_may():
    name = hands(ANNA)
    with access.acting_as(ANNA):
        tokens = [collection.delete_images(name, [one_image(name)]), collection.delete_class(name, "paper")]
        tokens.append(datasets.remove(name))
    for token in reversed(tokens):
        with access.acting_as(BEN), pytest.raises(AccessError):
            datasets.restore(token)
        with access.acting_as(ANNA):
            datasets.restore(token)


def test_all_may_add_to_a_dataset_that_its_owner_has_opened_and_change_nothing_else():
    name = hands(ANNA)
    with access.acting_as(ANNA):
        collection.open_to_all(name)
    with access.acting_as(BEN):
        assert collection.add_images(name, "rock", pngs(1, 9)).paths
        for change in ("delete images", "rename", "delete", "open to all"):
            with pytest.raises(AccessError):
                CHANGES[change](name)
    with access.acting_as(ANNA):
        collection.open_to_all(name, False)
    with access.acting_as(BEN), pytest.raises(AccessError):
        collection.add_images(name, "rock", pngs(1, 9))


def test_an_import_belongs_to_who_brought_it_and_a_zip_does_not_tell_whose_it_was():
    with access.acting_as(ANNA):
        info = datasets.import_zip("Brought", zipped())
    assert folder.dataset_folder(info.name).owner == ANNA.id
    file = io.BytesIO()
    datasets.export_zip(info.name, file)
    assert ANNA.id.encode() not in file.getvalue()
    with access.acting_as(BEN):
        again = datasets.import_zip("Again", file)
    assert folder.dataset_folder(again.name).owner == BEN.id


def test_a_student_uploads_no_more_than_may(home):
    with access.acting_as(TEACHER):
        limits.change({"upload_mb": 1})
    name, much = hands(ANNA), [b"x" * 1_100_000]
    big = zipped()
    big.write(b"\0" * 1_100_000)
    with access.acting_as(ANNA):
        for bring in (
            lambda: collection.add_images(name, "rock", much),
            lambda: datasets.import_files("Many", [("rock/a.png", much[0])]),
            lambda: datasets.import_zip("Big", big),
            lambda: datasets.extend(name, big),
        ):
            with pytest.raises(AccessError, match="1 MB"):
                bring()


def test_a_network_is_changed_by_who_made_it_and_stays_theirs():
    with access.acting_as(ANNA):
        name = library.save(Definition("Two blocks", (8, 8, 1), 2))
    version = library.get(name).version
    for other in (BEN, GUEST):
        with access.acting_as(other):
            for change in (
                lambda: library.rename(name, "Mine now"),
                lambda: library.delete(name),
                lambda: library.save(Definition("Two blocks", (9, 9, 1), 2), over=(name, version)),
            ):
                with pytest.raises(AccessError):
                    change()
    with access.acting_as(TEACHER):
        name = library.rename(name, "Three blocks")
        library.save(Definition("Three blocks", (9, 9, 1), 2), over=(name, library.get(name).version))
    assert library.owner(name) == ANNA.id
    with access.acting_as(ANNA):
        token = library.delete(name)
    with access.acting_as(BEN), pytest.raises(AccessError):
        library.restore(token)
    with access.acting_as(ANNA):
        assert library.restore(token) == name


def test_networks_of_before_belong_to_nobody_and_the_owner_is_no_part_of_a_version():
    old = library.save(Definition("Old", (8, 8, 1), 2))
    with access.acting_as(ANNA):
        new = library.save(Definition("New", (8, 8, 1), 2))
        with pytest.raises(AccessError):
            library.delete(old)
    assert "owner" not in json.loads(library.SHELF.path(old).read_text())
    assert library.get(new).to_dict().keys() == library.get(old).to_dict().keys()
    assert library.find(library.get(new)) in (old, new)


def test_a_recipe_is_deleted_by_who_saved_it(home):
    with access.acting_as(ANNA):
        saved = recipes.save("Hands", CONFIG)
    assert saved.owner == ANNA.id
    with access.acting_as(BEN), pytest.raises(AccessError):
        recipes.delete(saved.name)
    (home / "recipes" / "odd.json").write_text("{")
    with access.acting_as(ANNA):
        with pytest.raises(AccessError):
            recipes.delete("odd")
        recipes.delete(saved.name)
    with access.acting_as(TEACHER):
        recipes.delete("odd")
    assert list((home / "recipes").glob("*.json")) == []
