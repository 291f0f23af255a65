"""Own networks on disk: they survive a restart, two people at once, and whatever stands in the folder."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cnnlab import architectures
from cnnlab.architectures.own import library
from cnnlab.architectures.own.definition import Definition, Listed
from cnnlab.errors import ArchitectureError

SMALL = Definition("Small eyes", (16, 16, 1), 4, (Listed("convolution", "conv1", {"filters": 4}),))


def test_saved_network_is_listed_and_built_like_any_other():
    name = library.save(SMALL)
    assert name == "small-eyes"
    assert architectures.names() == (*architectures.built_in(), name)
    facts = architectures.get(name)
    assert (facts.title, facts.year, facts.paper, facts.options) == ("Small eyes", None, "", {})
    assert (facts.reference.input_shape, facts.reference.num_classes) == ((16, 16, 1), 4)
    assert architectures.build(name, (16, 16, 1), 4).count_params() == 40 + 4 * 16 * 16 * 4 + 4


def test_network_survives_a_restart(home: Path):
    library.save(SMALL)
    code = "from cnnlab.architectures.own import library; print(library.get('small-eyes').layers[0].settings)"
    environment = os.environ | {"CNNLAB_HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "{'filters': 4}"


def test_listing_makes_no_folder(home: Path):
    assert architectures.names() == architectures.built_in()
    assert not home.exists()


@pytest.mark.parametrize("title", ["lenet5", "LeNet5", "vgg16 cifar", "ResNet18"])
def test_name_of_a_built_in_network_is_refused(title: str):
    with pytest.raises(ArchitectureError, match="is the name of a built-in network; choose another name"):
        library.save(Definition(title, (16, 16, 1), 4))


def test_name_that_is_taken_is_refused_and_the_first_network_stays():
    library.save(SMALL)
    with pytest.raises(ArchitectureError, match="already a network called Small-Eyes"):
        library.save(Definition("Small-Eyes", (8, 8, 3), 2))
    assert library.get("small-eyes") == SMALL


def test_of_many_who_save_one_name_at_once_one_gets_it(home: Path):
    outcomes: list[str] = []
    begin = threading.Barrier(8)

    def save(classes: int) -> None:
        begin.wait()
        try:
            outcomes.append(library.save(Definition("Ours", (8, 8, 1), classes)))
        except ArchitectureError as error:
            outcomes.append(str(error))

    people = [threading.Thread(target=save, args=(classes,)) for classes in range(2, 10)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert outcomes.count("ours") == 1
    assert sum("already a network called Ours" in outcome for outcome in outcomes) == 7
    assert library.get("ours").classes in range(2, 10)
    assert [path.name for path in (home / "networks").iterdir()] == ["ours.json"]


def test_changes_are_refused_when_somebody_else_has_saved_meanwhile():
    name = library.save(SMALL)
    theirs = Definition("Small eyes", (16, 16, 1), 5)
    assert library.save(theirs, over=(name, SMALL.version)) == name
    with pytest.raises(ArchitectureError, match="Somebody else has changed Small eyes meanwhile"):
        library.save(Definition("Small eyes", (16, 16, 1), 6), over=(name, SMALL.version))
    assert library.get(name) == theirs


def test_deleted_network_comes_back():
    name = library.save(SMALL)
    token = library.delete(name)
    assert name not in architectures.names()
    with pytest.raises(ArchitectureError, match="There is no architecture 'small-eyes'"):
        architectures.get(name)
    assert library.restore(token) == name
    assert library.get(name) == SMALL


def test_deleted_network_does_not_come_back_over_a_new_one():
    token = library.delete(library.save(SMALL))
    other = Definition("Small eyes", (8, 8, 3), 2)
    library.save(other)
    with pytest.raises(ArchitectureError, match="a new network called small-eyes"):
        library.restore(token)
    assert library.get("small-eyes") == other


@pytest.mark.parametrize("token", ["", "..", "../networks", "0" * 16, "x" * 16])
def test_token_of_nothing_brings_nothing_back(token: str):
    with pytest.raises(ArchitectureError, match="gone for good"):
        library.restore(token)


def test_renamed_network_keeps_its_layers_and_leaves_its_old_name():
    new = library.rename(library.save(SMALL), "Big eyes")
    assert (new, library.get(new).layers) == ("big-eyes", SMALL.layers)
    assert list(library.own()) == ["big-eyes"]
    assert library.rename(new, "Big Eyes") == "big-eyes"
    assert library.get("big-eyes").title == "Big Eyes"


def test_rename_to_a_taken_name_changes_nothing():
    library.save(SMALL)
    library.save(Definition("Other", (8, 8, 3), 2))
    with pytest.raises(ArchitectureError, match="already a network called Other"):
        library.rename("small-eyes", "Other")
    assert set(library.own()) == {"small-eyes", "other"}


def test_free_title_counts_on_and_equal_content_is_found():
    name = library.save(SMALL)
    assert library.free_title("Small eyes") == "Small eyes 2"
    assert library.free_title("lenet5") == "lenet5 2"
    assert library.find(Definition("Whatever", (16, 16, 1), 4, SMALL.layers)) == name
    assert library.find(Definition("Small eyes", (16, 16, 1), 5, SMALL.layers)) is None


@pytest.mark.parametrize(("title", "name"), [("Große Augen", "groe-augen"), ("眼睛", "network-e79cbce79d9b")])
def test_titles_of_any_script_get_a_name_that_every_disk_can_hold(title: str, name: str):
    assert library.save(Definition(title, (8, 8, 3), 2)) == name
    assert architectures.get(name).title == title


DAMAGED = {
    "empty": b"",
    "torn": b'{"title": "Torn", "layers": [',
    "binary": bytes(range(256)),
    "deep": b"[" * 50_000,
    "large": b" " * 200_000,
    "unknown kind": json.dumps(SMALL.to_dict() | {"layers": [{"kind": "Lambda", "name": "x"}]}).encode(),
    "unknown base": json.dumps(SMALL.to_dict() | {"base": "nothing"}).encode(),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_damaged_file_is_not_listed_and_says_so_when_asked_for(content: bytes, home: Path):
    library.save(SMALL)
    (home / "networks" / "odd.json").write_bytes(content)
    assert architectures.names()[-1] == "small-eyes" and "odd" not in architectures.names()
    with pytest.raises(ArchitectureError) as error:
        architectures.get("odd")
    message = str(error.value)
    assert "odd" in message or "nothing" in message
    assert message.endswith(".") and "\n" not in message and len(message) < 500


def test_files_that_are_no_networks_are_left_out(home: Path):
    library.save(SMALL)
    for name in ("README.txt", "Evil Name.json", "..json", "lenet5.json"):
        (home / "networks" / name).write_text(json.dumps(SMALL.to_dict()))
    assert architectures.names() == (*architectures.built_in(), "small-eyes")


@pytest.mark.parametrize("name", ["../runs", "a/b", "", ".", "a" * 5000, "nul\0", "☃", "Small-Eyes"])
def test_hostile_name_is_refused_before_the_disk_is_asked(name: str):
    library.save(SMALL)
    with pytest.raises(ArchitectureError, match="There is no architecture"):
        architectures.get(name)
