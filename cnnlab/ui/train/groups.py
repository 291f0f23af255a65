"""The settings below the essentials, in groups: a short label and one sentence of help for each."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnlab import architectures, charts
from cnnlab.errors import CnnLabError
from cnnlab.training import devices, schedules
from cnnlab.ui.augmentation_form import augmentation_form
from cnnlab.ui.live_chart import live_chart
from cnnlab.ui.state import lab
from cnnlab.ui.train.form_state import SCALINGS, chosen, option_key
from cnnlab.ui.train.rate_finder import rate_finder
from cnnlab.ui.wording import plain

SCHEDULES = {
    "constant": "stays",
    "cosine": "falls as half a cosine",
    "exponential": "falls by a factor each epoch",
    "plateau": "falls by a factor on a plateau",
    "step": "falls by a factor at some epochs",
}
SPLITS = {
    "random": "at random",
    "group": "by group (nobody in both parts)",
    "given": "the dataset's own test part",
}
COLOURS = {None: "as the dataset has them", 1: "gray", 3: "colour"}
FITS = {"squash": "squash to a square", "crop": "crop the middle"}
RESAMPLES = {"area": "area (mean of the pixels)", "bilinear": "bilinear"}
PRECISIONS = {"float32": "float32", "mixed": "mixed (16 and 32 bits)"}
DEVICES = {"one": "one", "all": "all GPUs share each batch"}


def groups() -> None:
    """Show every group as a tab."""
    shown: dict[str, Callable[[], None]] = {
        "Learning rate": _learning_rate,
        "Regularisation": _regularisation,
        "Pictures": _pictures,
        "Augmentation": _augmentation,
        "Device": _device,
    }
    tabs = st.tabs(list(shown), on_change="rerun", key="run_group")
    for tab, show in zip(tabs, shown.values(), strict=True):
        if tab.open:
            with tab:
                show()


def number(label: str, name: str, step: float, why: str, **options: Any) -> None:
    """Show a number of the form."""
    st.number_input(label, step=step, help=why, key=f"run_{name}", persist_state="session", **options)


def choice(label: str, name: str, words: dict[Any, str], why: str, **options: Any) -> None:
    """Show a choice of the form."""
    st.selectbox(
        label,
        list(words),
        format_func=words.get,
        placeholder=words.get(None, ""),
        help=why,
        key=f"run_{name}",
        persist_state="session",
        **options,
    )


def switch(label: str, name: str, why: str, **options: Any) -> None:
    """Show a switch of the form."""
    st.toggle(label, help=why, key=f"run_{name}", persist_state="session", **options)


def network_options() -> None:
    """Offer what the chosen network lets one choose beyond its shape, where it does."""
    facts = architectures.get(lab().architecture)
    if not facts.options:
        return
    for column, (name, default) in zip(st.columns(3), facts.options.items(), strict=False):
        key, label = option_key(facts.name, name), name.replace("_", " ").capitalize()
        st.session_state.setdefault(key, default)
        why = facts.notes.get(name)
        with column:
            if name in facts.choices:
                st.selectbox(label, facts.choices[name], help=why, key=key, persist_state="session")
            else:
                st.number_input(label, 0, step=1, help=why, key=key, persist_state="session")


def _learning_rate() -> None:
    settings, picture = st.columns([2, 3], gap="medium")
    with settings:
        choice("Over the run it", "schedule", SCHEDULES, "How the learning rate goes from epoch to epoch.")
        schedule = st.session_state.run_schedule
        if schedule in {"step", "exponential", "plateau"}:
            number("Factor", "schedule_factor", 0.05, "The rate is multiplied by this each time it falls.")
        if schedule == "step":
            why = "Epochs after which the rate falls, separated by commas."
            st.text_input(
                "Falls after epochs",
                placeholder="100, 200",
                help=why,
                key="run_schedule_epochs",
                persist_state="session",
            )
        if schedule == "plateau":
            why = "So many epochs without a lower validation loss make a plateau."
            number("Patience in epochs", "schedule_patience", 1, why)
        number("Warm-up epochs", "warm_up_epochs", 1, "The rate climbs to its first value in so many epochs.")
        if st.session_state.run_optimizer in {"sgd", "rmsprop"}:
            number("Momentum", "momentum", 0.1, "The part of the last step that goes into the next one.")
        if st.session_state.run_optimizer == "sgd":
            switch("Nesterov", "nesterov", "Measures the slope where the momentum will have carried it.")
    with picture:
        _preview()
        rate_finder()


def _preview() -> None:
    try:
        config = chosen().validated()
    except CnnLabError as error:
        st.caption(plain(str(error)))
        return
    live_chart(charts.rate_preview(schedules.preview(config)), key="rate-preview", height=230)
    if config.schedule == "plateau":
        st.caption("When a plateau comes is not known before the run: the rate is drawn without one.")


def _regularisation() -> None:
    one, two, three = st.columns(3)
    with one:
        placeholder = "as the network has it"
        number("Dropout rate", "dropout", 0.1, "The rate of every dropout layer.", placeholder=placeholder)
        why = "So many epochs without a lower validation loss end the run."
        number("Stop early after epochs", "stop_patience", 1, why, placeholder="never")
    with two:
        why = "Times the sum of squared kernel weights, added to the loss that is shown."
        number("L2 penalty", "l2", 0.0001, why, format="%.6g")
    with three:
        why = "This part of the truth is spread over all classes, so that the network does not grow too sure."
        number("Label smoothing", "label_smoothing", 0.05, why)


def _pictures() -> None:
    one, two, three = st.columns(3)
    with one:
        choice("Validation pictures are chosen", "split_by", SPLITS, "They are watched, not trained on.")
        why = "The part of the pictures that is kept for validation."
        disabled = st.session_state.run_split_by == "given"
        number("Validation share", "validation_share", 0.05, why, disabled=disabled)
        why = "Fixes the split, the order of the pictures and the first weights."
        number("Seed", "seed", 1, why)
    with two:
        choice("Colours", "channels", COLOURS, "Colour pictures can be made gray, and gray ones colour.")
        choice("Not square", "fit", FITS, "What happens to a picture that is not square.")
        choice("Resized by", "resample", RESAMPLES, "How a new pixel is made from the old ones.")
    with three:
        scalings = dict(SCALINGS)
        if st.session_state.run_scaling != "given":
            del scalings["given"]
        choice("Pixels are scaled to", "scaling", scalings, "The numbers that the network sees.")
        why = "Takes so many pictures of each class at most: a quick look first."
        number("Most pictures per class", "max_per_class", 1, why, placeholder="all")
        switch(
            "New order in each epoch", "shuffle", "Without it, every epoch takes the pictures in one order."
        )


def _augmentation() -> None:
    st.caption("Each training picture is changed at random, anew in each epoch; validation pictures never.")
    lab().augmentation = augmentation_form(lab().augmentation, "run_augmentation")
    why = (
        "A frozen base looks at so many changed copies of each picture once, and its head trains on what it "
        "saw: much faster; 0 runs the base in every epoch."
    )
    number("Augmented copies for a frozen base", "augmented_copies", 1, why)


def _device() -> None:
    device = devices.describe()
    st.caption(f":material/memory: This machine trains on: {plain(str(device))}.")
    one, two, three = st.columns(3)
    gpu = device.kind == "GPU"
    with one:
        why = "16-bit arithmetic: faster and smaller on NVIDIA GPUs of compute capability 7.0 and above."
        unused = not gpu and st.session_state.run_precision == "float32"
        choice("Precision", "precision", PRECISIONS, why, disabled=unused)
    with two:
        why = "With several GPUs, each takes an equal share of every batch."
        unused = device.count < 2 and st.session_state.run_devices == "one"
        choice("Devices", "devices", DEVICES, why, disabled=unused)
    with three:
        switch(
            "Deterministic", "deterministic", "The same run again gives the same weights; somewhat slower."
        )
    if not gpu:
        st.caption("Mixed precision and several devices need GPUs.")
