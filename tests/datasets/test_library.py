"""Datasets that people bring: safe, all or nothing, and theirs to delete."""

import contextlib
import io
import os
import stat
import struct
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from cnnlab import datasets, images, workspace
from cnnlab.datasets import LoadOptions
from cnnlab.datasets.files import sources
from cnnlab.datasets.own import collection, library
from cnnlab.errors import DatasetError

from .conftest import png, zipped

HANDS = {
    f"{name}/{person}__{i}.png": png(i) for name in ("rock", "paper") for person in "ab" for i in range(3)
}


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_zip_becomes_a_dataset_that_can_be_loaded_and_deleted():
    info = datasets.import_zip("My hands", zipped(HANDS))
    assert (info.name, info.title, info.kind, info.images) == ("my-hands", "My hands", "folder", 12)
    assert info.native_shape == (12, 16, 3)
    assert datasets.get("my-hands") == info == datasets.catalogue()[-1]
    assert len(datasets.load("my-hands").train) == 10
    token = datasets.remove("my-hands")
    assert "my-hands" not in datasets.names()
    assert datasets.restore(token) == "my-hands"
    assert datasets.get("my-hands").images == 12


def test_the_group_survives_the_import():
    in_folders = {path.replace("__", "/"): data for path, data in HANDS.items()}
    for title, files in (("names", HANDS), ("folders", in_folders)):
        datasets.import_zip(title, zipped(files))
        splits = datasets.load(title, LoadOptions(split_by="group", validation_fraction=0.5))
        assert {name.split("/")[1][:3] for name in splits.train.names} in ({"a__"}, {"b__"})


def test_a_test_folder_survives_the_import():
    files = {f"{part}/{path}": data for part in ("train", "test") for path, data in HANDS.items()}
    datasets.import_zip("parts", zipped(files))
    assert len(datasets.load("parts").test) == 12


def test_uploaded_files_of_equal_names_are_both_kept():
    files = [
        ("cat.1.png", png(1)),
        ("cat.1.png", png(2)),
        ("dog.1.png", png(3)),
        ("dog.2.png", png(4)),
    ]
    assert datasets.import_files("pets", files).images == 4


def test_nothing_that_people_sent_is_used_as_a_path(tmp_path):
    files = [(f"C:\\{name};rm -rf/<b>{i}.png", png(i)) for name in ("a b", "ü") for i in range(2)]
    datasets.import_files("../../evil <script>", files)
    written = [path for path in files_in(tmp_path) if path != "home/datasets.lock"]
    assert len(written) == 5
    assert all(path.startswith("home/datasets/evil-script/") and ".." not in path for path in written)


def test_class_names_that_look_alike_on_disk_stay_apart():
    files = [(f"{name}/{i}.png", png(i)) for name in ("a?", "a!") for i in range(2)]
    assert len(datasets.import_files("marks", files).classes) == 2


def test_unreadable_images_are_left_out_and_remembered():
    datasets.import_zip(
        "hands", zipped(HANDS | {"rock/torn.jpg": b"\xff\xd8\xff", "rock/notes.txt": b"hello"})
    )
    assert datasets.get("hands").images == 12
    assert [item.name for item in datasets.get("hands").skipped] == ["rock/torn.jpg"]


def linked() -> io.BytesIO:
    buffer = zipped(HANDS)
    link = zipfile.ZipInfo("rock/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    buffer.seek(0)
    return buffer


def locked() -> io.BytesIO:
    data = bytearray(zipped(HANDS).getvalue())
    entry = data.index(b"PK\x01\x02")
    struct.pack_into("<H", data, entry + 8, 1)  # the flag that says: encrypted
    return io.BytesIO(data)


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (io.BytesIO(b""), "not a whole ZIP"),
        (io.BytesIO(b"PK\x03\x04 and so on"), "not a whole ZIP"),
        (io.BytesIO(zipped(HANDS).getvalue()[:-100]), "not a whole ZIP"),
        (zipped(HANDS | {"../x.png": png()}), r"unsafe path '\.\./x\.png'"),
        (zipped(HANDS | {"/x.png": png()}), "unsafe path '/x.png'"),
        (zipped(HANDS | {"..\\x.png": png()}), "unsafe path"),
        (zipped(HANDS | {"C:/x.png": png()}), "unsafe path"),
        (linked(), "link 'rock/link.png'"),
        (locked(), "encrypted"),
        (zipped({path: data for path, data in HANDS.items() if "rock" in path}), "only the class rock"),
        (zipped({"readme.txt": b"hello"}), "holds no images"),
        (zipped(HANDS | {"lizard/1.png": png()}), "Class lizard has 1 usable"),
        (zipped(HANDS | {"lizard/1.png": b"", "lizard/2.png": b"x"}), "Class lizard has 0 usable"),
    ],
)
def test_a_bad_zip_is_refused_in_one_sentence_and_leaves_nothing(archive, reason):
    with pytest.raises(DatasetError, match=reason) as refusal:
        datasets.import_zip("hands", archive)
    assert str(refusal.value).endswith(".")
    assert files_in(workspace.datasets_dir()) == []


