"""A race of one's own: the settings of a recipe, one of them with several values."""

from typing import Any

import streamlit as st

from cnnlab import architectures, datasets
from cnnlab.errors import CnnLabError, ConfigError
from cnnlab.languages import _, in_english
from cnnlab.plain_text import one_line
from cnnlab.runs.kinds import RACE
from cnnlab.runs.races import MOST_ARMS, Arm, Plan
from cnnlab.settings import RunConfig, setting_named
from cnnlab.settings.declaration import as_arguments
from cnnlab.training import recipes
from cnnlab.ui import jobs
from cnnlab.ui.attempt import attempt
from cnnlab.ui.experiments import address
from cnnlab.ui.train import submitting
from cnnlab.ui.wording import refusal

VARIED = (
    "learning_rate",
    "optimizer",
    "batch_size",
    "architecture",
    "dropout",
    "l2",
    "momentum",
    "ema_momentum",
    "label_smoothing",
    "schedule",
    "scaling",
    "shuffle",
    "split_by",
    "channels",
    "image_size",
    "validation_share",
    "precision",
)
"""The settings that make sense as the one difference."""


def form() -> None:
    """Ask for a recipe, a setting and its values, and start."""
    fold = st.expander(_("A race of your own"), on_change="rerun", key="own_race")
    if not fold.open:
        return
    with fold:
        ready = [recipe for recipe in recipes.list_recipes() if _is_here(recipe.config)]
        if not ready:
            st.caption(_("No recipe has its dataset here."))
            return
        titles = {recipe.name: one_line(_(recipe.title)) for recipe in ready}
        with st.container(horizontal=True, gap="medium"):
            name = st.selectbox(_("Recipe"), titles, format_func=titles.__getitem__, key="race_recipe")
            varied = st.selectbox(
                _("Varied setting"),
                VARIED,
                format_func=lambda name: _(setting_named(name).label),
                key="race_varied",
            )
        base = next(recipe.config for recipe in ready if recipe.name == name)
        values = _values(varied)
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            epochs = st.number_input(_("Epochs"), 1, 1000, min(base.epochs, 10), key="race_epochs", width=140)
            seeds = st.number_input(_("Seeds"), 1, 10, 2, key="race_seeds", width=140)
            st.button(
                _("Start the race"),
                type="primary",
                icon=":material/play_arrow:",
                disabled=not 2 <= len(values) <= MOST_ARMS,
                on_click=attempt,
                args=(address.PLACE, _begin, base.changed(epochs=int(epochs)), varied, values, int(seeds)),
            )


def _is_here(config: RunConfig) -> bool:
    try:
        return datasets.is_ready(config.dataset) and not architectures.missing_weights(config.architecture)
    except CnnLabError:
        return False


def _values(varied: str) -> list[Any]:
    """Ask for the values of a setting: a choice of several, or numbers with commas between."""
    known = setting_named(varied)
    if varied == "architecture":
        names = {name: _(architectures.get(name).title) for name in architectures.names()}
        return st.multiselect(_("Values"), names, format_func=names.__getitem__, key="race_names")
    if known.choices:
        words = dict(known.choices)
        return st.multiselect(
            _("Values"),
            words,
            list(words)[:2],
            format_func=lambda value: _(words[value]),
            key=f"race_{varied}",
        )
    if isinstance(known.default, bool):
        return [False, True]
    text = st.text_input(
        _("Values"), placeholder="0.001, 0.01, 0.1", key=f"race_{varied}", help=_(known.help)
    )
    try:
        return [_number(part, varied) for part in text.split(",") if part.strip()]
    except ConfigError as error:
        st.caption(refusal(error))
        return []


def _number(text: str, varied: str) -> int | float | None:
    known = setting_named(varied)
    if known.optional and text.strip() in {known.none, _(known.none)}:
        return None
    try:
        return int(text) if varied in {"batch_size", "image_size", "channels"} else float(text)
    except ValueError as error:
        raise ConfigError(
            f"{text.strip()[:20]!r} is no number; write numbers with commas between."
        ) from error


def _begin(base: RunConfig, varied: str, values: list[Any], seeds: int) -> None:
    known = setting_named(varied)
    with in_english():  # everybody reads it
        said = [
            architectures.get(value).title if varied == "architecture" else known.said(value)
            for value in values
        ]
    arms = [Arm(words[:40], _changed(base, varied, value)) for words, value in zip(said, values, strict=True)]
    plan = Plan(f"{known.label}: {', '.join(said)}"[:200], tuple(arms), tuple(range(seeds))).checked()
    for arm in arms:
        submitting.check(arm.config)
    address.go_to(race=jobs.ask(RACE, **plan.to_dict()).id)


def _changed(base: RunConfig, varied: str, value: Any) -> RunConfig:
    if varied == "architecture":
        base = base.changed(options={}, network={})
    return base.changed(**as_arguments(RunConfig, {varied: value}), title="", recipe=None)
