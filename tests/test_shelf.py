"""The shelf: names from titles, files whole or not at all, a trash that gives back, one at a time."""

import json
import os
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pytest

from cnnlab import datasets, workspace
from cnnlab.architectures.own import library
from cnnlab.architectures.own.definition import Definition
from cnnlab.datasets.own import collection
from cnnlab.errors import ArchitectureError, ConfigError, DatasetError
from cnnlab.runs.creation import new_id
from cnnlab.settings import RunConfig
from cnnlab.shelf import Shelf, replacing, safe, slug, write_json
from cnnlab.training import own_recipes

FILES, FOLDERS = Shelf("networks", ".json"), Shelf("datasets", in_trash="{token}/whole/{name}")
BY_NAME = Shelf("runs", in_trash="{name}")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Two blocks", "two-blocks"),
        ("  ÄÖ (2) & more_words ", "ao-2-more-words"),
        ("眼睛", "network-e79cbce79d9b"),
        ("a" * 39 + " bc", "a" * 39),
        ("§§", ""),
        ("../..", ""),
    ],
)
def test_a_title_becomes_a_name_of_small_letters_digits_and_hyphens(title: str, name: str):
    assert slug(title, noun="network") == name
    assert slug(unicodedata.normalize("NFD", title), noun="network") == name


@pytest.mark.parametrize("text", ["Jörg: 1/2", "C:\\evil", "a/../b", "手 勢", "ﬁ_le"])
def test_a_safe_name_is_one_name_on_any_disk_however_its_letters_are_composed(text: str):
    name = safe(text)
    assert name and not set(name) & set('/\\:*?"<>| .')
    assert safe(unicodedata.normalize("NFD", text)) == safe(unicodedata.normalize("NFC", text)) == name


def test_people_meet_one_name_whichever_way_their_computer_composes_its_letters():
    composed, decomposed = (unicodedata.normalize(form, "Größe für Ää") for form in ("NFC", "NFD"))
    assert composed != decomposed
    assert collection.create(decomposed, ["a", "b"]).title == composed
    with pytest.raises(DatasetError, match="already a dataset"):
        collection.create(composed, ["a", "b"])
    name = library.save(Definition(decomposed, (8, 8, 1), 2))
    assert library.get(name).title == composed
    with pytest.raises(ArchitectureError, match="already a network"):
        library.save(Definition(composed, (8, 8, 1), 2))
    config = RunConfig("lenet5", "digits")
    assert own_recipes.save(decomposed, config).title == composed
    with pytest.raises(ConfigError, match="already"):
        own_recipes.save(composed, config)
    assert new_id(RunConfig("lenet5", decomposed)).startswith("lenet5-groe-fur-aa-")


def test_a_dataset_is_found_by_its_name_in_either_form(tmp_path: Path):
    name = collection.create("Hände", ["a", "b"]).name
    for class_name in "ab":
        data = [_png(value) for value in (10, 200)]
        assert len(collection.add_images(name, class_name, data).paths) == 2
    assert datasets.get(unicodedata.normalize("NFD", name)).title == "Hände"


def _png(value: int) -> bytes:
    import cv2
    import numpy as np

    return cv2.imencode(".png", np.full((8, 8, 3), value, np.uint8))[1].tobytes()


def test_a_file_is_replaced_whole_or_stays_as_it_was(tmp_path: Path):
    path = tmp_path / "facts.json"
    write_json(path, {"number": float("nan")})
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_json(path, {"number": object()})
    with pytest.raises(KeyboardInterrupt), replacing(path) as aside:
        aside.write_text("half a fi")
        raise KeyboardInterrupt
    assert json.loads(before) == {"number": None}
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])


def test_asking_makes_no_folder(home: Path):
    for shelf in (FILES, FOLDERS, BY_NAME):
        assert (shelf.names(), shelf.trashed(), shelf.place("0" * 16)) == ([], [], None)
        shelf.purge()
        assert not shelf.path("anything").exists()
    assert not home.exists()


def _put(shelf: Shelf, name: str) -> None:
    if shelf.ending:
        shelf.write(name, {"name": name})
    else:
        (shelf.folder() / name).mkdir()
        (shelf.folder() / name / "file").write_text(name)


