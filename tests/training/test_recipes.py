"""Recipes: the lessons as they were given, and those that people save."""

import json

import pytest

from cnnlab import architectures, datasets
from cnnlab.errors import ConfigError
from cnnlab.settings import RunConfig
from cnnlab.training import recipes

DESIGN = (
    *("lenet5-digits", "baseline-gestures-drawn", "baseline-cifar10", "lenet5-cifar10", "alexnet8-cifar10"),
    *("vgg16-cifar10", "inception10-cifar10", "resnet18-cifar10", "alexnet-cifar10-sgd"),
    *("alexnet-gray-cats-dogs", "alexnet-cats-dogs", "vgg16-transfer-rps"),
)


def test_every_recipe_of_the_lessons_is_there_with_a_source_and_names_what_exists():
    assert set(DESIGN) <= set(recipes.names())
    for recipe in recipes.list_recipes():
        recipe.config.validated()
        assert recipe.config.architecture in architectures.names()
        assert recipe.config.dataset in datasets.names()
        assert recipe.source and recipe.summary


def test_the_recipes_are_what_the_courses_state():
    sgd = recipes.get("alexnet-cifar10-sgd").config
    assert (sgd.optimizer, sgd.learning_rate, sgd.momentum, sgd.nesterov) == ("sgd", 0.01, 0.9, True)
    assert (sgd.batch_size, sgd.epochs, sgd.schedule_epochs) == (64, 300, (100, 200))
    assert sgd.mean == (125.307, 122.95, 113.865) and sgd.std == (62.9932, 62.0887, 66.7048)
    assert sgd.augmentation == {"flip": 1, "shift_x": 1 / 8, "shift_y": 1 / 8}
    assert -(-50_000 // sgd.batch_size) == 782  # the course's steps an epoch: all training images

    gray = recipes.get("alexnet-gray-cats-dogs").config
    assert (gray.optimizer, gray.batch_size, gray.epochs, gray.channels) == ("adadelta", 16, 50, 1)
    assert (gray.image_size, gray.resample) == (224, "area")
    assert round(2 * gray.max_per_class * gray.validation_fraction) == 400  # of 2,400, as there

    colour = recipes.get("alexnet-cats-dogs").config
    assert (colour.optimizer, colour.learning_rate, colour.batch_size) == ("adam", 0.01, 2)
    assert (colour.epochs, colour.validation_fraction) == (100, 0.1)
    assert [m / 255 for m in colour.mean + colour.std] == [0.5, 0.5]

    hands = recipes.get("vgg16-transfer-rps").config
    assert (hands.optimizer, hands.batch_size, hands.epochs) == ("rmsprop", 32, 20)
    assert hands.augmentation["rotation"] == 10 and hands.augmentation["shift_x"] * 224 == pytest.approx(10)
    for name in ("baseline", "lenet5", "alexnet8", "vgg16", "inception10", "resnet18"):
        config = recipes.get(f"{name}-cifar10").config
        assert (config.optimizer, config.batch_size, config.epochs) == ("adam", 32, 5)


MINE = RunConfig("lenet5", "digits", epochs=7, augmentation={"flip": 1}, schedule_epochs=(3, 5))


def test_a_saved_recipe_comes_back_as_it_was_and_can_be_deleted():
    saved = recipes.save("Hands, second lesson!", MINE.changed(title="x", recipe="lenet5-digits"))
    assert saved.name == "hands-second-lesson" and saved.is_own
    assert recipes.get("hands-second-lesson").config == MINE
    assert recipes.names()[-1] == "hands-second-lesson"
    recipes.delete("hands-second-lesson")
    recipes.delete("hands-second-lesson")
    with pytest.raises(ConfigError, match="There is no recipe"):
        recipes.get("hands-second-lesson")


@pytest.mark.parametrize(
    ("title", "word"),
    [("", "name"), ("   ", "name"), ("../../x" * 40, "name"), ("§§", "name"), ("LeNet5 digits", "already")],
)
def test_a_title_that_cannot_be_used_says_so(title: str, word: str):
    with pytest.raises(ConfigError, match=word):
        recipes.save(title, MINE)
    assert recipes.names()[-1] != "x"


def test_a_recipe_is_never_written_outside_its_folder(home):
    recipes.save("../../outside", MINE)
    assert [path.name for path in (home / "recipes").iterdir()] == ["outside.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b'{"title": "x"}',
        b'{"title": "x", "config": 5}',
        b'{"title": "x", "config": {"architecture": 1, "dataset": "digits"}}',
        b'{"title": "x", "config": {"architecture": "lenet5", "dataset": "digits", "epochs": "many"}}',
        b'{"title": "x", "config": {"architecture": "lenet5", "dataset": "digits", "deviation": []}}',
        b'{"title": "x", "config": {"architecture": "lenet5", "dataset": "digits", "mean": 5}}',
        b'{"title": "x", "config": {"architecture": "lenet5", "dataset": "digits", "options": {"a": []}}}',
        b'{"title": "x", "config": {"architecture": "lenet5", "dataset": "digits", "nesterov": "yes"}}',
        b'{"title": "x", "config": {"architecture": "lenet5", "dataset": "digits", "augmentation": {"u":1}}}',
        b"[" * 50_000,
        b" " * 100_000,
    ],
)
def test_a_hostile_recipe_file_is_refused_in_one_sentence_and_left_out_of_the_list(home, content: bytes):
    (home / "recipes").mkdir(parents=True)
    (home / "recipes" / "evil.json").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        recipes.get("evil")
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)
    assert "evil" not in recipes.names()
    recipes.delete("evil")
    assert not (home / "recipes" / "evil.json").exists()


def test_a_title_full_of_markup_is_only_text(home):
    (home / "recipes").mkdir(parents=True)
    text = {"title": "<script>" * 100, "config": MINE.to_dict()}
    (home / "recipes" / "x.json").write_text(json.dumps(text))
    assert len(recipes.get("x").title) <= 60
