"""Transfer learning: the frozen base is asked once, and nothing else about a run changes."""

from collections.abc import Iterator

import keras
import numpy as np
import pytest
from keras import layers

from cnnlab import architectures, runs
from cnnlab.architectures import registry
from cnnlab.architectures.registry import Architecture, Reference
from cnnlab.augmentation import Augmentation
from cnnlab.datasets import ImageSet
from cnnlab.keras_internals import averages
from cnnlab.preprocessing import Preprocessing
from cnnlab.runs import Run
from cnnlab.runs.context import StopRequested
from cnnlab.settings import RunConfig
from cnnlab.training import features
from cnnlab.training.features import FeatureBatches, Learner, run_base_once
from cnnlab.training.frozen import cut_behind_frozen
from cnnlab.training.head_checkpoint import SaveHead
from cnnlab.training.pipeline import Batches
from cnnlab.worker import execute
from tests.long import LONG
from tests.training.same_training import assert_same_training

CONFIG = RunConfig(
    "small", "digits", epochs=3, image_size=8, channels=1, max_per_class=12, optimizer="rmsprop", seed=4
)
MOBILENET = CONFIG.changed(
    architecture="mobilenetv2_transfer",
    options={"base_weights": "untrained"},
    image_size=32,
    channels=3,
    max_per_class=4,
    validation_fraction=0.5,
    epochs=2,
)


def network(input_shape=(8, 8, 1), classes: int = 3, *, frozen: bool = True) -> keras.Model:
    """Convolutions with a branch, dropout, a dense layer; when the base is frozen only the last learns."""
    keras.utils.set_random_seed(0)
    image = keras.Input(input_shape, name="image")
    x = layers.Conv2D(4, 3, name="conv1")(image)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Add(name="add")([layers.ReLU(name="relu")(x), layers.Conv2D(4, 1, name="conv2")(x)])
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(0.3, name="drop")(x)
    model = keras.Model(image, layers.Dense(classes, activation="softmax", name="output")(x), name="small")
    for layer in model.layers[:-1]:
        layer.trainable = not frozen
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture(scope="module")
def image_set() -> ImageSet:
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (37, 8, 8, 1), dtype=np.uint8)
    return ImageSet(images, draw.integers(0, 3, 37), tuple(map(str, range(37))))


def batches(image_set: ImageSet, augmentation: Augmentation = Augmentation()) -> Batches:  # noqa: B008
    return Batches(image_set, 4, Preprocessing(8, 8, 1), augmentation)


def usual(image_set: ImageSet, augmentation: Augmentation = Augmentation()) -> Learner:  # noqa: B008
    model = network()
    return Learner(model, batches(image_set, augmentation), batches(image_set), model.save)


def trained(config: RunConfig) -> Run:
    run = runs.create(config, claimed=True)
    execute(run.folder)
    assert run.status().state == "finished", run.status().message
    return run


def no_cache(monkeypatch) -> None:
    monkeypatch.setattr(features, "MOST_BYTES", 0)


def test_the_cut_is_behind_the_last_layer_that_cannot_change():
    base, head = cut_behind_frozen(network())
    assert base.layers[-1].name == "pool"
    assert [layer.name for layer in head.layers[1:]] == ["drop", "output"]


def test_base_and_head_together_are_the_network(image_set):
    model = network()
    base, head = cut_behind_frozen(model)
    x = image_set.images / np.float32(255)
    np.testing.assert_allclose(head(base(x)), model(x), rtol=1e-6)
    assert head.trainable_variables[0] is model.trainable_variables[0]


def test_a_network_that_learns_from_its_first_layer_on_is_not_cut():
    assert cut_behind_frozen(network(frozen=False)) is None


def test_a_batch_norm_that_moves_belongs_to_the_head():
    model = network()
    model.get_layer("norm").trainable = True
    base, _ = cut_behind_frozen(model)
    assert base.layers[-1].name == "conv1"


