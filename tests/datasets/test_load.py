"""Loading: built-in datasets, folders and ZIPs, and the sentences for what cannot be loaded."""

import subprocess
import sys

import numpy as np
import pytest

from cnnlab import datasets, images
from cnnlab.datasets import ImageSet, LoadOptions, Samples
from cnnlab.datasets.registry import BUILT_IN
from cnnlab.errors import DatasetError
from cnnlab.preprocessing import Preprocessing

from .conftest import png, zipped

TWO_CLASSES = [f"{name}/{person}__{i}.png" for name in "ab" for person in ("x", "y") for i in range(5)]


def test_digits_are_the_scans_scaled_to_bytes():
    from sklearn.datasets import load_digits

    splits = datasets.load("digits")
    number = int(splits.validation.names[0].removeprefix("digit "))
    assert splits.train.images.shape == (1438, 8, 8, 1)
    assert splits.train.images.dtype == np.uint8
    assert len(splits.train) + len(splits.validation) == datasets.get("digits").images
    assert np.allclose(
        splits.validation.images[0, ..., 0] / 255, load_digits().images[number] / 16, atol=1 / 255
    )
    assert splits.validation.labels[0] == load_digits().target[number]


def test_importing_datasets_loads_nothing_heavy():
    heavy = {"tensorflow", "keras", "sklearn", "streamlit"}
    code = f"import sys, cnnlab.datasets; print({heavy} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_dataset_states_its_facts(name):
    info = datasets.get(name)
    assert all((info.title, info.summary, info.source, info.licence, info.lesson, info.images))
    assert len(set(info.classes)) == len(info.classes) >= 2


@pytest.mark.parametrize("name", [name for name in BUILT_IN if not datasets.get(name).download_mb])
def test_an_offline_dataset_is_what_its_facts_say(name):
    info, splits = datasets.get(name), datasets.load(name, LoadOptions(max_per_class=5))
    assert splits.classes == info.classes
    assert len(splits.train) + len(splits.validation) == 5 * len(info.classes)
    assert splits.train.images.shape[1:] == info.native_shape


def test_a_folder_and_its_zip_give_the_same_images(write):
    files = {path: png(index) for index, path in enumerate(TWO_CLASSES)}
    folder = write(files)
    archive = folder.with_suffix(".zip")
    archive.write_bytes(zipped(files).getvalue())
    options = LoadOptions(image_size=8, channels=1)
    from_folder, from_zip = datasets.load(folder, options), datasets.load(str(archive), options)
    assert from_folder.train.names == from_zip.train.names
    assert np.array_equal(from_folder.train.images, from_zip.train.images)
    assert from_folder.validation.images.shape == (4, 8, 8, 1)


def test_the_label_belongs_to_the_image(write):
    splits = datasets.load(write(TWO_CLASSES))
    for part in (splits.train, splits.validation):
        for pixels, label, name in zip(part.images, part.labels, part.names, strict=True):
            assert name == TWO_CLASSES[pixels[0, 0, 0]]
            assert splits.classes[label] == name[0]


@pytest.mark.parametrize(
    "options", [LoadOptions(20, 1), LoadOptions(9, 3, resize_mode="crop", resample="bilinear")]
)
def test_loading_prepares_an_image_exactly_as_classifying_does(write, options):
    noise = np.random.default_rng(0).integers(0, 256, (40, 30, 3), np.uint8)
    folder = write(dict.fromkeys(["a/1.png", "a/2.png", "b/1.png", "b/2.png"], images.encode_png(noise)))
    size = options.image_size
    expected = Preprocessing(
        size, size, options.channels, resample=options.resample, resize_mode=options.resize_mode
    ).image(noise)
    assert np.array_equal(datasets.load(folder, options).train.images[0], expected)


def test_unreadable_images_are_left_out_and_named(write):
    files = {path: png() for path in TWO_CLASSES} | {"a/broken.jpg": b"no picture", "a/empty.png": b""}
    splits = datasets.load(write(files))
    assert len(splits.train) + len(splits.validation) == 20
    assert [item.name for item in splits.skipped] == ["a/broken.jpg", "a/empty.png"]
    assert "a/empty.png is empty" in splits.skipped[1].reason


def test_a_test_folder_is_left_alone_unless_it_is_asked_for(write):
    folder = write(
        [f"{part}/{name}/{i}.png" for part in ("train", "test") for name in "ab" for i in range(5)]
    )
    left_alone, given = datasets.load(folder), datasets.load(folder, LoadOptions(split_by="given"))
    assert [len(left_alone.train), len(left_alone.validation), len(left_alone.test)] == [8, 2, 10]
    assert [len(given.train), len(given.validation), given.test] == [10, 10, None]


