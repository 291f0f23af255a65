"""An image of the matrix, opened: why the network answered so, at any epoch; and its label corrected."""

import json
from collections.abc import Callable

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import datasets, images, runs
from cnnlab.datasets.own import collection, corrections
from cnnlab.inference import Classifier, Evaluation, evaluation
from cnnlab.preprocessing import Preprocessing
from cnnlab.runs import snapshots
from cnnlab.settings import RunConfig
from cnnlab.training.trained_on import begin_or_go_on
from cnnlab.ui.runs import confusion, image_sheet
from cnnlab.ui.runs.evaluation import evaluation_of
from cnnlab.ui.runs.looked_at import LookedAt
from tests.pages.conftest import say

OpenPage = Callable[..., AppTest]
SIDE, CLASSES = 8, ("paper", "rock", "scissors")


def network(seed: int = 0) -> keras.Model:
    keras.utils.set_random_seed(seed)
    x = image = keras.Input((SIDE, SIDE, 3), name="image")
    x = keras.layers.Conv2D(4, 3, activation="relu", name="conv")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, keras.layers.Dense(3, activation="softmax", name="output")(x))


@pytest.fixture
def trained(home) -> runs.Run:
    """A run on a collection of three people: three classes, its evaluation, and the weights of epoch 1."""
    draw = np.random.default_rng(0)
    hands = collection.create("Hands", CLASSES).name
    for person in ("anna", "ben", "cleo"):
        for name in CLASSES:
            pixels = draw.integers(0, 256, (5, SIDE, SIDE, 3), np.uint8)
            collection.add_images(hands, name, list(map(images.encode_png, pixels)), person)
    run = runs.create(RunConfig("lenet5", hands, image_size=SIDE, split_by="random", validation_fraction=0.4))
    options = run.config.load_options()
    splits = begin_or_go_on(run, datasets.load(hands, options), lambda: datasets.load(hands, options))
    model, seen_as = network(), Preprocessing(SIDE, SIDE, 3)
    facts = {
        "classes": splits.classes,
        "input_shape": seen_as.input_shape,
        "preprocessing": seen_as.to_dict(),
    }
    (run.folder / "model.json").write_text(json.dumps(facts))
    for which in ("best", "last"):
        model.save(run.folder / "checkpoints" / f"{which}.keras")
    part = splits.validation
    found = evaluation.evaluate(
        Classifier(model, splits.classes, seen_as), part.images, part.labels, part.names
    )
    (run.folder / "evaluation.json").write_text(json.dumps(found.to_dict()))
    snapshots.write_weights(run, 1, weights_of(network(seed=1)))
    say(run, "finished", epoch=2, epochs=2, best_epoch=2, best_val_accuracy=found.accuracy)
    return run


def weights_of(model: keras.Model) -> dict[str, np.ndarray]:
    return {
        f"{number}-{place}": variable.numpy()
        for number, layer in enumerate(model.layers)
        for place, variable in enumerate(layer.weights)
    }


def errors(found: Evaluation) -> list[int]:
    return confusion.of_cell(found, None, None)


def opened(
    open_page: OpenPage, run: runs.Run, monkeypatch: pytest.MonkeyPatch, number: int, **query
) -> AppTest:
    """Open the matrix and click an image; without a browser each run of the page is one of the whole page."""
    monkeypatch.setattr(image_sheet, "image_wall", lambda *_, **__: str(number))
    return open_page("train", {f"run-tab-{run.id}": "Confusion"}, run=run.id, **query)


def captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def test_a_mistake_opens_with_the_heat_maps_of_both_classes(open_page: OpenPage, trained, monkeypatch):
    found = evaluation_of(trained)
    number = errors(found)[0]
    said = found.predictions[number]
    app = opened(open_page, trained, monkeypatch, number)
    assert not app.exception and not app.error
    heats = [caption for caption in captions(app) if caption.startswith("Grad-CAM for")]
    assert len(heats) == 2
    assert f"**{said.predicted}**" in heats[0] and "predicted" in heats[0]
    assert f"**{said.label}**" in heats[1] and "the label" in heats[1]
    assert (
        f"{100 * said.probability:.1f} %" in heats[0] and f"{100 * said.label_probability:.1f} %" in heats[1]
    )


def test_the_network_of_another_epoch_answers_in_the_opened_image_and_in_the_matrix(
    open_page: OpenPage, trained, monkeypatch
):
    found = evaluation_of(trained)
    number = errors(found)[0]
    app = opened(open_page, trained, monkeypatch, number)
    before = [caption for caption in captions(app) if caption.startswith("Grad-CAM for")]
    app = app.select_slider(key=f"opened-network-{trained.id}").set_value(1).run()
    assert not app.exception

    app = open_page("train", {f"run-tab-{trained.id}": "Confusion"}, run=trained.id, epoch="1")
    assert not app.exception and app.select_slider(key=f"network-{trained.id}").value == 1
    part = datasets.load(trained.config.dataset, trained.config.load_options()).validation
    by_hand = np.asarray(network(seed=1)(part.images.astype(np.float32) / 255))
    right = (by_hand.argmax(1) == part.labels).mean()
    assert any(caption.startswith(f"Epoch 1: {100 * right:.1f} %") for caption in captions(app))
    assert before


def test_play_begins_with_the_first_epoch_and_pause_stays(open_page: OpenPage, trained):
    app = open_page("train", {f"run-tab-{trained.id}": "Confusion"}, run=trained.id)
    app = app.button(key=f"network-{trained.id}-toggle").click().run()
    assert not app.exception and app.select_slider(key=f"network-{trained.id}").value == 1
    assert app.button(key=f"network-{trained.id}-toggle").label == "Pause"
    app = app.button(key=f"network-{trained.id}-toggle").click().run()
    assert not app.exception and app.select_slider(key=f"network-{trained.id}").value == 1
    assert app.button(key=f"network-{trained.id}-toggle").label == "Play"