def test_a_frozen_dropout_still_draws_so_it_belongs_to_the_head():
    _, head = cut_behind_frozen(network())
    assert not head.get_layer("drop").trainable


def test_a_head_that_sees_the_image_by_two_ways_is_not_cut():
    image = keras.Input((8, 8, 1), name="image")
    frozen = [layers.Conv2D(2, 3, name=f"conv{n}", trainable=False)(image) for n in range(2)]
    learning = [layers.Conv2D(2, 3, name=f"learns{n}")(x) for n, x in enumerate(frozen)]
    assert cut_behind_frozen(keras.Model(image, layers.Add(name="add")(learning))) is None


def test_each_epoch_draws_one_of_the_copies_of_each_image_and_validation_the_plain_one(image_set):
    kept = np.arange(3 * 37, dtype=np.float32).reshape(3, 37, 1)  # copy c of image n is 37 c + n
    made = FeatureBatches(batches(image_set), kept)
    plain = np.concatenate([x for x, _ in made.in_order()]).ravel()
    assert np.array_equal(plain, np.arange(37))
    drawn = []
    for epoch in range(2):
        seen = list(made.shuffled(1, epoch))
        of_images = list(batches(image_set).shuffled(1, epoch))
        assert all(np.array_equal(a[1], b[1]) for a, b in zip(seen, of_images, strict=True))
        drawn.append(np.concatenate([x for x, _ in seen]).ravel().astype(int))
        assert sorted(drawn[-1] % 37) == list(range(37))
        assert set(drawn[-1] // 37) == {0, 1, 2}
    assert np.array_equal(made_again(made), drawn[1]) and not np.array_equal(*map(np.sort, drawn))


def made_again(made: FeatureBatches) -> np.ndarray:
    return np.concatenate([x for x, _ in made.shuffled(1, 1)]).ravel().astype(int)


def test_the_copies_are_the_images_that_epochs_would_have_seen(image_set):
    changes = Augmentation(flip=1, brightness=0.3)
    config = CONFIG.changed(augmented_copies=2, seed=5)
    learner = run_base_once(usual(image_set, changes), config, lambda fraction: None)
    base, _ = cut_behind_frozen(network())
    kept = learner.training._features.numpy().reshape(3, 37, -1)
    for copy, view in enumerate([None, (5, 1), (5, 2)]):
        seen = np.concatenate([x for x, _ in batches(image_set, changes).in_order(chance=view)])
        np.testing.assert_allclose(kept[copy], base(seen), rtol=1e-5, atol=1e-6)


def test_with_augmentation_and_no_copies_the_base_runs_in_every_epoch(image_set):
    plain = usual(image_set, Augmentation(flip=1))
    assert run_base_once(plain, CONFIG, lambda fraction: None) is plain


def test_features_that_would_not_fit_are_not_kept_and_the_log_says_so(image_set, monkeypatch, capsys):
    no_cache(monkeypatch)
    plain = usual(image_set)
    assert run_base_once(plain, CONFIG, lambda fraction: None) is plain
    assert "computed anew in every epoch" in capsys.readouterr().err


def test_looking_tells_how_far_it_is_and_can_be_stopped(image_set):
    fractions = []

    def progress(fraction: float) -> None:
        fractions.append(fraction)
        if fraction > 0.3:
            raise StopRequested

    with pytest.raises(StopRequested):
        run_base_once(usual(image_set), CONFIG, progress)
    assert fractions == pytest.approx([0, 16 / 74, 32 / 74])


def test_the_second_file_is_what_keras_would_save(image_set, tmp_path):
    model = network()
    _, head = cut_behind_frozen(model)
    features._share_optimizer(model, head)
    save = SaveHead(model, head)
    save(tmp_path / "first.keras")
    head.fit(np.random.default_rng(0).random((32, 4)), np.arange(32) % 3, verbose=0)
    save(tmp_path / "second.keras")
    model.save(tmp_path / "keras.keras")
    ours, theirs = (keras.models.load_model(tmp_path / f"{name}.keras") for name in ("second", "keras"))
    first = keras.models.load_model(tmp_path / "first.keras")
    assert not np.array_equal(ours.get_weights()[-1], first.get_weights()[-1])
    for mine, yours in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.array_equal(mine, yours)
    for mine, yours in zip(ours.optimizer.variables, theirs.optimizer.variables, strict=True):
        assert np.array_equal(mine.numpy(), yours.numpy())
    assert ours.optimizer.iterations.numpy() == 1


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    """Let runs train the small network by its name."""

    def build(input_shape, num_classes: int) -> keras.Model:
        return network(input_shape, num_classes)

    reference = Reference((8, 8, 1), 10, 0, 0, 0)
    with pytest.MonkeyPatch.context() as patch:
        entry = Architecture(
            "small", "Small", 2026, "", "Frozen but for its last layer.", 8, reference, build
        )
        patch.setitem(registry.BUILT_IN, "small", entry)
        yield


@pytest.fixture(scope="module")
def in_every_epoch(small, tmp_path_factory) -> Run:
    """Three epochs the usual way: the whole network in every step."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(tmp_path_factory.mktemp("home")))
        no_cache(patch)
        return trained(CONFIG)


def assert_same_network(one: Run, other: Run) -> None:
    assert_same_training(
        one, other, history={"rtol": 1e-4, "atol": 1e-5}, weights={"rtol": 1e-3, "atol": 1e-5}
    )
    models = [keras.models.load_model(run.checkpoint("last"), safe_mode=True) for run in (one, other)]
    assert models[0].input_shape == models[1].input_shape == (None, *one.model_facts.input_shape)
    assert models[0].optimizer.iterations.numpy() == models[1].optimizer.iterations.numpy()


def looks(monkeypatch) -> list[float]:
    """Note that the base is asked once."""
    fractions = []
    ask = features._Look.__call__

    def noting(self, *arguments):
        fractions.append(self._done)
        return ask(self, *arguments)

    monkeypatch.setattr(features._Look, "__call__", noting)
    return fractions


def test_a_run_that_asks_once_is_the_run_that_asks_in_every_epoch(in_every_epoch, monkeypatch):
    asked = looks(monkeypatch)
    assert_same_network(trained(CONFIG), in_every_epoch)
    assert len(asked) == 2  # the training part and the validation part


@pytest.mark.parametrize("kept_later", [True, pytest.param(False, marks=[pytest.mark.slow, LONG])])
def test_a_run_that_asks_once_goes_on_with_or_without_keeping(in_every_epoch, kept_later, monkeypatch):
    run = trained(CONFIG.changed(epochs=1))
    run.resume(3)
    assert run.claim()
    if not kept_later:
        no_cache(monkeypatch)
    execute(run.folder)
    assert_same_network(run, in_every_epoch)


def test_averaged_weights_of_a_head_are_saved_as_those_of_a_whole_network(small, monkeypatch):
    config = CONFIG.changed(ema_momentum=0.7)
    once = trained(config)
    no_cache(monkeypatch)
    assert_same_network(once, trained(config))
    last = keras.models.load_model(once.checkpoint("last"), safe_mode=True)
    kept = averages(last.optimizer)
    assert len(kept) == len(last.trainable_variables) > 0
    assert all(not np.array_equal(weight.numpy(), average.numpy()) for weight, average in kept)


@LONG
@pytest.mark.slow
def test_the_head_of_mobilenet_learns_the_same_from_kept_features(monkeypatch):
    once = trained(MOBILENET)
    no_cache(monkeypatch)
    assert_same_network(once, trained(MOBILENET))


@pytest.mark.slow
def test_a_base_with_an_open_block_is_asked_up_to_it():
    options = {"base_weights": "untrained", "unfreeze_blocks": 1}
    model = architectures.build("mobilenetv2_transfer", (32, 32, 3), 3, **options)
    base, head = cut_behind_frozen(model)
    assert base.layers[-1].name == "block_16_project_BN"
    assert head.layers[1].name == "Conv_1"
