"""The settings below the essentials, in groups; labels, help and words of values are those of ``terms``."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnlab import architectures, charts, machine
from cnnlab.errors import CnnLabError
from cnnlab.training import schedules, terms
from cnnlab.training.config import decay_factor
from cnnlab.ui.augmentation_form import augmentation_form
from cnnlab.ui.live_chart import still_chart
from cnnlab.ui.state import lab
from cnnlab.ui.train.form_state import chosen, option_key
from cnnlab.ui.train.rate_finder import offer_range_test, range_test
from cnnlab.ui.wording import plain

COLOURS, FITS, RESAMPLES = map(terms.choices, ("channels", "fit", "resample"))
CHART_PIXELS = 200
VIEWS = "Schedule", "LR finder"


def groups() -> None:
    """Show every group as a tab."""
    shown: dict[str, Callable[[], None]] = {
        "Learning rate": _learning_rate,
        "Regularisation": _regularisation,
        "Preprocessing and split": _images,
        "Augmentation": _augmentation,
        "Device": _device,
    }
    tabs = st.tabs(list(shown), on_change="rerun", key="run_group")
    for tab, show in zip(tabs, shown.values(), strict=True):
        if tab.open:
            with tab:
                show()


def number(name: str, step: float, help: str = "", **options: Any) -> None:
    """Show a number of the form, under its term."""
    label, key = terms.label_with_unit(name), f"run_{name}"
    st.number_input(
        label, step=step, help=help or terms.help(name), key=key, persist_state="session", **options
    )


def choice(name: str, words: dict[Any, str] | None = None, **options: Any) -> None:
    """Show a choice of the form, under its term."""
    label, words = terms.label(name), words or terms.choices(name)
    st.selectbox(
        label,
        list(words),
        format_func=words.__getitem__,
        placeholder=words.get(None, ""),
        help=terms.help(name),
        key=f"run_{name}",
        persist_state="session",
        **options,
    )


def switch(name: str, **options: Any) -> None:
    """Show a switch of the form, under its term."""
    label = terms.label(name)
    st.toggle(label, help=terms.help(name), key=f"run_{name}", persist_state="session", **options)


def network_options() -> None:
    """Offer what the chosen network lets one choose beyond its shape, where it does."""
    facts = architectures.get(lab().architecture)
    if not facts.options:
        return
    for column, (name, default) in zip(st.columns(3), facts.options.items(), strict=False):
        key, term = option_key(facts.name, name), terms.option(name)
        label, why = term.label, facts.notes.get(name) or term.help
        st.session_state.setdefault(key, default)
        with column:
            if words := facts.choices.get(name):
                st.selectbox(label, words, format_func=term.said, help=why, key=key, persist_state="session")
            else:
                st.number_input(label, 0, step=1, help=why, key=key, persist_state="session")


def _learning_rate() -> None:
    settings, picture = st.columns([2, 3], gap="medium")
    with settings:
        st.session_state.setdefault("run_rate_view", VIEWS[0])
        view = st.segmented_control(
            "Show", VIEWS, required=True, label_visibility="collapsed", key="run_rate_view"
        )
        if view == VIEWS[0]:
            _decay_and_momentum()
        else:
            offer_range_test()
    with picture:
        if view == VIEWS[0]:
            _preview()
        else:
            range_test(CHART_PIXELS)


def _decay_and_momentum() -> None:
    schedule = st.session_state.run_schedule
    if schedule in {"step", "exponential", "plateau"}:
        number("schedule_factor", 0.05, format="%.6g")
    if schedule == "step":
        label, why = terms.label("schedule_epochs"), terms.help("schedule_epochs")
        key = "run_schedule_epochs"
        st.text_input(label, placeholder="100, 200", help=why, key=key, persist_state="session")
    if schedule == "plateau":
        number("schedule_patience", 1)
    number("warm_up_epochs", 1)
    if st.session_state.run_optimizer in {"sgd", "rmsprop"}:
        number("momentum", 0.1)
    if st.session_state.run_optimizer == "sgd":
        switch("nesterov")


def usual_factor(before: str) -> None:
    """Give a schedule its usual factor unless somebody chose one; ``before`` is the schedule until now."""
    if st.session_state.run_schedule_factor == decay_factor(before):
        st.session_state.run_schedule_factor = decay_factor(st.session_state.run_schedule)


def _preview() -> None:
    try:
        config = chosen().validated()
    except CnnLabError as error:
        st.caption(plain(str(error)))
        return
    rates = tuple(schedules.preview(config))
    still_chart("rate-preview", charts.rate_preview, rates)
    if config.schedule == "plateau":
        st.caption("The validation loss decides when the rate decays; here it is drawn as if it always fell.")


def _regularisation() -> None:
    one, two = st.columns(2)
    with one:
        number("dropout", 0.1, placeholder=terms.said("dropout", None))
        number("l2", 0.0001, format="%.6g")
    with two:
        number("label_smoothing", 0.05)
        number("stop_patience", 1, placeholder=terms.said("stop_patience", None))


def _images() -> None:
    one, two, three = st.columns(3)
    with one:
        choice("split_by")
        number("validation_share", 0.05, disabled=st.session_state.run_split_by == "given")
        number("seed", 1)
    with two:
        choice("channels")
        choice("fit")
        choice("resample")
    with three:
        kinds = dict(terms.NORMALISATIONS)
        if st.session_state.run_scaling != "given":
            del kinds["given"]
        choice("scaling", kinds)
        number("max_per_class", 1, placeholder=terms.said("max_per_class", None))
        switch("shuffle")


def _augmentation() -> None:
    st.caption("Only training images are augmented, with new random values in each epoch.")
    lab().augmentation = augmentation_form(lab().augmentation, "run_augmentation")
    number("augmented_copies", 1)


def _device() -> None:
    device = machine.describe()
    st.markdown(f":material/memory: This machine trains on **{plain(str(device))}**.")
    one, two, three = st.columns(3, vertical_alignment="bottom")
    gpu = device.kind == "GPU"
    with one:
        choice("precision", disabled=not gpu and st.session_state.run_precision == "float32")
    with two:
        choice("devices", disabled=device.count < 2 and st.session_state.run_devices == "one")
    with three:
        switch("deterministic")
    if not gpu:
        st.caption("Mixed precision and data parallelism need GPUs.")