def test_a_zip_that_lies_about_its_sizes_is_stopped_while_reading(monkeypatch):
    monkeypatch.setattr(sources, "MAX_TOTAL_BYTES", 500)
    with pytest.raises(DatasetError, match="unpacks to more than"):
        datasets.import_zip("bomb", zipped(HANDS))


def test_a_member_that_unpacks_to_too_much_is_skipped():
    datasets.import_zip("hands", zipped(HANDS | {"rock/huge.png": bytes(images.MAX_BYTES + 1)}))
    assert f"larger than {images.MAX_BYTES // 10**6} MB" in datasets.get("hands").skipped[0].reason


def test_too_many_files_are_refused(monkeypatch):
    monkeypatch.setattr(sources, "MAX_FILES", 5)
    with pytest.raises(DatasetError, match="more than 5 files"):
        datasets.import_zip("hands", zipped(HANDS))


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("", "at least one letter"),
        ("../..", "at least one letter"),
        ("digits", "already a dataset"),
        ("Hands!", "already a dataset"),
    ],
)
def test_a_name_that_cannot_be_is_refused(title, reason):
    datasets.import_zip("hands", zipped(HANDS))
    with pytest.raises(DatasetError, match=reason):
        datasets.import_zip(title, zipped(HANDS))
    assert datasets.get("hands").images == 12


@pytest.mark.parametrize("name", ["digits", "nothing", "..", "../home", ""])
def test_only_an_own_dataset_can_be_deleted(name):
    datasets.import_zip("hands", zipped(HANDS))
    with pytest.raises(DatasetError, match="not one of your own"):
        datasets.remove(name)
    assert datasets.get("hands").images == 12


def test_a_folder_put_there_by_hand_is_in_the_catalogue():
    for path, data in HANDS.items():
        target = workspace.datasets_dir() / "by hand" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    (workspace.datasets_dir() / "empty").mkdir()
    assert [info.name for info in datasets.catalogue() if info.kind == "folder"] == ["by hand"]
    assert len(datasets.load("by hand").validation) == 2


def test_a_class_of_thirty_uploads_at_once_and_nothing_is_mixed_or_lost():
    def upload(pupil: int) -> str:
        shade = {path: png(pupil) for path in HANDS}
        try:
            return datasets.import_zip(f"table {pupil // 2}", zipped(shade)).name
        except DatasetError as error:
            assert "already a dataset" in str(error)
            return "refused"

    with ThreadPoolExecutor(30) as pool:
        results = list(pool.map(upload, range(30)))
    assert sorted(results) == sorted(["refused"] * 15 + [f"table-{number}" for number in range(15)])
    for number in range(15):
        splits = datasets.load(f"table-{number}")
        assert len(splits.train) + len(splits.validation) == len(HANDS)
        reds = np.unique(splits.train.images[..., 0])
        assert len(reds) == 1
        assert reds[0] // 2 == number


def test_an_import_that_was_killed_leaves_nothing_after_the_next_start():
    code = (
        "import os\n"
        "from cnnlab import datasets, images\n"
        "from cnnlab.datasets.own import library\n"
        "library._refuse_small_classes = lambda *_: os._exit(9)\n"
        "import numpy as np\n"
        "png = images.encode_png(np.zeros((4, 4, 3), np.uint8))\n"
        "datasets.import_files('hands', [(f'{n}/{i}.png', png) for n in 'ab' for i in range(3)])"
    )
    assert subprocess.run([sys.executable, "-c", code], env=os.environ).returncode == 9
    assert len(files_in(workspace.datasets_dir())) == 6
    assert datasets.catalogue()[-1].kind == "built-in"
    workspace.tidy()
    assert list(workspace.datasets_dir().iterdir()) == []


