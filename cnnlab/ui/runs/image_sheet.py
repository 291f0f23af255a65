"""Validation images with what the network said of each, right and wrong ones marked; a click opens one."""

from collections.abc import Sequence

import streamlit as st

from cnnlab.datasets import ImageSet
from cnnlab.inference import Evaluation, ImagePrediction, percent
from cnnlab.runs import Run
from cnnlab.ui.asking import shown
from cnnlab.ui.image_wall import Tile, image_wall
from cnnlab.ui.runs.evaluation import validation_images
from cnnlab.ui.wording import plain

TILE_PIXELS = 88
LARGE_PIXELS = 360
RIGHT, WRONG = "✓", "✗"


def sheet(run: Run, found: Evaluation, numbers: Sequence[int], key: str, what: str) -> None:
    """Show images by their number in the evaluation; ``what`` names them for those who do not see them.

    Raises:
        CnnLabError: the images are not there any more.
    """
    images = validation_images(run, found)
    tiles = [_tile(number, images, found.predictions[number]) for number in numbers]
    if picked := image_wall(tiles, key=key, label=what, pixels=TILE_PIXELS):
        _open(images, found.predictions[int(picked)], int(picked))


def _tile(number: int, images: ImageSet, said: ImagePrediction) -> Tile:
    right = said.label == said.predicted
    sure = f"{100 * said.probability:.0f} %"
    caption = f"{RIGHT} {said.label} {sure}" if right else f"{WRONG} {said.label} → {said.predicted} {sure}"
    verdict = "right" if right else "wrong"
    alt = f"{verdict}: label {said.label}, predicted {said.predicted}, {sure}; {said.name}"
    return Tile.of(str(number), images.images[number], caption, alt, TILE_PIXELS)


@st.dialog("Validation image")
def _open(images: ImageSet, said: ImagePrediction, number: int) -> None:
    """Show one image as large as the dialog, with what is known of its prediction."""
    right = said.label == said.predicted
    mark = RIGHT if right else WRONG
    st.markdown(f"Label **{plain(said.label)}**, predicted **{plain(said.predicted)}** {mark}")
    image = images.images[number]
    st.image(shown(image, LARGE_PIXELS), width=LARGE_PIXELS, alt=said.name)
    height, width = image.shape[:2]
    sure = f"p({plain(said.predicted)}) = {percent(said.probability)}"
    if not right:
        sure += f", p({plain(said.label)}) = {percent(said.label_probability)}"
    st.markdown(sure)
    st.caption(f"{plain(said.name)}, {width} × {height} pixels as the network sees it")
