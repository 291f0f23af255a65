"""A report names what is wrong with a dataset, file by file, and what is left can be used."""

import numpy as np
import pytest

from cnnlab import datasets, images
from cnnlab.datasets.imageset import LoadOptions
from cnnlab.datasets.report import report


def photo(seed: int, side: int = 48) -> bytes:
    """Return an image of large patches, unlike that of any other seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 6, 3), np.uint8)
    return images.encode_png(images.resize(coarse, (side, side)))


SOUND = {
    f"{name}/{i}.png": photo(1000 * k + i) for k, name in enumerate(("paper", "rock")) for i in range(25)
}


def checked(folder) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {finding.kind: (finding.sentence, finding.names) for finding in datasets.check(folder).findings}


def test_a_sound_dataset_has_no_findings(write):
    found = datasets.check(write(SOUND))
    assert (found.usable, found.classes, found.findings) == (50, {"paper": 25, "rock": 25}, ())


def test_unreadable_files_are_named_with_the_reason(write):
    sentence, names = checked(write(SOUND | {"rock/torn.jpg": b"\xff\xd8\xff", "rock/none.png": b""}))[
        "unreadable"
    ]
    assert sentence == "2 images are unreadable, skipped."
    assert names == (
        f"rock/none.png is empty; choose a {images.FORMATS} image.",
        "rock/torn.jpg is damaged or incomplete; save or copy it again.",
    )


def test_tiny_classes_and_imbalance_are_named_with_their_counts(write):
    found = checked(write(SOUND | {f"well/{i}.png": photo(5000 + i) for i in range(5)}))
    assert found["few"] == ("1 class has fewer than 20 images: hardly enough to learn from.", ("well: 5",))
    assert found["uneven"] == (
        "paper has 5.0 times as many images as well: a network that always says paper is right in 45 % of "
        "all cases.",  # 25 of 55
        ("paper: 25", "rock: 25", "well: 5"),
    )


def test_images_much_smaller_than_the_training_size_are_named_with_their_size(write):
    folder = write(SOUND | {"rock/tiny.png": photo(7000, 20)})
    assert checked(folder)["small"][1] == ("rock/tiny.png: 20 × 20",)
    splits = datasets.load(folder, LoadOptions(image_size=48))
    sizes = {"rock/tiny.png": (20, 20), "rock/1.png": (48, 48)}
    kinds = {
        size: [f.kind for f in report(splits, sizes=sizes, image_size=size).findings] for size in (40, 41, 42)
    }
    assert kinds == {40: [], 41: [], 42: ["small"]}


def test_the_same_image_twice_is_named_and_in_two_classes_it_is_a_wrong_label(write):
    found = checked(write(SOUND | {"rock/copy.png": SOUND["rock/3.png"], "rock/x.png": SOUND["paper/4.png"]}))
    assert found["twice"][1] == ("rock/3.png = rock/copy.png",)
    assert found["two-classes"] == (
        "1 image is in two classes at once: one of the labels is wrong.",
        ("paper/4.png (paper) = rock/x.png (rock)",),
    )


def test_near_duplicates_across_the_split_are_named(write):
    films = {
        f"{name}/{i}.jpg": images.encode_jpeg(images.decode(photo(100 * k + i // 5)), 95 - i % 5)
        for k, name in enumerate(("paper", "rock"))
        for i in range(25)
    }
    sentence, names = checked(write(films))["twins"]
    assert sentence.startswith("10 of 10 validation images have a near-duplicate")
    assert all(" ~ " in name for name in names)


@pytest.mark.real_data
def test_real_photos_hold_no_image_twice(real_data):
    assert "two-classes" not in checked(real_data / "gestures")
