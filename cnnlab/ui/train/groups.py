"""The settings below the essentials, in groups: widgets, labels and help follow from what is declared."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import streamlit as st

from cnnlab import architectures, charts
from cnnlab.errors import CnnLabError
from cnnlab.languages import _, texts
from cnnlab.settings import (
    NORMALISATIONS,
    NOTHING,
    Setting,
    decay_factor,
    option_named,
    setting_named,
)
from cnnlab.settings.declaration import declared
from cnnlab.settings.groups import (
    AugmentationSettings,
    DataSettings,
    HardwareSettings,
    NameSettings,
    NetworkSettings,
    OptimizerSettings,
    PreprocessingSettings,
    RegularisationSettings,
    ScheduleSettings,
)
from cnnlab.training import schedules
from cnnlab.ui.augmentation_form import augmentation_form
from cnnlab.ui.engine import gpus, trains_on
from cnnlab.ui.live_chart import still_chart
from cnnlab.ui.state import lab
from cnnlab.ui.tabs import tabs_of
from cnnlab.ui.train.form_state import SETTINGS, chosen, option_key
from cnnlab.ui.train.rate_finder import offer_range_test, range_test
from cnnlab.ui.wording import refusal

CHART_PIXELS = 200
VIEWS = texts(("Schedule", "LR finder"))
ESSENTIALS = ("epochs", "batch_size", "image_size", "optimizer", "learning_rate", "schedule")
"""Settings that stand above the groups."""
TABS = texts(("Learning rate", "Regularisation", "Preprocessing and split", "Augmentation", "Device"))


def groups() -> None:
    """Show every group as a tab."""
    tabs = tabs_of(TABS, "run_group")
    shown = (_learning_rate, _regularisation, _images, _augmentation, _device)
    for tab, show in zip(tabs, shown, strict=True):
        if tab.open:
            with tab:
                show()


def field(name: str, **options: Any) -> None:
    """Show a setting with the widget that its type asks for, greyed where it has no effect."""
    known, idle = setting_named(name), not _has_effect(name)
    options = {"disabled": idle} | options
    if name == "scaling":
        choice(name, _normalisations(), **options)
    elif known.choices:
        choice(name, **options)
    elif known.kind is bool:
        switch(name, **options)
    elif known.kind is tuple:
        st.text_input(_(known.label), placeholder="100, 200", **_bound(known), **options)
    else:
        number(name, **options)


def number(name: str, **options: Any) -> None:
    """Show a number of the form, as it is declared; an empty field says what None stands for."""
    known = setting_named(name)
    usual = {"step": known.step or (1 if known.kind is int else 0.1), "format": known.format}
    empty = {"placeholder": _(known.none)} if known.none != NOTHING else {}
    st.number_input(known.label_with_unit, **usual | empty | _bound(known) | options)


def choice(name: str, words: dict[Any, str] | None = None, **options: Any) -> None:
    """Show a choice of the form, under its label."""
    known = setting_named(name)
    words = {value: _(said) for value, said in (words or known.choices).items()}
    st.selectbox(
        _(known.label),
        list(words),
        format_func=words.__getitem__,
        placeholder=words.get(None, ""),
        **_bound(known),
        **options,
    )


def switch(name: str, **options: Any) -> None:
    """Show a switch of the form, under its label."""
    known = setting_named(name)
    st.toggle(_(known.label), **_bound(known), **options)


def _bound(known: Setting) -> dict[str, Any]:
    """Return help and key of the widget of a setting."""
    return {"help": _(known.help), "key": f"run_{known.name}", "persist_state": "session"}


def _has_effect(name: str) -> bool:
    """Whether a setting does anything beside the others of the form."""
    needs = setting_named(name).needs
    return needs is None or st.session_state[f"run_{needs[0]}"] in needs[1]


def _others(*some: type, without: Iterable[str] = ()) -> list[str]:
    """Return the settings of groups that stand nowhere else on the form, in their order."""
    elsewhere = {*ESSENTIALS, "mean", "deviation", *without}  # those two: scaling says them
    return [name for group in some for name in declared(group) if name in SETTINGS and name not in elsewhere]


def _columns(arranged: Sequence[Sequence[str]], *some: type) -> None:
    """Show settings in columns, and below the last one those of the groups that are not arranged."""
    rest = _others(*some, without=chain.from_iterable(arranged))
    for column, names in zip(st.columns(len(arranged)), arranged, strict=True):
        with column:
            for name in [*names, *(rest if names is arranged[-1] else ())]:
                field(name)


def network_options() -> None:
    """Offer what the chosen network lets one choose beyond its shape, where it does."""
    facts = architectures.get(lab().architecture)
    for name in _others(NetworkSettings, NameSettings):
        field(name)
    if not facts.options:
        return
    for column, (name, default) in zip(st.columns(3), facts.options.items(), strict=False):
        key, term = option_key(facts.name, name), option_named(name)
        label, why = _(term.label), _(facts.notes.get(name) or term.help)
        st.session_state.setdefault(key, default)
        with column:
            if values := facts.choices.get(name):
                words = {value: term.said(value) for value in values}
                st.selectbox(
                    label, values, format_func=words.__getitem__, help=why, key=key, persist_state="session"
                )
            else:
                st.number_input(label, 0, step=1, help=why, key=key, persist_state="session")


def _learning_rate() -> None:
    settings, chart = st.columns([2, 3], gap="medium")
    with settings:
        st.session_state.setdefault("run_rate_view", VIEWS[0])
        view = st.segmented_control(
            _("Show"),
            VIEWS,
            format_func={name: _(name) for name in VIEWS}.__getitem__,
            required=True,
            label_visibility="collapsed",
            key="run_rate_view",
        )
        if view == VIEWS[0]:
            _decay_and_momentum()
        else:
            offer_range_test()
    with chart:
        if view == VIEWS[0]:
            _preview()
        else:
            range_test(CHART_PIXELS)


def _decay_and_momentum() -> None:
    for name in _others(ScheduleSettings, OptimizerSettings):
        if _has_effect(name):
            field(name)


def usual_factor(before: str) -> None:
    """Give a schedule its usual factor unless somebody chose one; ``before`` is the schedule until now."""
    if st.session_state.run_schedule_factor == decay_factor(before):
        st.session_state.run_schedule_factor = decay_factor(st.session_state.run_schedule)


def _preview() -> None:
    try:
        config = chosen().validated()
    except CnnLabError as error:
        st.caption(refusal(error))
        return
    rates = tuple(schedules.preview(config))
    still_chart("rate-preview", charts.rate_preview, rates)
    if config.schedule == "plateau":
        st.caption(
            _("The validation loss decides when the rate decays; here it is drawn as if it always fell.")
        )


def _regularisation() -> None:
    names = _others(RegularisationSettings)
    half = -(-len(names) // 2)
    _columns((names[:half], names[half:]))


def _images() -> None:
    columns = (
        ("split_by", "validation_share", "seed"),
        ("channels", "fit", "resample"),
        ("scaling", "max_per_class", "shuffle"),
    )
    _columns(columns, DataSettings, PreprocessingSettings)


def _normalisations() -> dict[str, str]:
    """Return the kinds of scaling to choose from; a fixed one of their own is only kept, not chosen."""
    return {
        kind: words
        for kind, words in NORMALISATIONS.items()
        if kind != "given" or st.session_state.run_scaling == "given"
    }


def _augmentation() -> None:
    st.caption(_("Only training images are augmented, with new random values in each epoch."))
    lab().augmentation = augmentation_form(lab().augmentation, "run_augmentation")
    for name in _others(AugmentationSettings):
        field(name)


def _device() -> None:
    st.markdown(_(":material/memory: Trains on **{device}**.", device=refusal(trains_on())))
    one, two, three = st.columns(3, vertical_alignment="bottom")
    count = gpus()
    with one:
        field("precision", disabled=not count and st.session_state.run_precision == "float32")
    with two:
        field("devices", disabled=count < 2 and st.session_state.run_devices == "one")
    with three:
        for name in _others(HardwareSettings, without=("precision", "devices")):
            field(name)
    if not count:
        st.caption(_("Mixed precision and data parallelism need GPUs."))
