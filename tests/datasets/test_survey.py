"""What a folder or ZIP holds: nothing is left out without a word, and classes keep their names."""

import io
import os
import sys

import numpy as np
import pytest

from cnnlab import datasets, images, workspace
from cnnlab.datasets import LoadOptions
from cnnlab.datasets.own import collection
from cnnlab.errors import DatasetError
from tests.test_archives import unmarked

from .conftest import png, zipped

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
TWO = {f"{name}/{i}.png": png(i) for name in ("rock", "paper") for i in range(3)}


def left_out(info) -> dict[str, str]:
    return {item.kind: item.sentence for item in info.left_out}


def test_photos_that_no_decoder_reads_are_counted_by_kind_with_what_to_do(write):
    folder = write(TWO | {f"rock/IMG_{i}.HEIC": HEIC for i in range(6)} | {"paper/scan.pdf": b"%PDF-1.7 x"})
    sentences = {finding.sentence: len(finding.names) for finding in datasets.check(folder).findings}
    assert (
        sentences.pop(next(s for s in sentences if s.startswith("6 HEIC photos") and "Compatible" in s)) == 6
    )
    assert any(s.startswith("1 PDF cannot be read and is skipped") for s in sentences)


@pytest.mark.parametrize("name", ["IMG_1.heic", "IMG_1.jpg", "IMG_1"])
def test_the_content_decides_what_a_file_is_not_its_name(write, name):
    findings = datasets.check(write(TWO | {f"rock/{name}": HEIC})).findings
    assert [f.sentence[:12] for f in findings if f.kind == "unread"] == ["1 HEIC photo"]


def test_images_without_an_ending_or_with_another_are_found():
    files = {
        f"{name}/{i}{ending}": png(i)
        for name, ending in (("rock", ""), ("paper", ".dat"))
        for i in "123456789"
    }
    files = {path: png(number) for number, path in enumerate(files)}
    info = datasets.import_zip("hands", zipped(files | {"paper/readme": b"Some words."}))
    assert (info.classes, info.images) == (("paper", "rock"), 18)
    assert not info.left_out


def test_a_class_without_one_image_that_can_be_read_is_not_just_gone(write):
    folder = write(TWO | {f"cat/{i}.heic": HEIC for i in range(4)})
    for use in (datasets.load, datasets.check):
        with pytest.raises(DatasetError, match=r"Class cat has no image that can be read\. 4 HEIC photos"):
            use(folder)
    with pytest.raises(DatasetError, match="Class cat"):
        datasets.import_files(
            "hands", [(str(p.relative_to(folder)), p.read_bytes()) for p in folder.rglob("*.*")]
        )


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"train.zip": zipped(TWO).getvalue(), "test.zip": zipped(TWO).getvalue()}, "2 ZIP archives"),
        ({"images.h5": b"\x89HDF\r\n\x1a\n" + bytes(50)}, "1 HDF5 file"),
        ({"x.npy": b"\x93NUMPY" + bytes(50), "y.npy": b"\x93NUMPY" + bytes(50)}, "2 NumPy arrays"),
        ({"clip/a.mp4": b"\0\0\0\x18ftypisom" + bytes(50)}, "1 video"),
        ({"cnnlab-run.json": b"{}", "config.json": b"{}"}, "page Runs"),
        ({"readme.txt": b"words"}, "a folder for each class"),
        ({"a/1.heic": HEIC, "b/1.heic": HEIC}, "2 HEIC photos"),
    ],
)
def test_a_zip_without_images_says_what_it_holds_and_what_to_do(files, named):
    with pytest.raises(DatasetError, match=named) as refusal:
        datasets.import_zip("hands", zipped(files))
    assert str(refusal.value).endswith(".")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_folder_of_links_says_so(write, tmp_path):
    write(TWO)
    links = tmp_path / "links"
    links.mkdir()
    for name in ("rock", "paper"):
        (links / name).symlink_to(tmp_path / "hands" / name)
    with pytest.raises(DatasetError, match=r"only links to folders .*rock"):
        datasets.get(links)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_what_is_no_file_is_not_waited_for(write):
    folder = write(TWO)
    os.mkfifo(folder / "rock" / "pipe.png")
    os.mkfifo(folder / "rock" / "pipe")
    assert [item.name for item in datasets.load(folder, LoadOptions(image_size=8)).skipped] == [
        "rock/pipe.png"
    ]


NAMES = [
    "a b",
    "a  b",
    "x" * 150 + "1",
    "x" * 150 + "2",
    "C++",
    "C#",
    "C",
    "_",
    "my class",
    "😀",
    "石头",
    "con",
    "a/b".replace("/", ":"),
    "Kätzchen",
]


