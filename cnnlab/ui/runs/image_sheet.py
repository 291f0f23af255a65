"""Validation images with what the network said of each, right and wrong ones marked; a click opens one."""

from collections.abc import Sequence

import streamlit as st

from cnnlab.inference import ImagePrediction
from cnnlab.languages import _
from cnnlab.ui.image_wall import Tile, image_wall
from cnnlab.ui.runs.evaluation import Evaluated
from cnnlab.ui.runs.labels import CHANGED
from cnnlab.ui.runs.looked_at import LookedAt
from cnnlab.ui.runs.opened_image import RIGHT, WRONG, open_image

TILE_PIXELS = 88


def sheet(seen: LookedAt, numbers: Sequence[int], shown: slice, key: str, what: str) -> None:
    """Show some of the images with these numbers of ``seen.found``; the one that is clicked opens.

    From it all of ``numbers`` are leafed through, in their order. ``what`` names the images for those who do
    not see them.

    Raises:
        CnnLabError: the images are not there any more.
    """
    if st.session_state.pop(CHANGED, False):  # the lines above the images tell of it
        st.rerun()
    images = seen.images
    tiles = [_tile(number, seen, images) for number in numbers[shown]]
    if picked := image_wall(tiles, key=key, label=what, pixels=TILE_PIXELS):
        open_image(seen, tuple(numbers), int(picked))


def _tile(number: int, seen: LookedAt, images: Evaluated) -> Tile:
    said, place = seen.found.predictions[number], seen.numbers[number]
    sure = f"{100 * said.probability:.0f}\u00a0%"
    told = {"label": said.label, "predicted": said.predicted, "sure": sure, "name": said.name}
    if said.label == said.predicted:
        alt = _("right: label {label}, predicted {predicted}, {sure}; {name}", **told)
    else:
        alt = _("wrong: label {label}, predicted {predicted}, {sure}; {name}", **told)
    caption = _caption(said, sure)
    if change := images.corrected.get(place):
        alt = _("{image}; corrected to {label}", image=alt, label=change.now)
        caption = _("{caption}, corrected: {label}", caption=caption, label=change.now)
    return Tile.of(str(number), images.images.images[place], caption, alt, TILE_PIXELS)


def _caption(said: ImagePrediction, sure: str) -> str:
    if said.label == said.predicted:
        return f"{RIGHT} {said.label}, {sure}"
    return f"{WRONG} {said.label} → {said.predicted}, {sure}"
