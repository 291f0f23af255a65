"""A run folder becomes a classifier that sees images as its training did."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from cnnlab import runs
from cnnlab.errors import RunError
from cnnlab.inference import Classifier, Compiled
from cnnlab.preprocessing import Preprocessing
from cnnlab.settings import RunConfig

CLASSES = ("dark", "red", "green", "blue")


@pytest.fixture
def run() -> runs.Run:
    """A run whose network measures: each class's logit is how dark, red, green or blue the image is."""
    import keras

    image = keras.Input((4, 6, 3), name="image")
    mean = keras.layers.GlobalAveragePooling2D(name="mean")(image)
    output = keras.layers.Dense(4, activation="softmax", name="output")
    model = keras.Model(image, output(mean))
    output.set_weights([10 * np.hstack([np.zeros((3, 1)), np.eye(3)]), np.array([1, 0, 0, 0])])
    run = runs.create(RunConfig("colours", "none", epochs=1))
    facts = {"classes": CLASSES, "preprocessing": Preprocessing(4, 6).to_dict()}
    (run.folder / "model.json").write_text(json.dumps(facts))
    model.save(run.folder / "checkpoints" / "best.keras")
    return run


def plain(red: int, green: int, blue: int, height: int = 9, width: int = 7) -> np.ndarray:
    return np.full((height, width, 3), (red, green, blue), np.uint8)


def test_images_of_any_size_are_named_in_one_call(run: runs.Run) -> None:
    classifier = Classifier.from_run(run)
    images = [plain(255, 0, 0), plain(0, 0, 255, 400, 300), plain(0, 0, 0, 1, 1)]
    answers = classifier.predict(images)
    assert [answer[0].class_name for answer in answers] == ["red", "blue", "dark"]
    assert classifier.predict([]) == []


def test_all_classes_are_ranked_with_the_softmax_of_their_logits(run: runs.Run) -> None:
    [answer] = Classifier.from_run(run).predict([plain(255, 51, 0)])
    assert [p.class_name for p in answer] == ["red", "green", "dark", "blue"]
    exponentials = np.exp([10, 2, 1, 0])
    np.testing.assert_allclose([p.probability for p in answer], exponentials / exponentials.sum(), rtol=1e-5)


def test_as_seen_has_the_networks_size_and_colour(run: runs.Run) -> None:
    classifier = Classifier.from_run(run)
    assert classifier.input_shape == (4, 6, 3)
    gray = np.full((50, 50, 1), 30, np.uint8)
    np.testing.assert_array_equal(classifier.as_seen(gray), np.full((4, 6, 3), 30))
    np.testing.assert_array_equal(classifier.as_seen(gray, invert=True), np.full((4, 6, 3), 225))


def test_inverting_swaps_dark_and_light_before_the_network(run: runs.Run) -> None:
    [answer] = Classifier.from_run(run).predict([plain(0, 255, 255)], invert=True)
    assert answer[0].class_name == "red"


def test_many_images_give_the_same_probabilities_as_one_at_a_time(run: runs.Run) -> None:
    classifier = Classifier.from_run(run)
    images = np.random.default_rng(0).integers(0, 256, (150, 4, 6, 3), dtype=np.uint8)
    together = classifier.probabilities(images)
    alone = np.concatenate([classifier.probabilities(images[i : i + 1]) for i in range(150)])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_a_run_without_weights_says_what_to_wait_for(run: runs.Run) -> None:
    (run.folder / "checkpoints" / "best.keras").unlink()
    with pytest.raises(RunError, match="no weights yet; let it finish an epoch"):
        Classifier.from_run(run)


def test_a_run_stopped_in_its_first_epoch_answers_from_its_last_weights(run: runs.Run) -> None:
    checkpoints = run.folder / "checkpoints"
    (checkpoints / "best.keras").rename(checkpoints / "last.keras")
    assert Classifier.from_run(run).predict([plain(0, 255, 0)])[0][0].class_name == "green"


@pytest.mark.parametrize(
    "damage",
    [
        lambda run: (run.folder / "model.json").write_text("{"),
        lambda run: (run.folder / "model.json").write_text("{}"),
        lambda run: (run.folder / "model.json").unlink(),
        lambda run: (run.folder / "checkpoints" / "best.keras").write_bytes(b""),
        lambda run: (run.folder / "checkpoints" / "best.keras").write_bytes(b"PK\x03\x04 torn"),
    ],
    ids=["torn json", "empty json", "no json", "empty weights", "torn weights"],
)
def test_a_damaged_run_gives_one_sentence(run: runs.Run, damage: Callable[[runs.Run], None]) -> None:
    damage(run)
    remedies = "train it again|start a new run|delete it, or start it again"
    with pytest.raises(RunError, match=rf"^[^\n]+; ({remedies})\.$"):
        Classifier.from_run(run)


def test_weights_that_carry_code_are_refused(run: runs.Run) -> None:
    import keras

    image = keras.Input((4, 6, 3))
    model = keras.Model(image, keras.layers.Lambda(lambda x: x * 2)(image))
    model.save(run.folder / "checkpoints" / "best.keras")
    with pytest.raises(RunError, match="cannot be read"):
        Classifier.from_run(run)


@pytest.mark.parametrize(("side", "at_once"), [(8, 64), (160, 10), (224, 5), (1024, 1)])
def test_large_images_are_asked_about_a_few_at_a_time(side, at_once):
    asked = []

    def model(batch, training):
        asked.append(len(batch))
        return np.full((len(batch), 2), 0.5)

    classifier = Classifier(model, ("a", "b"), Preprocessing(side, side))
    assert classifier.probabilities(np.zeros((70, side, side, 1), np.uint8)).shape == (70, 2)
    assert max(asked) == at_once and sum(asked) == 70


def test_a_compiled_network_answers_batches_of_any_size_alike_is_traced_once_and_timed(run: runs.Run) -> None:
    model = Classifier.from_run(run).model
    traced = []

    def counting(batch, training):
        traced.append(batch.shape)
        return model(batch, training=training)

    counting.input_shape = model.input_shape
    quick = Compiled(counting)
    for size in (1, 7, 3):
        batch = np.random.default_rng(size).random((size, 4, 6, 3), np.float32)
        answer, seconds = quick.timed(batch)
        np.testing.assert_allclose(answer, np.asarray(model(batch, training=False)), atol=1e-6)
        assert 0 < seconds < 60
    assert len(traced) == 1
