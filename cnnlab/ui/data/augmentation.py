"""Augmentation before one's eyes: some images as they are, and as epochs of training will see them."""

import numpy as np
import streamlit as st

from cnnlab.augmentation import Augmentation, image_draws
from cnnlab.datasets import ImageSet, Splits
from cnnlab.languages import _
from cnnlab.ui.asking import shown
from cnnlab.ui.augmentation_form import augmentation_form
from cnnlab.ui.data.words import listed
from cnnlab.ui.state import lab

IMAGES = 4
EPOCHS = 6
PIXELS = 96
GAP = 4
BETWEEN = 24
CHOSEN, TRAINED_WITH = "data_augmentation", "data_augmentation_of_lab"


def augmentation_preview(splits: Splits) -> None:
    """Show sliders and what they do to training images; "Train with this" takes the settings along."""
    st.markdown(
        _(
            "Random changes of the training images, sampled anew in each epoch. Validation images never "
            "change."
        )
    )
    view, form = st.columns([3, 2], gap="large")
    with form:
        st.session_state[CHOSEN] = augmentation_form(chosen(), "data_augmentation_form")
    with view:
        _images(splits, Augmentation.from_dict(st.session_state[CHOSEN]))
        with st.container(horizontal=True, gap="small"):
            st.button(_("New images"), icon=":material/shuffle:", on_click=_turn, args=("turn", 1))
            st.button(_("New random draw"), icon=":material/casino:", on_click=_turn, args=("epoch", EPOCHS))


def chosen() -> dict[str, float | str]:
    """Return the settings as they stand here: at first, and after a recipe, those of the Train page."""
    state = st.session_state
    if state.get(TRAINED_WITH) != lab().augmentation:
        state[TRAINED_WITH] = dict(lab().augmentation)
        state[CHOSEN] = dict(lab().augmentation)
    return dict(state.setdefault(CHOSEN, {}))


def _turn(what: str, by: int) -> None:
    key = f"data_augmentation_{what}"
    st.session_state[key] = st.session_state.get(key, 0) + by


def _images(splits: Splits, augmentation: Augmentation) -> None:
    chosen = _some(splits.train, st.session_state.get("data_augmentation_turn", 0))
    first = st.session_state.get("data_augmentation_epoch", 0)
    originals = splits.train.images[chosen]
    epochs = range(first, first + EPOCHS)
    tables = [image_draws(0, epoch, len(splits.train)) for epoch in epochs]
    seen = np.stack([augmentation.apply(originals, table[chosen]) for table in tables], axis=1)
    rows = [[original, *row] for original, row in zip(originals, seen, strict=True)]
    classes = listed(splits.classes[label] for label in splits.train.labels[chosen])
    st.image(
        _sheet(rows),
        width="stretch",
        alt=_(
            "Training images of the classes {classes}: each row one image, first as it is, then as {epochs} "
            "epochs see it",
            classes=classes,
            epochs=EPOCHS,
        ),
    )
    st.caption(
        _(
            "First column: original. Then as in epochs {first} to {last}.",
            first=first + 1,
            last=first + EPOCHS,
        )
    )


def _some(train: ImageSet, turn: int) -> np.ndarray:
    """Return the numbers of a few training images, of classes in turn."""
    rng = np.random.default_rng(turn)
    known = np.unique(train.labels)
    labels = known[(np.arange(IMAGES) + turn * IMAGES) % len(known)]
    return np.array([rng.choice(np.flatnonzero(train.labels == label)) for label in labels])


def _sheet(rows: list[list[np.ndarray]]) -> np.ndarray:
    """Return images as uint8 RGBA in rows, transparent between them, the first column set apart."""
    tiles = [[_opaque(shown(image, PIXELS)) for image in row] for row in rows]
    height, width = tiles[0][0].shape[:2]
    step = width + GAP
    sheet = np.zeros((len(rows) * (height + GAP) - GAP, len(rows[0]) * step - GAP + BETWEEN, 4), np.uint8)
    for y, row in enumerate(tiles):
        for x, tile in enumerate(row):
            left = x * step + (BETWEEN if x else 0)
            sheet[y * (height + GAP) :, left:][:height, :width] = tile
    return sheet


def _opaque(image: np.ndarray) -> np.ndarray:
    rgb = np.dstack([image] * 3) if image.ndim == 2 else image
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
