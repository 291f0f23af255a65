"""Decoded images on disk: never stale, never half, bounded in size, and as good as memory for training."""

import os
import subprocess
import sys
import zipfile
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from cnnlab import datasets, images, workspace
from cnnlab.datasets import LoadOptions, Samples, cache, imageset
from cnnlab.datasets.cache import Origin, gather
from cnnlab.datasets.files import loading
from cnnlab.datasets.large import part
from cnnlab.errors import DatasetError
from tests.conftest import REPOSITORY

from .conftest import png

FILES = [f"{name}/{i}.png" for name in ("paper", "rock") for i in range(10)]
OPTIONS = LoadOptions(image_size=8)


@pytest.fixture
def decoded(monkeypatch) -> list[str]:
    """Keep all images, however few; list the names of those that are decoded."""
    monkeypatch.setattr(cache, "WORTH_KEEPING", 1)
    names, decode = [], images.decode

    def counting(data, name, *white):
        names.append(name)
        return decode(data, name, *white)

    monkeypatch.setattr(loading.images, "decode", counting)
    return names


def kept() -> list[Path]:
    return [path for path in workspace.cache_dir().iterdir() if not path.name.startswith(".")]


def same(one, other) -> bool:
    return one.names == other.names and np.array_equal(one.images, other.images)


def test_the_second_load_decodes_nothing_and_gives_the_same(write, decoded):
    folder = write({path: png(number) for number, path in enumerate(FILES)} | {"rock/torn.png": b"x"})
    first = datasets.load(folder, OPTIONS)
    assert len(decoded) == 21
    again = datasets.load(folder, OPTIONS)
    assert len(decoded) == 21
    assert same(first.train, again.train) and same(first.validation, again.validation)
    assert [item.name for item in again.skipped] == ["rock/torn.png"]
    other_split = datasets.load(folder, LoadOptions(image_size=8, seed=1, validation_fraction=0.5))
    assert len(decoded) == 21
    assert len(other_split.validation) == 10


@pytest.mark.parametrize(
    "options",
    [LoadOptions(9), LoadOptions(8, 1), LoadOptions(8, resize_mode="crop"), LoadOptions(8, max_per_class=5)],
)
def test_other_options_have_other_pixels(write, decoded, options):
    folder = write(FILES)
    datasets.load(folder, OPTIONS)
    before = len(decoded)
    datasets.load(folder, options)
    assert len(decoded) > before


def replaced(folder: Path) -> None:
    """Put another image of the same size in a file's place, its time a nanosecond later."""
    target = folder / FILES[5]
    before = target.stat()
    target.write_bytes(png(7))
    assert target.stat().st_size == before.st_size
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns + 1))


def swapped(folder: Path) -> None:
    one, other = folder / FILES[0], folder / FILES[-1]
    spare = folder / "spare"
    one.rename(spare)
    other.rename(one)
    spare.rename(other)
    os.utime(one)


@pytest.mark.parametrize(
    "change",
    [
        replaced,
        swapped,
        lambda folder: (folder / FILES[0]).unlink(),
        lambda folder: (folder / "rock" / "new.png").write_bytes(png(99)),
        lambda folder: (folder / FILES[0]).rename(folder / "rock" / "moved.png"),
    ],
    ids=["replaced", "swapped", "deleted", "added", "moved"],
)
def test_a_changed_folder_never_reads_stale_images(write, decoded, change):
    folder = write(FILES)
    datasets.load(folder, OPTIONS)
    change(folder)
    splits = datasets.load(folder, OPTIONS)
    seen = {
        name: pixels[0, 0, 0]
        for side in (splits.train, splits.validation)
        for name, pixels in zip(side.names, side.images, strict=True)
    }
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.png")}
    assert seen == {name: images.read(path)[0, 0, 0] for name, path in there.items()}


def test_a_zip_that_is_made_again_is_read_again(tmp_path, decoded):
    def made(shade: int) -> Path:
        with zipfile.ZipFile(tmp_path / "hands.zip", "w") as archive:
            for path in FILES:
                archive.writestr(path, png(shade))
        return tmp_path / "hands.zip"

    assert datasets.load(made(1), OPTIONS).train.images[0, 0, 0, 0] == 1
    assert datasets.load(made(2), OPTIONS).train.images[0, 0, 0, 0] == 2


def test_of_a_folder_that_changed_the_old_images_are_not_kept(write, decoded):
    folder = write(FILES)
    for size in (8, 9):
        datasets.load(folder, LoadOptions(size))
    assert len(kept()) == 2
    (folder / FILES[0]).unlink()
    datasets.load(folder, OPTIONS)
    assert len(kept()) == 1


def test_a_deleted_dataset_leaves_no_images_behind(decoded):
    datasets.import_files("hands", [(path, png(number)) for number, path in enumerate(FILES)])
    datasets.load("hands", OPTIONS)
    assert len(kept()) == 1
    datasets.remove("hands")
    assert kept() == []


def test_few_images_are_not_worth_a_file(write):
    datasets.load(write(FILES), OPTIONS)
    assert kept() == []


def test_too_many_for_the_memory_are_read_by_index_from_the_disk(write, monkeypatch):
    in_memory = datasets.load(write(FILES), OPTIONS)
    monkeypatch.setattr(imageset, "MOST_BYTES", 3 * 8 * 8 * 3)  # three images
    on_disk = datasets.load(write(FILES), OPTIONS)
    assert same(in_memory.train, on_disk.train) and same(in_memory.validation, on_disk.validation)
    for side in (on_disk.train, on_disk.validation):
        assert isinstance(side.images, np.memmap)
        assert not side.images.flags.writeable
    few = on_disk.train.subset(np.array([5, 0]))
    assert not isinstance(few.images, np.memmap)
    assert np.array_equal(few.images, in_memory.train.images[[5, 0]])


