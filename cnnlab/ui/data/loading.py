"""Preprocessing and split: what is chosen is seen at once, and goes along to Train."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnlab.datasets import DatasetInfo, LoadOptions
from cnnlab.languages import _, _p, joined, texts
from cnnlab.settings import RunConfig, setting_named
from cnnlab.settings.declaration import as_arguments
from cnnlab.ui.data import augmentation
from cnnlab.ui.state import Lab, lab
from cnnlab.ui.train.first_run import for_few_images
from cnnlab.ui.train.recipes import begin_with

LARGEST_PIXELS = 128  # larger images are looked at in this size
CHOICES = ("channels", "image_size", "fit", "resample", "validation_share", "seed", "max_per_class")
START: dict[str, Any] = {name: setting_named(name).of(LoadOptions()) for name in CHOICES}
WAYS = texts({"random": "Random", "group": "By person (group-wise)", "given": "As provided"})


def choose_way(info: DatasetInfo, ways: tuple[str, ...]) -> str:
    """Show in which ways a dataset can be split, the first of ``ways`` chosen; return the chosen one."""
    key = way_key(info)
    if st.session_state.get(key) not in ways:
        st.session_state[key] = ways[0]
    if len(ways) > 1:
        why = setting_named("split_by").help
        st.segmented_control(
            _p("of a dataset", "Split"),
            ways,
            format_func=lambda name: _(WAYS[name]),
            required=True,
            help=_(why),
            key=key,
            persist_state="session",
            wrap=True,
        )
    return st.session_state[key]


def way_key(info: DatasetInfo) -> str:
    """Return under which key of the session the way stands in which a dataset is split."""
    return f"data_split_{info.name}"


def choose_loading(info: DatasetInfo, way: str) -> LoadOptions:
    """Show the choices behind a button; return them for looking at the images, not too large.

    Raises:
        DatasetError: they do not fit each other.
    """
    for name, value in START.items():
        st.session_state.setdefault(_key(name), value)
    label, icon = _("Preprocessing and split"), ":material/tune:"
    fold = st.popover(label, icon=icon, on_change="rerun", key="data_more")
    if fold.open:
        with fold:
            _pixels(st.columns(2, vertical_alignment="bottom") * 2)
            _parts(st.columns(2, vertical_alignment="bottom") * 2, way)
    choices = _choices() | {"image_size": _looked_at(info), "split_by": way}
    return LoadOptions(**as_arguments(LoadOptions, choices))


def offer_training(place: DeltaGenerator, info: DatasetInfo, way: str) -> None:
    """Show the button that takes dataset, split, preprocessing and augmentation to the page that trains."""
    label, icon = _("Train with this"), ":material/trending_up:"
    if place.button(label, icon=icon, type="primary", key="data_train"):
        lab().dataset = info.name
        _take_along(_choices() | {"split_by": way}, info)
        st.switch_page("pages/train.py")


def _take_along(choices: dict[str, Any], info: DatasetInfo) -> None:
    """Put into the training form what was chosen here, and what was before and is no more.

    Who has chosen no network yet gets one that learns own images; LeNet-5 is made for digits.
    """
    is_own = info.kind == "folder"
    changed = {name for name, value in choices.items() if value != setting_named(name).of(LoadOptions())}
    if is_own:
        changed.add("split_by")  # the form would choose by itself
    lab().run_id = None
    lab().augmentation = augmentation.chosen()
    if changed and "run_recipe" not in st.session_state:
        config = RunConfig(lab().architecture, info.name)
        if is_own and lab().architecture == Lab.architecture:
            config = for_few_images(info.name, info.images, choices["split_by"] == "group")
        begin_with(replace(config, augmentation=dict(lab().augmentation)))
    st.session_state.pop("run_fork", None)
    for name in changed | st.session_state.get("data_taken", set()):
        st.session_state[f"run_{name}"] = choices[name]
    st.session_state.data_taken = changed


def _pixels(columns: Sequence[DeltaGenerator]) -> None:
    why = _("Shown here at up to {pixels} pixels.", pixels=LARGEST_PIXELS)
    _number(columns[0], "image_size", why)
    for column, name in zip(columns[1:4], ("channels", "fit", "resample"), strict=True):
        known = setting_named(name)
        words = dict(known.choices)
        column.selectbox(
            _(known.label),
            list(words),
            format_func=partial(_in_words, words),
            placeholder=_(words[None]) if None in words else "",
            help=_(known.help),
            **_kept(name),
        )


def _in_words(words: dict[Any, str], value: Any) -> str:
    return _(words[value])


def _parts(columns: Sequence[DeltaGenerator], way: str) -> None:
    _number(columns[0], "validation_share", disabled=way == "given")
    _number(columns[1], "seed")
    _number(columns[2], "max_per_class")
    changed = any(_chosen(name) != value for name, value in START.items())
    columns[3].button(_("Reset"), icon=":material/restart_alt:", disabled=not changed, on_click=_reset)


def _number(place: DeltaGenerator, name: str, why: str = "", **options: Any) -> None:
    """Show a number as it is declared; an empty field says what None stands for."""
    known = setting_named(name)
    empty = {"placeholder": _(known.none)} if known.optional else {}
    place.number_input(
        *(known.label_with_unit, known.kind(known.low), known.kind(known.high)),
        step=known.step or 1,
        help=joined(filter(None, [_(known.help), why])),
        **empty | _kept(name) | options,
    )


def _kept(name: str) -> dict[str, Any]:
    return {"key": _key(name), "persist_state": "session"}


def _key(name: str) -> str:
    return f"data_load_{name}"


def _chosen(name: str) -> Any:
    return st.session_state[_key(name)]


def _choices() -> dict[str, Any]:
    return {name: _chosen(name) for name in CHOICES}


def _looked_at(info: DatasetInfo) -> int | None:
    size = _chosen("image_size")
    return min(size, LARGEST_PIXELS) if size else shown_size(info)


def shown_size(info: DatasetInfo) -> int | None:
    """Return the size to show images in; None, their own, if that is small."""
    shape = info.native_shape
    return None if shape and max(shape[:2]) <= LARGEST_PIXELS else LARGEST_PIXELS


def _reset() -> None:
    for name, value in START.items():
        st.session_state[_key(name)] = value
