"""The Concepts page without a browser: each concept opens with its words, image, kernels and scene."""

import base64
import json
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import images, runs
from cnnlab.runs import snapshots
from cnnlab.runs.snapshots import Snapshot
from cnnlab.ui.concepts import kernels, scene_images
from cnnlab.ui.concepts.catalogue import BY_NAME, CONCEPTS
from cnnlab.ui.concepts.patterns import PATTERNS
from cnnlab.ui.own_component import FRONTEND
from tests.pages.test_words import shown_texts
from tests.words import avoidable

OpenPage = Callable[..., AppTest]
every_concept = pytest.mark.parametrize("name", BY_NAME)


def scene(app: AppTest) -> dict:
    """Return what the scene of the page begins with."""
    found = [part.proto for part in app.get("bidi_component")]
    [proto] = [proto for proto in found if proto.component_name.endswith("cnnlab.concepts")]
    return json.loads(proto.json)


def pixels(sent: dict) -> np.ndarray:
    shape = sent["height"], sent["width"], sent["channels"]
    return np.frombuffer(base64.b64decode(sent["pixels"]), np.uint8).reshape(shape)


@every_concept
def test_a_concept_opens_with_its_scene_in_the_words_of_the_field(open_page: OpenPage, name: str):
    app = open_page("concepts", concept=name)
    assert not app.exception and not app.error
    concept, data = BY_NAME[name], scene(app)
    assert data["scene"] == name and (FRONTEND / "concepts" / f"{name}.js").is_file()
    assert app.selectbox[0].value == name
    assert concept.idea in {part.value for part in app.markdown}
    if concept.image:
        assert max(pixels(data["image"]).shape[:2]) <= concept.side
    unseen = (data["image"] or {}).get("id", "")
    texts = [text.replace(f'"{unseen}"', "") for text in shown_texts(app)]
    assert not (found := avoidable(texts)), "\n".join(found)


def test_what_a_browser_shows_still_is_no_choice_in_the_next_scene(open_page: OpenPage):
    app = open_page("concepts", concept="convolution", image="edge")
    before = {box.proto.id for box in app.selectbox}
    app.button(key="concept_Next").click().run()
    assert app.query_params["concept"] != ["convolution"]
    assert before.isdisjoint(box.proto.id for box in app.selectbox)


def test_names_are_addresses_and_the_catalogue_has_each_once():
    assert len(BY_NAME) == len(CONCEPTS)
    assert all(name.replace("-", "").isalnum() and name == name.lower() for name in BY_NAME)


def test_a_name_that_no_concept_has_is_answered_with_those_there_are(open_page: OpenPage):
    app = open_page("concepts", concept="<b>no</b>")
    assert not app.exception
    assert "convolution" in app.error[0].value
    assert scene(app)["scene"] == CONCEPTS[0].name


def test_back_and_next_keep_the_image_and_what_is_hidden_but_not_the_state_of_the_scene(open_page: OpenPage):
    app = open_page("concepts", concept="convolution", image="edge", hide="bias", step="7")
    app.button(key="concept_Next").click().run()
    assert not app.exception
    assert app.query_params["concept"] == "size"
    assert app.query_params["image"] == "edge" and app.query_params["hide"] == "bias"
    assert "step" not in app.query_params


def test_what_a_lesson_hides_is_not_there(open_page: OpenPage):
    app = open_page("concepts", concept="convolution", hide="notes,concepts,image,bias")
    assert scene(app)["hide"] == ["notes", "concepts", "image", "bias"]
    assert not app.get("latex") and not app.selectbox


@pytest.mark.parametrize("image", ["edge", "digits-3", "nothing-1", "digits-999", "/etc-1", "own", ""])
def test_the_image_of_the_address_is_shown_or_the_usual_one(open_page: OpenPage, image: str):
    data = scene(open_page("concepts", concept="convolution", image=image))
    expected = image if image in ("edge", "digits-3") else "digits-3"
    assert data["image"]["id"] == expected
    if image == "edge":
        assert (pixels(data["image"]) == PATTERNS["edge"][1]).all()


def test_a_large_image_is_sent_in_the_size_that_the_scene_takes():
    large = np.random.default_rng(0).integers(0, 256, (300, 200, 3), np.uint8)
    sent = scene_images.SceneImage("own", "", large).as_plain(32)
    assert pixels(sent).shape == (32, 21, 3)