def test_a_folder_may_change_or_go_while_it_is_read_by_index(write, monkeypatch):
    monkeypatch.setattr(imageset, "MOST_BYTES", 1)
    splits = datasets.load(write(FILES), OPTIONS)
    before = np.array(splits.train.images)
    for folder in kept():
        cache.shutil.rmtree(folder)
    assert np.array_equal(splits.train.images, before)


Disk = namedtuple("Disk", "total used free")


def test_a_disk_without_room_is_one_sentence_where_memory_is_too_small_too(write, monkeypatch):
    monkeypatch.setattr(cache, "WORTH_KEEPING", 1)
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda _: Disk(0, 0, cache.SPARE_BYTES))
    assert len(datasets.load(write(FILES), OPTIONS).train) == 16  # in memory, then
    monkeypatch.setattr(imageset, "MOST_BYTES", 1)
    with pytest.raises(DatasetError, match=r"20 images of 8 × 8 pixels need .*disk.*smaller"):
        datasets.load(write(FILES), OPTIONS)
    assert list(workspace.cache_dir().iterdir()) == []


def test_a_disk_that_fills_up_on_the_way_leaves_nothing_half(write, decoded, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "_kept", full)
    assert len(datasets.load(write(FILES), OPTIONS).train) == 16
    assert list(workspace.cache_dir().iterdir()) == []


def test_the_longest_unused_goes_when_the_cache_is_full(monkeypatch):
    monkeypatch.setattr(cache, "WORTH_KEEPING", 1)
    monkeypatch.setattr(cache, "MOST_BYTES", 3000)

    def put(name: str) -> bool:
        """Say whether the images had to be made."""
        asked = []

        def results():
            asked.append(name)
            yield from np.zeros((10, 10, 10, 1), np.uint8)

        gather(results, 10, Origin(name, name))
        for age, known in enumerate(("c", "b", "a")):
            if Origin(known, known).folder.exists():
                os.utime(Origin(known, known).folder, (1000 - age, 1000 - age))
        return bool(asked)

    assert put("a") and put("b")
    assert not put("a")
    assert put("c")  # "a" is now the oldest by its time
    assert put("a")
    assert sum(file.stat().st_size for folder in kept() for file in folder.iterdir()) <= 3200


def test_a_damaged_file_is_made_again(write, decoded):
    folder = write(FILES)
    datasets.load(folder, OPTIONS)
    (kept()[0] / "pixels.bin").write_bytes(b"short")
    assert len(datasets.load(folder, OPTIONS).train) == 16
    assert len(decoded) == 40


def test_what_a_deleted_dataset_left_is_forgotten(write, decoded):
    folder = write(FILES)
    datasets.load(folder, OPTIONS)
    datasets.load(folder, LoadOptions(9))
    cache.forget(str(folder.parent / "other"))
    assert len(kept()) == 2
    cache.forget(str(folder))
    assert kept() == []


def test_a_part_of_images_in_memory_stays_in_memory():
    whole = imageset.ImageSet.numbered(np.arange(8, dtype=np.uint8).reshape(8, 1, 1, 1), np.zeros(8), "p")
    assert part(whole, np.array([3, 1])).images.ravel().tolist() == [3, 1]


def test_drawn_gestures_are_drawn_once(monkeypatch):
    monkeypatch.setattr(cache, "WORTH_KEEPING", 1)
    options = LoadOptions(image_size=16, max_per_class=4)
    first = datasets.load("gestures_drawn", options)
    from cnnlab.datasets.builtin import gestures_drawn

    monkeypatch.setattr(gestures_drawn, "photograph", None)
    assert same(first.train, datasets.load("gestures_drawn", options).train)


def test_gray_photos_stay_bytes():
    """2,400 gray images of 224 × 224 pixels: 120 MB, not the 963 MB of 64-bit numbers."""
    photos = 2400 * 224 * 224
    splits = datasets.load("digits", LoadOptions(image_size=224, channels=1, max_per_class=24))
    assert splits.train.images.itemsize == 1
    assert (splits.train.images.nbytes + splits.validation.images.nbytes) * 10 == photos
    assert round(photos / 1e6) == 120


MEASURED = """
import resource, sys
import numpy as np
from cnnlab import datasets
from cnnlab.datasets import LoadOptions, imageset
imageset.MOST_BYTES = 2**20
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
datasets.load(sys.argv[1], LoadOptions(image_size=16))
before = peak()
splits = datasets.load(sys.argv[1], LoadOptions(image_size=384))
assert isinstance(splits.train.images, np.memmap)
print(peak() - before, (splits.train.images.nbytes + splits.validation.images.nbytes) / 2**20)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of the peak memory differs")
def test_memory_stays_small_however_many_images_there_are(write):
    folder = write([f"{name}/{i}.png" for name in "ab" for i in range(128)])
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(folder)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    grown, pixels = map(float, done.stdout.split())
    assert pixels > 100
    assert grown < pixels / 2


def test_samples_of_a_built_in_dataset_may_lie_on_disk(monkeypatch):
    monkeypatch.setattr(imageset, "MOST_BYTES", 100_000)
    splits = datasets.load("digits", LoadOptions(image_size=32))
    assert isinstance(splits.train.images, np.memmap)
    assert isinstance(Samples(splits.train), Samples)
    assert np.array_equal(
        images.resize(datasets.load("digits").train.images[3], (32, 32)), splits.train.images[3]
    )
