from dataclasses import fields

import pytest

from cnnlab import architectures, images
from cnnlab.augmentation import Augmentation
from cnnlab.settings import (
    AUGMENTATIONS,
    OPTIMIZERS,
    OPTIONS,
    RunConfig,
    all_settings,
    option_named,
    setting_named,
)
from cnnlab.training import recipes, terms

CONFIG = RunConfig("lenet5", "digits")
SETTINGS = list(all_settings())


def label(name: str) -> str:
    return setting_named(name).label


def test_every_setting_has_a_term_of_its_own_and_nothing_else_has_one():
    assert {known.attribute for known in all_settings().values()} == {one.name for one in fields(RunConfig)}
    labels = [label(name) for name in SETTINGS]
    assert len(set(labels)) == len(labels)
    assert all(setting_named(name).help.endswith(".") for name in SETTINGS)


def test_every_augmentation_and_every_option_of_a_network_has_a_term():
    assert {name: known.default for name, known in AUGMENTATIONS.items()} == vars(Augmentation())
    offered = {name for known in architectures.names() for name in architectures.get(known).options}
    assert offered == set(OPTIONS)
    for known in map(architectures.get, architectures.names()):
        for name, values in known.choices.items():
            assert set(values) == set(option_named(name).choices)


def test_every_value_of_a_choice_has_words():
    for name, known in all_settings().items():
        assert all(terms.said(name, value) for value in known.choices)
        assert not known.choices or known.default in known.choices
    assert tuple(setting_named("resample").choices) == images.RESAMPLE
    assert tuple(setting_named("fit").choices) == images.RESIZE_MODES
    assert tuple(AUGMENTATIONS["fill"].choices) == images.BORDERS
    assert set(setting_named("optimizer").choices) == set(OPTIMIZERS)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("fit", "crop", "centre crop"),
        ("fit", "squash", "stretch"),
        ("split_by", "group", "group-wise"),
        ("schedule", "cosine", "cosine decay"),
        ("channels", None, "as in the dataset"),
        ("image_size", 224, "224 px"),
        ("seed", 12345, "12345"),
        ("validation_share", 1 / 6, "16.7 %"),
        ("epochs", 1000, "1,000"),
        ("shuffle", True, "yes"),
        ("schedule_epochs", (100, 200), "epoch 100, 200"),
        ("augmentation", {"rotation": 10.0, "flip": 1}, "rotation ±10°, horizontal flip"),
        ("architecture", "lenet5", "LeNet-5"),
        ("options", {"unfreeze_blocks": 2}, "trainable blocks of the base 2"),
        ("warp_drive", 9, "9"),
    ],
)
def test_a_value_is_said_in_words(name, value, words):
    assert terms.said(name, value) == words


def test_a_default_rate_is_said_as_the_number_it_is():
    assert terms.applied(CONFIG)[label("learning_rate")] == "0.001"
    assert "0.01" in terms.said("learning_rate", None, CONFIG.changed(optimizer="sgd"))


def test_normalisation_is_one_word_for_three_settings():
    def said(**settings):
        return terms.applied(CONFIG.changed(**settings))[label("scaling")]

    assert said() == "[0, 1]"
    assert said(mean=(127.5,), std=(127.5,)) == "[−1, 1]"
    assert said(mean=(1.0, 2.0, 3.0), std=(4.0,)) == "mean 1, 2, 3; std 4"
    assert said(scaling="dataset", mean=(9.0,)) == "standardise per channel"


@pytest.mark.parametrize(
    ("without_effect", "with_effect"),
    [
        ({"schedule_epochs": (3,), "schedule_factor": 0.5}, {"schedule": "step"}),
        ({"schedule_patience": 9}, {"schedule": "plateau"}),
        ({"momentum": 0.9}, {"optimizer": "sgd"}),
        ({"momentum": 0.9, "nesterov": True}, {"optimizer": "sgd"}),
        ({"validation_fraction": 0.4, "split_by": "given"}, {"split_by": "random"}),
    ],
)
def test_only_settings_with_an_effect_are_named(without_effect, with_effect):
    names = [label(name) for name in without_effect if name != "split_by"]
    idle = terms.applied(CONFIG.changed(**without_effect))
    at_work = terms.applied(CONFIG.changed(**without_effect).changed(**with_effect))
    assert not set(names) & set(idle)
    assert set(names) <= set(at_work)


def test_what_the_run_found_out_is_said_instead_of_what_was_asked_for():
    facts = {
        "input_shape": [48, 48, 3],
        "preprocessing": {"mean": [100.0], "deviation": [50.0]},
        "split": {"train": 1438, "validation": 359},
        "epochs": 37,
    }
    rows = terms.applied(CONFIG.changed(scaling="dataset", epochs=12), facts)
    assert rows[label("epochs")] == "37"
    assert rows[label("image_size")] == "48 px"
    assert rows[label("channels")] == "RGB"
    assert rows[label("scaling")] == "standardise per channel (mean 100; std 50)"
    assert rows["Images"] == "1,438 training, 359 validation"


@pytest.mark.parametrize("recipe", recipes.list_recipes(), ids=lambda recipe: recipe.name)
def test_the_settings_of_every_recipe_can_be_said(recipe):
    rows = terms.applied(RunConfig.from_dict(recipe.config.to_dict()))
    assert all(isinstance(words, str) and words for words in rows.values())
    assert not any("None" in words for words in rows.values())


def test_a_file_of_another_version_is_said_somehow():
    odd = {"architecture": "gone", "dataset": "/nowhere", "optimizer": "magic", "augmentation": {"warp": 2}}
    rest = {"schedule_epochs": [], "network": {"title": "Mine"}, "unheard_of": 1}
    rows = terms.applied(RunConfig.from_dict(odd | rest))
    assert rows[label("dataset")] == "nowhere"
    assert rows[label("augmentation")] == "warp 2"
    assert rows[label("network")] == "Mine"