def test_max_per_class_draws_the_same_few_each_time(write):
    options = LoadOptions(max_per_class=4, seed=3)
    first, again = datasets.load(write(TWO_CLASSES), options), datasets.load(write(TWO_CLASSES), options)
    assert len(first.train) + len(first.validation) == 8
    assert first.train.names == again.train.names


def test_progress_runs_from_nothing_to_all(write):
    fractions = []
    datasets.load(write(TWO_CLASSES), progress=lambda fraction, doing: fractions.append(fraction))
    assert fractions[0] == 0
    assert fractions == sorted(fractions)
    assert 0.9 < fractions[-1] <= 1


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"readme.txt": b"hello"}, "holds no images"),
        ({"a/1.png": png(), "a/2.png": png()}, "only the class a"),
        ({"a/1.png": png(), "b/1.png": png()}, "Class a has 1 usable"),
        ({"a/1.png": b"x", "b/1.png": b"x"}, "no image that can be read"),
        ({"a/1.png": png(), "b/1.png": png(size=(3, 3))}, "choose an image size"),
    ],
)
def test_a_folder_that_is_no_dataset_says_why_in_one_sentence(write, files, reason):
    with pytest.raises(DatasetError, match=reason) as refusal:
        datasets.load(write(files))
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("name", ["nothing", "/no/such/folder", "", "."])
def test_an_unknown_name_lists_what_exists(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match=r"choose one of .*digits|holds no images"):
        datasets.get(name)


@pytest.fixture
def registry():
    """Forget what a test registers."""
    before = dict(BUILT_IN)
    yield
    BUILT_IN.clear()
    BUILT_IN.update(before)


@pytest.mark.usefixtures("registry")
def test_a_new_dataset_is_one_decorated_function():
    @datasets.register(
        title="Stripes",
        source="this test",
        licence="none",
        lesson="Lines.",
        classes=("across", "down"),
        images=8,
        native_shape=(4, 4, 1),
    )
    def stripes(options, progress):
        """Lines across and down."""
        across = np.zeros((4, 4, 1), np.uint8)
        across[::2] = 255
        pixels = np.stack([across, across.transpose(1, 0, 2)] * 4)
        return Samples(ImageSet.numbered(pixels, [0, 1] * 4, "stripes"))

    splits = datasets.load("stripes", LoadOptions(image_size=8, channels=3))
    assert "stripes" in datasets.names()
    assert datasets.get("stripes").summary == "Lines across and down."
    assert splits.train.images.shape == (6, 8, 8, 3)


@pytest.mark.real_data
def test_real_photos_of_hands_load_by_person(real_data):
    options = LoadOptions(image_size=32, split_by="group")
    splits = datasets.load(real_data / "gestures", options)
    people = [
        {name.split("/")[1].split("__")[0] for name in part.names}
        for part in (splits.train, splits.validation)
    ]
    assert splits.classes == ("paper", "rock", "scissors")
    assert len(splits.train) + len(splits.validation) == 1950
    assert not people[0] & people[1]
    assert len(people[0] | people[1]) == 8


@pytest.mark.real_data
def test_real_cats_and_dogs_load_in_gray_from_a_flat_folder(real_data):
    splits = datasets.load(
        real_data / "cats_and_dogs", LoadOptions(image_size=64, channels=1, max_per_class=100)
    )
    assert splits.classes == ("cat", "dog")
    assert splits.train.images.shape == (160, 64, 64, 1)
    assert [name[:3] for name in splits.train.names] == [
        splits.classes[label] for label in splits.train.labels
    ]


def test_one_image_and_the_sizes_of_some_are_found_by_their_names_without_loading_the_rest(write):
    folder = write({f"{name}/{i}.png": png(i, (10 + i, 20)) for name in "ab" for i in range(3)})
    assert datasets.original(folder, "b/2.png").shape == (12, 20, 3)
    assert datasets.original(folder, "b/9.png") is None
    assert datasets.original("digits", "digit 3") is None
    assert datasets.image_sides(folder, ["a/1.png"]) == {"a/1.png": (11, 20)}
    assert datasets.ways_to_split(folder) == ("random",)


def test_a_dataset_of_arrays_has_no_files_that_could_say_how_to_split_it():
    with pytest.raises(DatasetError, match="no image files"):
        datasets.ways_to_split("digits")