@pytest.mark.parametrize("shelf", [FILES, FOLDERS, BY_NAME], ids=lambda shelf: shelf.title)
def test_what_is_discarded_comes_back_once_and_never_over_something_new(shelf: Shelf):
    for name in ("first-one", "second-one"):
        _put(shelf, name)
    token = shelf.discard("first-one")
    assert shelf.names() == ["second-one"]
    [kept] = shelf.trashed()
    assert (kept.token, kept.place) == (token, shelf.place(token))
    assert 0 < kept.seconds_left <= workspace.KEPT_SECONDS
    _put(shelf, "first-one")
    with pytest.raises(FileExistsError) as taken:
        shelf.restore(token)
    assert taken.value.filename == "first-one" and shelf.place(token)
    shelf.path("first-one").rename(shelf.path("third-one"))
    assert shelf.restore(token) == "first-one"
    assert shelf.names() == ["first-one", "second-one", "third-one"]
    with pytest.raises(FileNotFoundError):
        shelf.restore(token)
    with pytest.raises(FileNotFoundError):
        shelf.discard("never-there")


@pytest.mark.parametrize("shelf", [FILES, FOLDERS, BY_NAME], ids=lambda shelf: shelf.title)
def test_a_day_begins_when_something_is_deleted_and_then_it_is_gone(shelf: Shelf, monkeypatch):
    _put(shelf, "old-thing")
    os.utime(shelf.path("old-thing"), (1.0, 1.0))
    token = shelf.discard("old-thing")
    assert len(shelf.trashed()) == 1
    tomorrow = time.time() + workspace.KEPT_SECONDS + 60
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    assert shelf.trashed() == []
    with pytest.raises(FileNotFoundError):
        shelf.restore(token)


@pytest.mark.parametrize("token", ["", "..", "../datasets", "a/b", "0" * 16, "x" * 500, "nul\0nul\0nul"])
def test_a_token_that_nobody_was_given_leads_nowhere(token: str):
    _put(FOLDERS, "mine")
    assert FOLDERS.place(token) is None
    with pytest.raises(FileNotFoundError):
        FOLDERS.restore(token)
    assert FOLDERS.names() == ["mine"]


def test_hidden_files_and_those_of_other_kinds_are_no_things(home: Path):
    _put(FILES, "mine")
    for odd in (".mine.json.1-2.tmp", ".mine.json", "readme.txt"):
        (home / "networks" / odd).write_text("{}")
    (home / "networks" / "folder.json").mkdir()
    assert FILES.names() == ["mine"]


def _all_at_once(code: str, count: int) -> list[str]:
    """Run code in several processes; each says ``ready``, waits for a line, and then goes on."""
    begin = "import sys; print('ready', flush=True); sys.stdin.readline()\n"
    before, _, after = code.partition("BEGIN\n")
    started = [
        subprocess.Popen(
            [sys.executable, "-c", f"number = {number}\n{before}{begin}{after}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    for process in started:
        assert process.stdout and process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate()[0].strip() for process in started]


def test_of_many_processes_that_take_one_name_one_gets_it(home: Path):
    code = (
        "from cnnlab.shelf import Shelf\nBEGIN\n"
        "try:\n    Shelf('networks', '.json').write('ours', number); print('mine')\n"
        "except FileExistsError:\n    print('taken')\n"
    )
    said = _all_at_once(code, 4)
    assert sorted(said) == ["mine", "taken", "taken", "taken"]
    assert json.loads(FILES.path("ours").read_text()) == said.index("mine")
    assert [path.name for path in (home / "networks").iterdir()] == ["ours.json"]


def test_what_processes_write_down_of_one_dataset_at_once_is_all_there():
    name = collection.create("Ours", ["a", "b"]).name
    code = (
        "from cnnlab.datasets.own.folder import dataset_folder\nBEGIN\n"
        "for turn in range(10):\n"
        f"    dataset_folder({name!r}).call("
        "{f'folder-{number}-{turn}': f'Class {number} {turn}'})\n"
    )
    _all_at_once(code, 3)
    names = json.loads((FOLDERS.path(name) / "dataset.json").read_text())["names"]
    assert len(names) == 2 + 30
