"""Each question of the service, asked of the real process: what comes back is what the library computes."""

import json
from collections.abc import Iterator

import keras
import numpy as np
import pytest

from cnnlab import architectures, inspection, runs
from cnnlab.architectures.own import library
from cnnlab.architectures.own.edit import Edit
from cnnlab.errors import ArchitectureError, RunError
from cnnlab.inference import (
    activations,
    effective,
    feature_maps,
    feature_space,
    gradcam,
    occlusion,
    worked_sum,
)
from cnnlab.preprocessing import Preprocessing
from cnnlab.runs import snapshots
from cnnlab.service import Network, OfEpoch, OfRun, Service, Untrained
from cnnlab.service import models as kept
from cnnlab.service.models import Models
from cnnlab.training import recipes
from tests.pages.conftest import give_weights

LENET = Network("lenet5", (32, 32, 1), 10)


@pytest.fixture(scope="module")
def home_of_all(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def home(home_of_all, monkeypatch):
    """One workspace for all tests here: the process was started with it."""
    monkeypatch.setenv("CNNLAB_HOME", str(home_of_all))
    return home_of_all


@pytest.fixture(scope="module")
def service(home_of_all) -> Iterator[Service]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(home_of_all))
        service = Service().start()
    yield service
    service.close()


@pytest.fixture
def run() -> runs.Run:
    made = runs.create(recipes.get("lenet5-digits").config)
    give_weights(made)
    return made


def test_a_network_is_inspected_with_its_edits(service):
    found = service.ask("inspect", LENET)
    model = inspection.shape_only_model("lenet5", (32, 32, 1), 10)
    assert list(found.rows) == inspection.layer_table(model)
    assert found.settings["conv1"]["filters"] == 6
    edited = service.ask("inspect", Network("lenet5", (32, 32, 1), 10, edits=(Edit("conv1", "filters", 7),)))
    assert edited.rows[1].output_shape == (28, 28, 7)


def test_what_does_not_fit_is_said_in_the_networks_words(service):
    with pytest.raises(ArchitectureError, match="conv2 slides a 5×5 window"):
        service.ask("inspect", Network("lenet5", (12, 12, 1), 10))
    with pytest.raises(ArchitectureError, match="conv2 slides a 5×5 window"):
        service.ask("fits", "lenet5", (12, 12, 1), 10, {})
    service.ask("fits", "lenet5", (32, 32, 1), 10, {})


def test_source_is_of_the_network_that_would_be_trained(service):
    left_out = Network("lenet5", (32, 32, 1), 10, edits=(Edit("pool1", "left_out", 1),))
    assert "pool1" in service.ask("source", LENET)
    assert "pool1" not in service.ask("source", left_out)


def test_a_definition_can_be_kept(service):
    made = service.ask(
        "definition", Network("lenet5", (32, 32, 1), 10, edits=(Edit("conv1", "filters", 7),)), "Seven"
    )
    assert library.get(library.save(made)).layers[0].settings["filters"] == 7


def test_reach_is_the_librarys(service):
    model = inspection.shape_only_model("lenet5", (32, 32, 1), 10)
    box, seen = service.ask("reach", LENET, "conv2", (3, 4))
    assert box == inspection.receptive_box(model, "conv2", 3, 4)
    assert (seen == inspection.seen_pixels(model, "conv2", 3, 4)).all()


def test_maps_filters_and_gradient_are_the_librarys(service):
    image = np.random.default_rng(0).random((32, 32, 1), np.float32)
    model = inspection.initialised(inspection.shape_only_model("lenet5", (32, 32, 1), 10))
    weights = Untrained(LENET)
    np.testing.assert_allclose(
        service.ask("maps", weights, "conv2", image),
        feature_maps.feature_maps(model, "conv2", image),
        atol=1e-6,
    )
    np.testing.assert_array_equal(
        service.ask("filters", weights, "conv1"), feature_maps.filters(model, "conv1")
    )
    assert service.ask("filters", weights, "conv2") is None
    np.testing.assert_allclose(
        service.ask("gradient", weights, "conv2", (3, 4), image),
        effective.gradient(model, "conv2", (3, 4), image),
        atol=1e-6,
    )


def test_a_run_answers_with_its_newest_weights(service, run):
    images = np.random.default_rng(0).random((3, 8, 8, 1), np.float32)

    def answer() -> np.ndarray:
        path = run.weights()
        got = service.ask("probabilities", OfRun(run.id, path.stat().st_mtime_ns), images)
        np.testing.assert_allclose(got, np.asarray(keras.models.load_model(path)(images)), atol=1e-6)
        return got

    first = answer()
    give_weights(run)
    assert not np.allclose(first, answer())