def test_kernels_of_a_run_come_from_its_newest_snapshot_summed_over_colours(
    open_page: OpenPage, run: runs.Run
):
    noise = np.random.default_rng(0)
    for epoch in (1, 2):
        filters = noise.normal(size=(6, 5, 5, 3)).astype(np.float16)
        snapshots.write(run, Snapshot(epoch, 10 * epoch, (), filter_layer="conv1", filters=filters))
    data = scene(open_page("concepts", concept="convolution", run=run.id))
    assert [kernel["size"] for kernel in data["kernels"]] == [5] * 6
    values = np.array([kernel["values"] for kernel in data["kernels"]]).reshape(6, 5, 5)
    np.testing.assert_allclose(values, filters.astype(float).sum(-1), atol=1e-4)


def test_a_run_without_kernels_offers_none(run: runs.Run):
    assert kernels.as_plain(run) == []


@pytest.mark.parametrize(
    ("arch", "layer", "concept", "numbers"),
    [
        ("alexnet_2012", "conv1", "size", ("n=227", "k=11", "s=4", "d=1", "padding=valid")),
        ("lenet5", "output", "softmax", ()),
        ("lenet5", "conv1", "activations", ("activation=sigmoid",)),
        ("baseline", "output", "softmax", ()),
        ("baseline", "drop1", "dropout", ("part=maps", "rate=0.2")),
    ],
)
def test_a_layer_on_architecture_leads_to_its_concepts_with_its_numbers(
    open_page: OpenPage, arch: str, layer: str, concept: str, numbers: tuple[str, ...]
):
    app = open_page("architecture", arch=arch, layer=layer)
    assert not app.exception
    links = [part.proto.query_string for part in app.get("page_link")]
    [found] = [query for query in links if f"concept={concept}" in query.split("&")]
    assert set(numbers) <= set(found.split("&"))


@pytest.mark.parametrize(
    ("concept", "layers"),
    [
        ("pooling", ("arch=lenet5&", "layer=pool1", "arch=resnet18")),  # its global pooling
        ("softmax", ("arch=lenet5&", "layer=output", "arch=resnet18")),
        ("activations", ("arch=lenet5&", "layer=conv1")),  # sigmoids within the convolutions
    ],
)
def test_a_concept_leads_to_the_networks_it_occurs_in(
    open_page: OpenPage, concept: str, layers: tuple[str, ...]
):
    app = open_page("concepts", {f"concept_networks_{concept}": True}, concept=concept)
    assert not app.exception
    found = " ".join(part.proto.query_string for part in app.get("page_link"))
    assert all(part in found for part in layers)


@pytest.fixture
def with_upload(open_page: OpenPage) -> AppTest:
    """Open the convolution with the fold of images open, at the upload."""
    return open_page(
        "concepts",
        {"concept_image": True, "concept_image_source": scene_images.UPLOAD},
        concept="convolution",
    )


def test_an_upload_becomes_the_image_of_all_concepts_and_is_kept_small(with_upload: AppTest):
    large = np.zeros((600, 400, 3), np.uint8)
    large[:300] = 200
    file = ("wall.png", images.encode_png(large), "image/png")
    app = with_upload.file_uploader[0].set_value([file]).run()
    assert not app.exception and not app.error
    sent = scene(app)["image"]
    assert sent["id"] == "own" and app.query_params["image"] == "own"
    assert pixels(sent).shape == (32, 21, 3) and pixels(sent)[0, 0, 0] == 200 and pixels(sent)[-1, 0, 0] == 0
    assert max(app.session_state[scene_images._KEPT].shape) <= scene_images.LARGEST
    app.button(key="concept_Next").click().run()
    app.button(key="concept_Next").click().run()
    assert scene(app)["scene"] == "channels" and scene(app)["image"]["id"] == "own"


def test_an_upload_that_is_no_image_is_refused_in_a_sentence_and_the_scene_stays(with_upload: AppTest):
    app = with_upload.file_uploader[0].set_value([("wall.png", b"no image", "image/png")]).run()
    assert not app.exception
    assert len(app.error) == 1
    assert scene(app)["image"]["id"] == "digits-3"


def test_a_strip_is_made_wide_enough_for_a_kernel():
    strip = np.full((1000, 3, 1), 7, np.uint8)
    shape = pixels(scene_images.SceneImage("own", "", strip).as_plain(32)).shape
    assert shape == (32, scene_images.SMALLEST, 1)