def test_an_import_that_overtakes_another_of_the_same_title_is_the_only_one(monkeypatch):
    every = library.every

    def every_before_the_other_came():
        found = every()
        monkeypatch.setattr(library, "every", every)
        datasets.import_zip("table 1", zipped(HANDS))
        return found

    monkeypatch.setattr(library, "every", every_before_the_other_came)
    with pytest.raises(DatasetError, match="already a dataset"):
        datasets.import_zip("Table 1", zipped(HANDS))
    assert [info.name for info in datasets.catalogue() if info.kind == "folder"] == ["table-1"]


@pytest.fixture
def looked_through(monkeypatch) -> list[str]:
    """List the folders that are looked through file by file."""
    names, survey = [], library.survey

    def counting(source, *arguments):
        names.append(source.title)
        return survey(source, *arguments)

    monkeypatch.setattr(library, "survey", counting)
    return names


def settle(folder: Path) -> None:
    """Let every folder look as if its files came a minute ago."""
    for path in (folder, *(inner for inner in folder.rglob("*") if inner.is_dir())):
        facts = path.stat()
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns - 60 * 10**9))


def test_a_list_of_datasets_looks_through_what_has_changed_and_nothing_else(looked_through):
    for title in ("one", "two"):
        datasets.import_zip(title, zipped(HANDS))
        settle(workspace.datasets_dir() / title)
    datasets.catalogue()
    looked_through.clear()
    first = datasets.catalogue()
    assert looked_through == []
    (workspace.datasets_dir() / "two" / "rock" / "new.png").write_bytes(png())
    assert [info.images for info in datasets.catalogue()[-2:]] == [12, 13]
    assert set(looked_through) == {"two"}
    assert first[-2] == datasets.get("one")


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: next((folder / "rock").iterdir()).unlink(),
        lambda folder: (folder / "rock").rename(folder / "stone"),
        lambda folder: datasets.rename("hands", "Other"),
        lambda folder: (folder / "rock" / "deep").mkdir(),
    ],
    ids=["deleted", "class renamed", "title", "folder"],
)
def test_whatever_comes_or_goes_is_seen_at_once(change):
    datasets.import_zip("hands", zipped(HANDS))
    folder = workspace.datasets_dir() / "hands"
    settle(folder)
    datasets.get("hands")
    change(folder)
    known = datasets.get("hands")
    library._known.clear()
    assert known == datasets.get("hands")


@pytest.mark.parametrize(
    "facts",
    [
        b"[]",
        b"{",
        b"[" * 100_000,
        b'{"added": null, "title": 5, "skipped": 5, "native_shape": "x", "names": [], "parts": []}',
        b'{"added": "x", "skipped": [1, ["a"], {}], "left_out": [[1, 2, 3], 4], "names": {"rock": null}}',
        b'{"added": 1e999, "native_shape": [1, 2], "parts": {"train": ["x"]}, "source": {}}',
        b'{"added": 1, "native_shape": [1, "a", 2], "parts": {"nowhere": "train", "x": "test"}}',
    ],
    ids=range(7),
)
def test_odd_facts_in_one_dataset_hide_no_other(facts):
    for title in ("odd", "other"):
        datasets.import_zip(title, zipped(HANDS))
    (workspace.datasets_dir() / "odd" / "dataset.json").write_bytes(facts)
    assert "other" in datasets.names()
    datasets.names()
    for look in (datasets.get, collection.get, datasets.check):
        with contextlib.suppress(DatasetError):
            look("odd")
    datasets.remove("odd")


def test_a_dataset_that_was_gone_for_a_while_is_seen_again():
    datasets.import_zip("hands", zipped(HANDS))
    settle(workspace.datasets_dir() / "hands")
    datasets.catalogue()
    token = datasets.remove("hands")
    assert "hands" not in datasets.names()
    datasets.restore(token)
    assert datasets.get("hands").images == 12


def test_two_changes_within_one_tick_of_a_coarse_clock_are_both_seen(monkeypatch):
    datasets.import_zip("hands", zipped(HANDS))
    folder = workspace.datasets_dir() / "hands" / "rock"
    for number in range(3):
        (folder / f"{number}.png").write_bytes(png())
        os.utime(folder, ns=(10**18, time.time_ns() // 10**9 * 10**9))  # a clock of whole seconds
        assert datasets.get("hands").images == 13 + number