def test_weights_that_cannot_be_read_are_one_sentence(service, run):
    run.weights().write_bytes(b"no model")
    with pytest.raises(RunError, match="cannot be read"):
        service.ask("probabilities", OfRun(run.id, 1), np.zeros((1, 8, 8, 1), np.float32))
    assert run.model_facts.preprocessing.input_shape == (8, 8, 1)


def test_what_is_asked_about_an_answer_is_the_librarys(service, run):
    image = np.random.default_rng(0).random((32, 32, 1), np.float32)
    model = architectures.build("lenet5", (32, 32, 1), 10)
    model.save(run.weights())
    facts = json.loads((run.folder / "model.json").read_text())
    seen_as = Preprocessing(32, 32, 1)
    facts |= {"input_shape": seen_as.input_shape, "preprocessing": seen_as.to_dict()}
    (run.folder / "model.json").write_text(json.dumps(facts))
    weights = OfRun(run.id, 1)
    with pytest.raises(ArchitectureError, match="choose a trained run"):
        service.ask("explain", Untrained(LENET), image)
    for found, expected in (
        (service.ask("explain", weights, image), gradcam.gradcam(model, image)),
        (service.ask("explain", weights, image, "conv1", 3), gradcam.gradcam(model, image, "conv1", 3)),
        (service.ask("explain_by_occlusion", weights, image, 3), occlusion.occlusion(model, image, 3)),
    ):
        assert (found.layer, found.class_index) == (expected.layer, expected.class_index)
        np.testing.assert_allclose(found.heatmap, expected.heatmap, atol=1e-5)
    np.testing.assert_allclose(
        service.ask("activation", weights, "fc3", image),
        activations.activation(model, image, "fc3"),
        atol=1e-5,
    )
    found = service.ask("sum_of", weights, image, "conv2", (1, 2, 3))
    expected = worked_sum.worked_sum(model, image, "conv2", (1, 2, 3))
    assert found.before == pytest.approx(expected.before, abs=1e-5) and found.kind == "convolution"
    points = service.ask("features", weights, np.stack([image, image[::-1]]))
    np.testing.assert_allclose(
        points, feature_space.features(model, np.stack([image, image[::-1]])), atol=1e-5
    )
    assert service.ask("project", points).points.shape == (2, 2)


def test_the_network_of_an_epoch_answers(service, run):
    images = np.random.default_rng(0).random((3, 8, 8, 1), np.float32)
    model = keras.models.load_model(run.weights())
    changed = {"2-0": model.get_weights()[0] + 1, "2-1": model.get_weights()[1]}
    snapshots.write_weights(run, 2, changed)
    model.set_weights([changed["2-0"], changed["2-1"]])
    found = service.ask("probabilities", OfEpoch(run.id, 2, 1), images)
    np.testing.assert_allclose(found, np.asarray(model(images)), atol=1e-6)
    with pytest.raises(RunError, match="no weights of epoch 3"):
        service.ask("probabilities", OfEpoch(run.id, 3, 1), images)


def test_at_most_three_large_models_stay_beside_small_ones(monkeypatch):
    monkeypatch.setattr(kept, "LARGE_BYTES", 20_000)
    models = Models()
    for number in range(6):
        models.get(f"small {number}", lambda: model_of(10))
        models.get(f"large {number}", lambda: model_of(100))
    assert len(models) == 6 + 3
    loads = []
    for number in (3, 4, 5):
        models.get(f"large {number}", lambda: loads.append(1))
    assert not loads


def model_of(units: int) -> keras.Model:
    return keras.Sequential([keras.Input((100,)), keras.layers.Dense(units, use_bias=False)])


def test_models_are_kept_within_their_bytes_and_the_newest_whatever_it_takes():
    models = Models(most_bytes=100_000, most_models=10)
    for number in range(8):
        models.get(number, lambda: model_of(100))  # 40,000 bytes each
    assert (len(models), models.bytes) == (2, 80_000)
    models.get("large", lambda: model_of(1000))
    assert (len(models), models.bytes) == (1, 400_000)


def test_a_model_is_loaded_once_and_one_that_cannot_be_is_tried_again():
    models, loads = Models(), []

    def load() -> keras.Model:
        loads.append(1)
        if len(loads) == 1:
            raise RunError("It cannot be read.")
        return model_of(3)

    with pytest.raises(RunError):
        models.get("a", load)
    assert models.get("a", load) is models.get("a", load)
    assert len(loads) == 2


def test_what_goes_is_collected_at_once():
    import weakref

    models = Models(most_bytes=50_000)
    gone = weakref.ref(models.get(1, lambda: model_of(100)))
    models.get(2, lambda: model_of(100))
    assert gone() is None
