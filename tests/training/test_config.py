import json

import pytest

from cnnlab import architectures
from cnnlab.architectures.own import library
from cnnlab.architectures.own.definition import Definition, Listed
from cnnlab.errors import ConfigError
from cnnlab.settings import OPTIMIZERS, RunConfig
from cnnlab.training import recipes
from cnnlab.training.pinning import pinned

CONFIG = RunConfig("lenet5", "digits")


def test_a_config_survives_json():
    config = CONFIG.changed(mean=(1.0, 2.0, 3.0), std=(4.0,), learning_rate=0.1)
    assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_settings_of_a_newer_version_are_left_out():
    assert RunConfig.from_dict({**CONFIG.to_dict(), "warp_drive": 9}) == CONFIG


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("epochs", 0, "Epochs must be a whole number from 1 to 10,000, not 0."),
        ("epochs", 2.5, "Epochs must be a whole number from 1 to 10,000, not 2.5."),
        ("epochs", True, "Epochs must be a whole number from 1 to 10,000, not True."),
        ("batch_size", -4, "Batch size must be a whole number from 1 to 4,096, not -4."),
        ("image_size", 5000, "Image size (px) must be a whole number from 8 to 1,024, not 5000."),
        ("learning_rate", -1, "The learning rate must be greater than 0 and at most 100, not -1."),
        ("learning_rate", float("nan"), "The learning rate must be greater than 0 and at most 100, not nan."),
        ("validation_fraction", 1.0, "Validation fraction must be a number from 0.01 to 0.9, not 1.0."),
        ("channels", 4, "Colour channels must be one of 1, 3, not 4."),
        ("std", (0.0,), "Mean and deviation must be numbers in pixel units, the deviation above 0."),
    ],
)
def test_a_setting_out_of_range_is_named_with_its_range(setting, value, sentence):
    with pytest.raises(ConfigError) as caught:
        CONFIG.changed(**{setting: value}).validated()
    assert str(caught.value) == sentence


def test_an_unknown_optimizer_lists_the_known_ones():
    with pytest.raises(ConfigError, match="Optimizer must be one of adam, adamw, sgd"):
        CONFIG.changed(optimizer="magic").validated()


def test_the_default_learning_rates_are_those_of_keras():
    from cnnlab.training.optimizers import optimizer

    for name, rate in OPTIMIZERS.items():
        keras_default = type(optimizer(CONFIG.changed(optimizer=name)))()
        assert float(keras_default.learning_rate.numpy()) == pytest.approx(rate), name


def test_an_unknown_recipe_lists_the_recipes():
    with pytest.raises(ConfigError, match="lenet5-digits"):
        recipes.get("nonsense")


def test_own_network_is_pinned_and_built_as_it_was_then():
    layers = (Listed("convolution", "conv1", {"filters": 4}),)
    name = library.save(Definition("Mine", (16, 16, 1), 10, layers))
    config = RunConfig.from_dict(json.loads(json.dumps(pinned(RunConfig(name, "digits")).to_dict())))
    library.delete(name)
    assert architectures.build(config.built_from, (16, 16, 1), 10).count_params() == 40 + 10_240 + 10
    assert config.changed(architecture="lenet5").built_from == "lenet5"


def test_built_in_network_needs_no_snapshot():
    config = pinned(RunConfig("lenet5", "digits"))
    assert (config.built_from, "network" in config.to_dict()) == ("lenet5", False)
