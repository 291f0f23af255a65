"""What the training form holds: one key of the session for each setting, filled from a config and read back.

``fill_in(config)`` followed by ``chosen()`` gives the same config again, whatever the recipe.
"""

import re
from contextlib import suppress
from pathlib import Path

import streamlit as st

from cnnlab import architectures, datasets
from cnnlab.errors import CnnLabError, ConfigError
from cnnlab.settings import FIXED, RunConfig, all_settings, normalisation
from cnnlab.training.recipes import Recipe
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
        value = getattr(config, name)
        whole = known.kind is not float or value is None  # a number field mixes no whole numbers with others
        st.session_state[f"run_{name}"] = value if whole else float(value)
    st.session_state.run_schedule_epochs = ", ".join(map(str, config.schedule_epochs))
    st.session_state.run_scaling = normalisation(config)
    for name, default in facts.options.items():
        st.session_state[option_key(facts.name, name)] = config.options.get(name, default)


def suit_split() -> None:
    """Split the dataset that was just chosen by group where its images name groups, else never so."""
    with suppress(CnnLabError):  # somebody has deleted it: the form says so
        if datasets.get(lab().dataset).kind == "folder":
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


def _settings() -> RunConfig:
    state = st.session_state
    values = {name: state[f"run_{name}"] for name in SETTINGS}
    values["schedule_epochs"] = _epochs_in(state.run_schedule_epochs)
    scaling = state.run_scaling
    values["scaling"] = "dataset" if scaling == "dataset" else "given"
    if scaling in FIXED:
        values["mean"], values["deviation"] = FIXED[scaling]
    return RunConfig(
        lab().architecture,
        lab().dataset,
        options=_options(),
        augmentation=dict(lab().augmentation),
        **values,
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


def _epochs_in(text: str) -> tuple[int, ...]:
    words = re.split(r"[\s,;]+", text.strip())
    if not all(word.isascii() and word.isdigit() for word in words if word):
        raise ConfigError("Write the milestones as whole numbers of epochs, such as 100, 200.")
    return tuple(int(word) for word in words if word)


def title_of(config: RunConfig) -> str:
    """Return what a run with these settings is called: the titles of its network and its dataset."""
    network = architectures.get(config.architecture).title
    known = {info.name: info.title for info in datasets.catalogue()}
    return f"{network} on {known.get(config.dataset, Path(config.dataset).name)}"
