"""The views that explain an answer: each is there when asked for, and nothing is computed before."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageOps
from streamlit.testing.v1 import AppTest

from cnnlab import images, runs
from cnnlab.preprocessing import Preprocessing
from cnnlab.ui.classify.explain.cover import SIZE, asked, covered_by
from cnnlab.ui.classify.explain.heat import first_two
from cnnlab.ui.classify.explain.maps import cell_of
from cnnlab.ui.classify.explain.steps import scaling, steps
from cnnlab.ui.classify.explain.view import VIEWS
from tests.pages.conftest import give_weights, say

OpenPage = Callable[..., AppTest]


@pytest.fixture
def trained(run: runs.Run) -> runs.Run:
    say(run, "finished", epoch=20, best_epoch=20, best_val_accuracy=0.5)
    give_weights(run)
    return run


def test_nothing_is_explained_before_somebody_asks(open_page: OpenPage, trained: runs.Run):
    app = open_page("classify", run=trained.id)
    assert app.pills(key="explain_view").value is None
    assert not app.slider


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_each_view_explains_a_sample(open_page: OpenPage, trained: runs.Run, view: str):
    app = open_page("classify", run=trained.id, state={"explain_view": view})
    assert not app.exception
    assert not app.error


def test_a_run_that_is_compared_has_its_heat_map_where_it_has_a_convolution(
    open_page: OpenPage, trained: runs.Run
):
    import keras

    def captions() -> str:
        state = {"explain_view": "compare"}
        app = open_page("classify", run=trained.id, state=state)
        assert not app.exception and not app.error
        return " ".join(caption.value for caption in app.caption)

    assert "Grad-CAM of" not in captions()
    image = keras.Input((8, 8, 1), name="image")
    x = keras.layers.Conv2D(3, 3, activation="relu", name="edges")(image)
    x = keras.layers.Dense(10, activation="softmax", name="output")(keras.layers.Flatten(name="flatten")(x))
    keras.Model(image, x).save(trained.checkpoint("best"))
    assert "Grad-CAM of edges" in captions()


def test_a_change_moves_the_answer_beside_its_curve(open_page: OpenPage, trained: runs.Run):
    app = open_page("classify", run=trained.id, state={"explain_view": "change"})
    before = [text.value for text in app.markdown if text.value.startswith("**")]
    key = f"explain-{trained.id}-rotation"
    app = app.slider(key=key).set_value(120.0).run()
    after = [text.value for text in app.markdown if text.value.startswith("**")]
    assert not app.exception
    assert before != after


def test_of_several_images_one_is_chosen(open_page: OpenPage, trained: runs.Run):
    app = open_page("classify", run=trained.id, state={"explain_view": "steps"})
    app = app.segmented_control(key="classify_source").set_value("Upload").run()
    shapes = {"wide.png": (9, 30), "tall.png": (40, 11)}
    files = [
        (name, images.encode_png(np.full((*shape, 3), 90, np.uint8)), "image/png")
        for name, shape in shapes.items()
    ]
    app = app.file_uploader[0].set_value(files).run()
    app = app.selectbox(key="explain_image").set_value(1).run()
    assert any("11 × 40" in caption.value for caption in app.caption)
    assert not app.exception


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "text",
        {"covered": None},
        {"covered": {"row": "0.1", "column": None, "size": [], "number": -1}},
        {"covered": {"row": float("nan"), "column": 1e9, "size": -4, "number": True}},
    ],
)
def test_a_place_that_cannot_be_is_the_middle(sent: object):
    assert asked(sent) == {"number": 0, "row": 0.5, "column": 0.5, "size": SIZE}


def test_the_square_covers_what_it_says_and_is_cut_at_the_edge():
    image = np.tile(np.array([[[0], [200]]], np.uint8), (10, 10, 1))  # its mean is 100
    kept = image.copy()
    covered = covered_by(image, {"row": 0.5, "column": 0.5, "size": 0.2})
    assert np.argwhere(covered[..., 0] == 100).min(0).tolist() == [4, 8]
    assert np.argwhere(covered[..., 0] == 100).max(0).tolist() == [5, 11]
    corner = covered_by(image, {"row": 0.0, "column": 1.0, "size": 0.2})
    assert (corner[0, -2:] == 100).all()
    assert (corner == 100).sum() == 2
    assert np.array_equal(image, kept)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_steps_of_a_file_begin_as_it_is_stored_and_are_turned_by_its_exif(orientation: int):
    stored = np.random.default_rng(1).integers(0, 256, (30, 50, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.fromarray(stored).save(file, "PNG", exif=exif)
    data, seen_as = file.getvalue(), Preprocessing(16, 16, 1)
    upright = images.decode(data)
    found = steps(seen_as, upright, seen_as.image(upright), images.orientation(data))
    assert np.array_equal(found[0].image, stored)
    names = [step.name for step in found]
    assert names == ["Decoded", *["Turned by EXIF"] * (orientation > 1), "Grayscale", "Resized"]
    if orientation > 1:
        by_pillow = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        assert np.array_equal(found[1].image, np.asarray(by_pillow))


def test_at_first_the_two_classes_are_the_predicted_one_and_that_of_the_label():
    probabilities = np.array([0.1, 0.6, 0.25, 0.05])
    assert first_two(tuple("abcd"), probabilities) == [1, 2]
    assert first_two(tuple("abcd"), probabilities, "d") == [1, 3]  # a mistake
    assert first_two(tuple("abcd"), probabilities, "b") == [1, 2]  # a hit: the second most probable beside it
    assert first_two(tuple("abcd"), probabilities, "no class of this run") == [1, 2]
    assert first_two(("a",), np.array([1.0]), "a") == [0]


@pytest.mark.parametrize(
    ("told", "cell"),
    [
        ([1, 2], (1, 2)),
        ([0, 0], (0, 0)),
        *(
            (odd, None)
            for odd in (None, [], [3, 0], [0, 4], [-1, 0], [0.5, 1], ["0", 1], "ab", {}, 7, [1, 2, 0])
        ),
    ],
)
def test_a_cell_that_is_not_there_cannot_be_chosen(told: object, cell: tuple[int, int] | None):
    assert cell_of(told, 3, 4) == cell


def test_the_steps_end_with_the_network_input():
    photo = np.random.default_rng(1).integers(0, 256, (60, 100, 3), np.uint8)
    for seen_as in (
        Preprocessing(28, 28, 1, resize_mode="crop"),
        Preprocessing(28, 28, 3, resample="bilinear"),
        Preprocessing(60, 100, 3),
    ):
        seen = seen_as.image(photo)
        found = steps(seen_as, photo, seen)
        assert np.array_equal(found[0].image, photo)
        assert np.array_equal(found[-1].image, seen)
        inverted = steps(seen_as, photo, 255 - seen)
        assert np.array_equal(inverted[-1].image, 255 - seen)


def test_the_range_of_the_scaled_numbers_is_the_true_one():
    seen = np.array([[[0], [255]]], np.uint8)
    said = scaling(Preprocessing(1, 2, 1, mean=(127.5,), std=(127.5,)), seen)
    assert "from -1 to 1" in said
