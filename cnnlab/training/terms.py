"""The settings of a run in words: networks, datasets and recipes by their titles, only what has an effect.

Labels and the words of other values are declared in ``cnnlab.settings``. Values are said in the language of
the page, labels in English: they tell settings apart. TensorFlow is not needed.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from cnnlab import architectures
from cnnlab.architectures.own.definition import Definition
from cnnlab.errors import CnnLabError
from cnnlab.languages import _, texts
from cnnlab.settings import (
    NORMALISATIONS,
    RunConfig,
    Setting,
    all_settings,
    normalisation,
    option_named,
    setting_named,
)
from cnnlab.settings.declaration import enumerated
from cnnlab.training import recipes
from cnnlab.training.titles import architecture_in_words, dataset_in_words

IMAGES = texts("Images")
_PARTS = texts({"train": "{n} training", "validation": "{n} validation", "test": "{n} test"})
_SAID_OTHERWISE = {"title", "mean", "deviation", "options"}


def said(name: str, value: Any, config: RunConfig | None = None) -> str:
    """Say a value in words: ``said("fit", "crop")`` is "centre crop".

    Any value of a file is said somehow, an unknown one as it stands.

    Args:
        name: of a setting of a run.
        value: of this setting.
        config: the other settings: a learning rate of None becomes a number, ``scaling`` says its figures.
    """
    if name == "learning_rate" and value is None and config is not None and _has_default_rate(config):
        rate, optimizer = f"{config.initial_learning_rate:g}", said("optimizer", config.optimizer)
        return _("{rate} (default of {optimizer})", rate=rate, optimizer=optimizer)
    if config is not None and name == "scaling":
        return _normalised(config)
    if name in _TITLES and value is not None:
        with suppress(TypeError, ValueError, AttributeError):  # a file may hold anything
            return _TITLES[name](value)
    return setting_named(name).said(value)


def applied(config: RunConfig, facts: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return the settings that have an effect, English label to words, network and dataset first.

    A momentum that the optimizer does not have, milestones of a constant rate and the like are left out.

    Args:
        config: the settings.
        facts: what is known of the run beside them: of model.json ``input_shape`` (what the images really
            are), ``preprocessing`` (the measured mean and std) and ``split`` (images of each part);
            ``epochs``, where it was trained on for more than the settings say.
    """
    facts, rows = facts or {}, {}
    for name in dict.fromkeys(("architecture", "dataset", *all_settings())):
        known = setting_named(name)
        if _matters(known, config):
            rows[known.label] = _really(name, config, facts)
        if name == "options":
            rows |= {option_named(key).label: option_named(key).said(v) for key, v in config.options.items()}
        if name == "split_by" and (parts := facts.get("split")):
            rows[IMAGES] = enumerated(_images(part, count) for part, count in parts.items())
    return rows


def _images(part: str, count: int) -> str:
    return _(_PARTS[part], n=f"{count:,}") if part in _PARTS else f"{count:,} {part}"


def _matters(known: Setting, config: RunConfig) -> bool:
    """Whether a setting has an effect beside the others, and is worth a row."""
    if known.name in _SAID_OTHERWISE or (known.quiet and known.of(config) == known.default):
        return False
    if known.name == "nesterov" and not config.momentum:
        return False
    return known.has_effect(config)


def _really(name: str, config: RunConfig, facts: Mapping[str, Any]) -> str:
    """Say what a setting came to, as far as the facts tell."""
    shape, seen = facts.get("input_shape"), facts.get("preprocessing")
    value = setting_named(name).of(config)
    if name == "epochs":
        value = facts.get("epochs") or value
    elif name == "learning_rate" and value is None and _has_default_rate(config):
        value = config.initial_learning_rate
    elif name == "image_size":
        value = shape[0] if shape else value or _own_size(config)
    elif name == "channels" and shape:
        value = shape[2]
    elif name == "scaling" and value == "dataset" and seen:
        figures = _figures(seen["mean"], seen["deviation"])
        return _("{kind} ({figures})", kind=_(NORMALISATIONS["dataset"]), figures=figures)
    return said(name, value, config)


def _has_default_rate(config: RunConfig) -> bool:
    """Whether the optimizer is one of those known here; another version may have others."""
    return config.optimizer in setting_named("optimizer").choices


def _own_size(config: RunConfig) -> int | None:
    """Return the size of the images that the network was published for: a run without one takes it."""
    with suppress(CnnLabError, OSError):
        return architectures.get(config.built_from).reference.input_shape[0]
    return None


def _normalised(config: RunConfig) -> str:
    kind = normalisation(config)
    return _figures(config.mean, config.std) if kind == "given" else _(NORMALISATIONS[kind])


def _figures(mean: Sequence[float], std: Sequence[float]) -> str:
    return _("mean {mean}; std {std}", mean=said("mean", mean), std=said("deviation", std))


def _recipe(name: str) -> str:
    with suppress(CnnLabError, OSError):
        return recipes.get(name).title_in_words
    return str(name)


def _network(values: Mapping[str, Any]) -> str:
    with suppress(CnnLabError):
        if values:
            return "; ".join(Definition.from_dict(values).lines)
    return setting_named("network").said(values)


_TITLES: dict[str, Callable[[Any], str]] = {
    "architecture": architecture_in_words,
    "dataset": dataset_in_words,
    "recipe": _recipe,
    "network": _network,
}
"""Settings whose value is the name of something that has a title."""