@pytest.mark.parametrize("bring", ["zip", "files"])
def test_a_class_keeps_the_name_its_owner_gave_it(bring):
    files = {f"{name}/{i}.png": png(10 * k + i) for k, name in enumerate(NAMES) for i in range(2)}
    if bring == "zip":
        info = datasets.import_zip("odd", zipped({f"top/{path}": data for path, data in files.items()}))
    else:
        info = datasets.import_files("odd", list(files.items()))
    assert set(info.classes) == set(NAMES)
    splits = datasets.load("odd", LoadOptions(validation_fraction=0.5))
    for pixels, label in zip(splits.train.images, splits.train.labels, strict=True):
        assert NAMES[pixels[0, 0, 0] // 10] == splits.classes[label]
    folders = [path.name for path in (workspace.datasets_dir() / "odd").iterdir() if path.is_dir()]
    assert len({name.casefold() for name in folders}) == len(NAMES)
    assert all(name.replace("-", "").replace("_", "").isalnum() or name == "_" for name in folders)


def test_names_survive_collecting_extending_exporting_and_importing():
    name = collection.create("odd", ["C++", "C#"]).name
    for number, class_name in enumerate(("C++", "C#")):
        collection.add_images(name, class_name, [png(number), png(number + 5)], "anna")
    assert collection.add_class(name, "😀") == "😀"
    datasets.extend(name, zipped({f"{c}/{i}.png": png(i) for c in ("😀", "c#", "new!") for i in range(2)}))
    assert {one.name: len(one.images) for one in collection.get(name).classes} == {
        "C#": 4,
        "C++": 2,
        "new!": 2,
        "😀": 2,
    }
    assert collection.rename_class(name, "new!", "C") == "C"
    exported = io.BytesIO()
    datasets.export_zip(name, exported)
    datasets.remove(name)
    exported.seek(0)
    assert datasets.import_zip("again", exported).classes == ("C", "C#", "C++", "😀")


def test_a_mac_and_a_pc_write_one_class():
    files = {f"Ka\u0308tzchen/{i}.png": png(i) for i in range(2)}
    files |= {f"K\u00e4tzchen/{i}b.png": png(i) for i in range(2)} | {f"b/{i}.png": png(i) for i in "12"}
    files = {path: png(number) for number, path in enumerate(files)}
    assert datasets.import_zip("mac", zipped(files)).classes == ("K\u00e4tzchen", "b")


def test_a_zip_of_a_chinese_windows_is_imported_by_its_names():
    paths = [f"{name}/{i}.png" for name in ("石头", "剪刀") for i in range(2)]
    data = unmarked(paths, "gbk")
    assert datasets.preview(io.BytesIO(data)).classes == ("剪刀", "石头")


def test_a_dataset_in_parts_stays_in_parts_and_roles_can_be_corrected():
    files = {f"{part}/{c}/{i}.png": 0 for part in ("one", "two", "three") for c in "ab" for i in range(3)}
    files = {path: png(number) for number, path in enumerate(files)}
    roles = {"one": "train", "two": "validation", "three": "test"}
    assert datasets.preview(list(files.items())).classes == ("one", "three", "two")
    assert datasets.preview(zipped(files), roles).classes == ("a", "b")
    info = datasets.import_zip("parts", zipped(files), roles=roles)
    assert {part.folder: part.images for part in info.parts} == {"train": 6, "validation": 6, "test": 6}
    for split_by in ("random", "given"):
        splits = datasets.load("parts", LoadOptions(split_by=split_by))
        reds = [sorted(part.images[:, 0, 0, 0]) for part in (splits.train, splits.validation, splits.test)]
        assert reds == [list(range(6)), list(range(6, 12)), list(range(12, 18))]
    exported = io.BytesIO()
    datasets.export_zip("parts", exported)
    exported.seek(0)
    again = datasets.import_zip("again", exported)
    assert {part.role: part.images for part in again.parts} == {"train": 6, "validation": 6, "test": 6}


def test_classes_called_train_and_test_stay_classes_in_the_library():
    name = collection.create("odd", ["train", "test"]).name
    for class_name in ("train", "test"):
        collection.add_images(name, class_name, [png(1), png(2)], "anna")
    assert datasets.get(name).classes == ("test", "train")
    assert [one.name for one in collection.get(name).classes] == ["test", "train"]


def test_what_was_left_out_is_still_said_after_the_import():
    files = {f"train/{path}": data for path, data in TWO.items()} | {"test/well/1.png": png(9)}
    files |= {"test/rock/1.png": png(8), "train/rock/a.heic": HEIC}
    info = datasets.import_zip("hands", zipped(files))
    assert left_out(info).keys() == {"other-class", "unread"}
    kinds = [finding.kind for finding in datasets.check("hands").findings]
    assert {"other-class", "unread", "untested"} <= set(
        kinds
    )  # and of paper there is nothing in the test part


def test_notes_in_a_zip_that_are_no_notes_do_no_harm():
    for notes in (
        b"[" * 100_000,
        b"{}",
        b'{"added": 1, "parts": 3, "names": [1]}',
        b'{"added": 1, "names": {"rock": 5}}',
    ):
        found = datasets.preview(zipped(TWO | {"dataset.json": notes}))
        assert found.images == 6 and len(found.classes) == 2


def test_deep_images_are_scaled_as_one(write):
    def deep(level: int) -> bytes:
        return images.encode_png(np.full((8, 8, 1), level, np.uint16))

    folder = write(
        {f"{name}/{i}.png": deep(level) for name, level in (("dim", 500), ("lit", 4000)) for i in range(3)}
    )
    splits = datasets.load(folder)
    levels = {
        splits.classes[label]: int(image.max())
        for image, label in zip(splits.train.images, splits.train.labels, strict=True)
    }
    assert splits.white == 4095
    assert levels == {"dim": 31, "lit": 250}  # 500 / 4095 and 4000 / 4095 of 255, and up