def test_an_epoch_without_weights_shows_the_best_and_says_so(open_page: OpenPage, trained):
    from tests.pages.test_inside import snapshot

    snapshots.write(trained, snapshot(5, 0))
    app = open_page("train", {f"run-tab-{trained.id}": "Confusion"}, run=trained.id, epoch="5")
    assert not app.exception and app.select_slider(key=f"network-{trained.id}").value == "best"
    assert any("Epoch 5 kept no weights" in caption for caption in captions(app))


def test_classify_asks_the_network_of_the_epoch_in_the_address(open_page: OpenPage, trained, monkeypatch):
    asked = []
    from cnnlab.ui import asking

    once = asking.TimedModel.__call__
    monkeypatch.setattr(
        asking.TimedModel,
        "__call__",
        lambda self, batch, training=False: asked.append(self.weights) or once(self, batch),
    )
    app = open_page("classify", run=trained.id, epoch="1")
    assert not app.exception and {getattr(weights, "epoch", None) for weights in asked} == {1}
    asked.clear()
    app = app.select_slider(key="classify_epoch").set_value("best").run()
    assert not app.exception and {getattr(weights, "epoch", None) for weights in asked} == {None}
    assert "epoch" not in app.query_params


def test_a_label_is_corrected_and_the_run_says_that_its_data_changed(
    open_page: OpenPage, trained, monkeypatch
):
    found, hands = evaluation_of(trained), trained.config.dataset
    number = errors(found)[0]
    said = found.predictions[number]
    app = opened(open_page, trained, monkeypatch, number)
    key = f"label-{trained.id}-{number}"
    app = app.selectbox(key=key).set_value(said.predicted).run()
    app = app.button(key=f"{key}-go").click().run()
    assert any(f"Label corrected: {said.label}" in caption for caption in captions(app))
    assert not app.exception
    [change] = corrections.since(hands, 0).values()
    assert (change.before, change.was, change.now) == (said.name, said.label, said.predicted)
    assert any("Its data has changed: 1 label corrected" in caption for caption in captions(app))
    assert any("1 label has been corrected since this evaluation" in caption for caption in captions(app))

    tiles = []
    monkeypatch.setattr(image_sheet, "image_wall", lambda shown, **_: tiles.extend(shown))
    app.run()  # the images of the evaluation are still shown, the corrected one marked
    assert [f"corrected: {said.predicted}" in tile.caption for tile in tiles].count(True) == 1

    corrections.correct(hands, change.after, said.label)  # the undo of the row
    app.run()
    assert not any("Its data has changed" in caption for caption in captions(app))


def test_a_built_in_dataset_has_no_labels_to_correct(open_page: OpenPage, trained, monkeypatch):
    monkeypatch.setattr(corrections, "can_correct", lambda dataset: False)
    app = opened(open_page, trained, monkeypatch, 0)
    assert not app.exception and not any((box.key or "").startswith("label-") for box in app.selectbox)


def test_groups_are_counted_each_for_itself(open_page: OpenPage, trained):
    found = evaluation_of(trained)
    whole = LookedAt.all_of(trained, found)
    assert whole.groups == ("anna", "ben", "cleo")
    parts = [whole.of_group(group) for group in whole.groups]
    assert sum(part.found.n for part in parts) == found.n
    matrices = np.sum([part.found.confusion_matrix for part in parts], axis=0)
    assert np.array_equal(matrices, found.confusion_matrix)
    for group, part in zip(whole.groups, parts, strict=True):
        names = [found.predictions[number].name for number in part.numbers]
        assert names == [said.name for said in part.found.predictions]
        assert all(f"/{group}__" in name for name in names)
    state = {f"run-tab-{trained.id}": "Confusion", "per-group": True}
    app = open_page("train", state, run=trained.id)
    assert not app.exception and len(app.table[-1].value) == 3
    app = app.selectbox(key=f"group {trained.id}").set_value("ben").run()
    assert not app.exception


def test_the_projection_draws_each_validation_image_once(open_page: OpenPage, trained):
    app = open_page("train", {f"run-tab-{trained.id}": "Projection"}, run=trained.id)
    assert not app.exception and not app.error
    [plane] = [
        json.loads(part.proto.json)
        for part in app.get("bidi_component")
        if part.proto.component_name.endswith("cnnlab.projection")
    ]
    found = evaluation_of(trained)
    assert plane["numbers"] == list(range(found.n)) and len(plane["points"]) == found.n
    assert plane["wrong"] == [said.label != said.predicted for said in found.predictions]
    assert [plane["kinds"][kind] for kind in plane["kind"]] == [said.label for said in found.predictions]

    part = datasets.load(trained.config.dataset, trained.config.load_options()).validation
    model = network()
    features = keras.Model(model.inputs, model.get_layer("pool").output)(part.images.astype(np.float32) / 255)
    distances = np.linalg.norm(np.asarray(features) - np.asarray(features).mean(0), axis=1)
    points = np.array(plane["points"])
    assert (np.linalg.norm(points, axis=1) <= distances + 1e-3).all()  # a projection never lengthens
    app = app.selectbox(key=f"projection-colour-{trained.id}").set_value("Group").run()
    assert not app.exception


def test_the_calibration_is_a_fold_with_its_number_of_images(open_page: OpenPage, trained):
    state = {f"run-tab-{trained.id}": "Confusion", "calibration": True}
    app = open_page("train", state, run=trained.id)
    assert not app.exception
    [metric] = [metric for metric in app.metric if "calibration" in metric.label]
    assert f"n = {evaluation_of(trained).n}" in metric.delta
