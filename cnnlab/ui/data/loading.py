"""How pictures are loaded: size, colours, split. What is chosen is seen at once, and goes along to Train."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnlab.datasets import DatasetInfo, LoadOptions
from cnnlab.training import RunConfig
from cnnlab.ui.page_change import open_page
from cnnlab.ui.state import lab
from cnnlab.ui.train.groups import COLOURS, FITS, RESAMPLES
from cnnlab.ui.train.recipes import begin_with

LARGEST_PIXELS = 128  # larger pictures are looked at in this size
LONGEST_SIDE = 1024
CHOICES = ("channels", "image_size", "fit", "resample", "validation_share", "seed", "max_per_class")
START: dict[str, Any] = {name: getattr(LoadOptions(), name) for name in CHOICES}


def choose_loading(info: DatasetInfo, split_by: str) -> LoadOptions:
    """Show the choices behind one line; return them for looking at the pictures, not too large.

    Raises:
        DatasetError: they do not fit each other.
    """
    for name, value in START.items():
        st.session_state.setdefault(_key(name), value)
    label, icon = "How the pictures are loaded", ":material/tune:"
    fold = st.expander(label, icon=icon, on_change="rerun", key="data_more")
    if fold.open:
        with fold:
            _pixels(st.columns(4))
            _parts(st.columns(4, vertical_alignment="bottom"), split_by)
    return LoadOptions(**_choices() | {"image_size": _looked_at(info), "split_by": split_by})


def offer_training(split_by: str) -> None:
    """Show the button that takes the dataset and the choices along to the page that trains."""
    if st.button("Train on these pictures", icon=":material/trending_up:", type="primary", key="data_train"):
        _take_along(_choices() | {"split_by": split_by})
        open_page("pages/train.py")


def _take_along(choices: dict[str, Any]) -> None:
    """Put into the training form what was chosen here, and what was taken along before and is so no more."""
    changed = {name for name, value in choices.items() if value != getattr(LoadOptions(), name)}
    if changed and "run_recipe" not in st.session_state:
        begin_with(RunConfig(lab().architecture, lab().dataset, augmentation=dict(lab().augmentation)))
    for name in changed | st.session_state.get("data_taken", set()):
        st.session_state[f"run_{name}"] = choices[name]
    st.session_state.data_taken = changed


def _pixels(columns: list[DeltaGenerator]) -> None:
    columns[0].number_input(
        "Image size in pixels",
        8,
        LONGEST_SIDE,
        placeholder="as the network has it",
        help=f"The side of the square that a network sees; shown here at up to {LARGEST_PIXELS} pixels.",
        **_kept("image_size"),
    )
    for column, label, name, words in (
        (columns[1], "Colours", "channels", COLOURS),
        (columns[2], "Not square", "fit", FITS),
        (columns[3], "Resized by", "resample", RESAMPLES),
    ):
        placeholder = words.get(None, "")
        column.selectbox(label, list(words), format_func=words.get, placeholder=placeholder, **_kept(name))


def _parts(columns: list[DeltaGenerator], split_by: str) -> None:
    given = split_by == "given"
    columns[0].number_input(
        "Validation share", 0.05, 0.9, step=0.05, disabled=given, **_kept("validation_share")
    )
    columns[1].number_input("Seed of the split", 0, 2**31 - 1, **_kept("seed"))
    columns[2].number_input("Most pictures per class", 2, 10**7, placeholder="all", **_kept("max_per_class"))
    changed = any(_chosen(name) != value for name, value in START.items())
    columns[3].button("As at first", icon=":material/restart_alt:", disabled=not changed, on_click=_reset)


def _kept(name: str) -> dict[str, str]:
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
    """Return the size to show pictures in; None, their own, if that is small."""
    shape = info.native_shape
    return None if shape and max(shape[:2]) <= LARGEST_PIXELS else LARGEST_PIXELS


def _reset() -> None:
    for name, value in START.items():
        st.session_state[_key(name)] = value
