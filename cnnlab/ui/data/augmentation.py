"""Augmentation before one's eyes: some pictures as they are, and as epochs of training will see them."""

import numpy as np
import streamlit as st

from cnnlab import images
from cnnlab.augmentation import Augmentation, picture_seeds
from cnnlab.datasets import ImageSet, Splits
from cnnlab.ui.asking import shown
from cnnlab.ui.augmentation_form import augmentation_form
from cnnlab.ui.page_change import open_page
from cnnlab.ui.state import lab

PICTURES = 4
EPOCHS = 6
PIXELS = 96
GAP = 4
BETWEEN = 24


def augmentation_preview(splits: Splits) -> None:
    """Show sliders and what they do to training pictures; hand the settings to the Train page on request."""
    st.markdown(
        "In each epoch a training picture looks a little different. Validation pictures never change."
    )
    state = st.session_state
    view, form = st.columns([3, 2], gap="large")
    with form:
        state.data_augmentation = augmentation_form(
            state.get("data_augmentation", {}), "data_augmentation_form"
        )
    with view:
        _pictures(splits, Augmentation.from_dict(state.data_augmentation))
        with st.container(horizontal=True, gap="small"):
            st.button("Other pictures", icon=":material/shuffle:", on_click=_turn, args=("turn", 1))
            st.button("Other epochs", icon=":material/casino:", on_click=_turn, args=("epoch", EPOCHS))
            _hand_over(state.data_augmentation)


def _turn(what: str, by: int) -> None:
    key = f"data_augmentation_{what}"
    st.session_state[key] = st.session_state.get(key, 0) + by


def _pictures(splits: Splits, augmentation: Augmentation) -> None:
    chosen = _some(splits.train, st.session_state.get("data_augmentation_turn", 0))
    first = st.session_state.get("data_augmentation_epoch", 0)
    originals = splits.train.images[chosen]
    epochs = range(first, first + EPOCHS)
    seen = np.stack(
        [augmentation.apply(originals, picture_seeds(0, epoch, chosen)) for epoch in epochs], axis=1
    )
    left, right = _sheet(originals, 1), _sheet(seen.reshape(-1, *originals.shape[1:]), EPOCHS)
    between = np.full((len(left), BETWEEN, left.shape[2]), 255, np.uint8)
    st.image(np.concatenate([left, between, right], axis=1), alt="training pictures, plain and augmented")
    st.caption(f"First column: the picture as it is. Then as epochs {first + 1} to {first + EPOCHS} see it.")


def _hand_over(values: dict[str, float | str]) -> None:
    if st.button(
        "Use in training", type="primary", icon=":material/trending_up:", key="data_augmentation_use"
    ):
        lab().augmentation = dict(values)
        open_page("pages/train.py")


def _some(train: ImageSet, turn: int) -> np.ndarray:
    """Return the numbers of a few training pictures, of classes in turn."""
    rng = np.random.default_rng(turn)
    known = np.unique(train.labels)
    labels = known[(np.arange(PICTURES) + turn * PICTURES) % len(known)]
    return np.array([rng.choice(np.flatnonzero(train.labels == label)) for label in labels])


def _sheet(pictures: np.ndarray, columns: int) -> np.ndarray:
    return images.contact_sheet([_enlarged(picture) for picture in pictures], columns, GAP)


def _enlarged(picture: np.ndarray) -> np.ndarray:
    large = shown(picture, PIXELS)
    return large if large.ndim == 3 else large[..., None]
