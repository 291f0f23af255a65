"""What the training form holds: one key of the session for each setting, filled from a config and read back.

``fill_in(config)`` followed by ``chosen()`` gives the same config again, whatever the recipe.
"""

import re
from contextlib import suppress
from typing import Any

import streamlit as st

from cnnlab import architectures, datasets
from cnnlab.errors import CnnLabError, ConfigError
from cnnlab.languages import _
from cnnlab.settings import FIXED, RunConfig, Setting, all_settings, normalisation
from cnnlab.settings.declaration import as_arguments
from cnnlab.training.recipes import Recipe
from cnnlab.training.titles import run_title
from cnnlab.ui.state import lab

SETTINGS = {
    known.name: known
    for known in all_settings().values()
    if known.choices or known.kind not in (str, dict)  # names, options and augmentation stand elsewhere
}
"""Settings that stand under ``run_NAME`` in the session; those with a widget of another kind are below."""


def fill_in(config: RunConfig) -> None:
    """Put these settings into the form.

    Raises:
        ArchitectureError: the network is unknown; the form stays as it was.
    """
    facts = architectures.get(config.architecture)
    lab().architecture, lab().dataset = config.architecture, config.dataset
    lab().augmentation = dict(config.augmentation)
    for name, known in SETTINGS.items():
        st.session_state[f"run_{name}"] = _in_the_form(known, known.of(config))
    st.session_state.run_scaling = normalisation(config)
    for name, default in facts.options.items():
        st.session_state[option_key(facts.name, name)] = config.options.get(name, default)


def suit_split() -> None:
    """Split the dataset that was just chosen by group where its images name groups, else never so."""
    with suppress(CnnLabError):  # somebody has deleted it: the form says so
        if datasets.get(lab().dataset).kind == "folder" or datasets.names_people(lab().dataset):
            st.session_state.run_split_by = datasets.ways_to_split(lab().dataset)[0]
        elif st.session_state.get("run_split_by") == "group":
            st.session_state.run_split_by = "random"


def chosen(base: Recipe | None = None) -> RunConfig:
    """Return the settings as they stand in the form, not yet validated.

    They bear the name of the recipe they began as, ``base``, while nothing is changed.

    Raises:
        ConfigError: the milestones are not whole numbers.
        ArchitectureError: the network is unknown.
    """
    own = _settings()
    return own.changed(title=title_of(own), recipe=base.name if base and is_recipe(base, own) else None)


def is_recipe(recipe: Recipe, config: RunConfig | None = None) -> bool:
    """Whether settings, by default those in the form, are still those of a recipe."""
    try:
        own = config or _settings()
    except CnnLabError:
        return False
    return own.changed(title="", recipe=None) == recipe.config.changed(title="", recipe=None)


def _in_the_form(known: Setting, value: Any) -> Any:
    """Return what the widget of a setting holds: a number field mixes no whole numbers with others."""
    if _is_list(known):
        return ", ".join(map(str, value))
    return float(value) if known.kind is float and value is not None else value


def _is_list(known: Setting) -> bool:
    """Whether a setting is written as whole numbers with commas between them."""
    return known.kind is tuple and known.items is int


def _settings() -> RunConfig:
    state = st.session_state
    values = {name: state[f"run_{name}"] for name in SETTINGS}
    for name, known in SETTINGS.items():
        if _is_list(known):
            values[name] = _numbers_in(values[name], known)
    scaling = state.run_scaling
    values["scaling"] = "dataset" if scaling == "dataset" else "given"
    if scaling in FIXED:
        values["mean"], values["deviation"] = FIXED[scaling]
    return RunConfig(
        lab().architecture,
        lab().dataset,
        options=_options(),
        augmentation=dict(lab().augmentation),
        **as_arguments(RunConfig, values),
    )


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


def _numbers_in(text: str, known: Setting) -> tuple[int, ...]:
    words = re.split(r"[\s,;]+", text.strip())
    if not all(word.isascii() and word.isdigit() for word in words if word):
        label = _(known.label)
        raise ConfigError(
            _("{label} must be whole numbers with commas between them, such as 100, 200.", label=label)
        )
    return tuple(int(word) for word in words if word)


def title_of(config: RunConfig) -> str:
    """Return what a run with these settings is called: the titles of its network and its dataset.

    Raises:
        ArchitectureError: the network is unknown.
    """
    architectures.get(config.architecture)
    return run_title(config)
