"""What the training form holds: one key of the session for each setting, filled from a config and read back.

``fill_in(config)`` followed by ``chosen()`` gives the same config again, whatever the recipe.
"""

import re
from dataclasses import fields
from pathlib import Path

import streamlit as st

from cnnlab import architectures, datasets
from cnnlab.errors import ConfigError
from cnnlab.training import RunConfig
from cnnlab.training.recipes import Recipe
from cnnlab.ui.state import lab

_ELSEWHERE = {"architecture", "dataset", "options", "augmentation", "title", "recipe", "network"}
SETTINGS = tuple(field.name for field in fields(RunConfig) if field.name not in _ELSEWHERE)
"""Settings that stand under ``run_NAME`` in the session; those with a widget of another kind are below."""

_FLOATS = {
    *("learning_rate", "momentum", "schedule_factor", "dropout", "l2", "label_smoothing"),
    "validation_share",
}
SCALINGS = {
    "unit": "0 to 1",
    "centred": "−1 to 1 (mean .5, deviation .5)",
    "dataset": "the dataset's own mean and deviation, per channel",
    "given": "as the recipe gives it",
}
"""What the scaling of pictures is called, by the choice of the form."""

_SCALED = {"unit": ((0.0,), (255.0,)), "centred": ((127.5,), (127.5,))}


def fill_in(config: RunConfig) -> None:
    """Put these settings into the form.

    Raises:
        ArchitectureError: the network is unknown; the form stays as it was.
    """
    facts = architectures.get(config.architecture)
    lab().architecture, lab().dataset = config.architecture, config.dataset
    lab().augmentation = dict(config.augmentation)
    for name in SETTINGS:
        value = getattr(config, name)
        st.session_state[f"run_{name}"] = float(value) if name in _FLOATS and value is not None else value
    st.session_state.run_schedule_epochs = ", ".join(map(str, config.schedule_epochs))
    st.session_state.run_scaling = _scaling_of(config)
    for name, default in facts.options.items():
        st.session_state[option_key(facts.name, name)] = config.options.get(name, default)


def chosen(base: Recipe | None = None) -> RunConfig:
    """Return the settings as they stand in the form, not yet validated.

    They bear the name of the recipe they began as, ``base``, while nothing is changed.

    Raises:
        ConfigError: the epochs of the step schedule are not whole numbers.
        ArchitectureError: the network is unknown.
    """
    state = st.session_state
    values = {name: state[f"run_{name}"] for name in SETTINGS}
    values["schedule_epochs"] = _epochs_in(state.run_schedule_epochs)
    scaling = state.run_scaling
    values["scaling"] = "dataset" if scaling == "dataset" else "given"
    if scaling in _SCALED:
        values["mean"], values["deviation"] = _SCALED[scaling]
    own = RunConfig(
        lab().architecture,
        lab().dataset,
        options=_options(),
        augmentation=dict(lab().augmentation),
        **values,
    )
    recipe = base.name if base and own == base.config.changed(title="", recipe=None) else None
    return own.changed(title=_title(own), recipe=recipe)


def option_key(architecture: str, name: str) -> str:
    """Return the key of a network's own option."""
    return f"run_option_{architecture}_{name}"


def _options() -> dict[str, str | int]:
    """Return the network's own options as far as they differ from what it does unasked."""
    facts = architectures.get(lab().architecture)
    state = {
        name: st.session_state.get(option_key(facts.name, name), default)
        for name, default in facts.options.items()
    }
    return {name: value for name, value in state.items() if value != facts.options[name]}


def _scaling_of(config: RunConfig) -> str:
    if config.scaling == "dataset":
        return "dataset"
    pair = (config.mean, config.deviation)
    return next((name for name, known in _SCALED.items() if known == pair), "given")


def _epochs_in(text: str) -> tuple[int, ...]:
    words = re.split(r"[\s,;]+", text.strip())
    if not all(word.isascii() and word.isdigit() for word in words if word):
        raise ConfigError("Write the epochs of the step schedule as whole numbers, such as 100, 200.")
    return tuple(int(word) for word in words if word)


def _title(config: RunConfig) -> str:
    network = architectures.get(config.architecture).title
    known = {info.name: info.title for info in datasets.catalogue()}
    return f"{network} on {known.get(config.dataset, Path(config.dataset).name)}"
