"""Where the images that Classify answers come from: samples of the validation set, uploads, a drawing."""

from functools import partial

import numpy as np
import streamlit as st

from cnnlab import datasets, runs
from cnnlab.errors import CnnLabError, ImageError
from cnnlab.inference import Classifier
from cnnlab.languages import _
from cnnlab.ui.asking import FORMATS, IMAGE_KINDS, MOST_MB, no_camera, original, samples, shown
from cnnlab.ui.classify import drawing_pad
from cnnlab.ui.classify.answer import Asked, image_in_words
from cnnlab.ui.image_wall import Tile, image_wall
from cnnlab.ui.wording import refusal

MOST_AT_ONCE = 24
"""Images that one page answers."""
TILE_PIXELS = 72


def ask_for_images(run: runs.Run, network: Classifier, source: str, invert: bool) -> list[Asked]:
    """Show the samples, the upload or the pad, and return what a person chose there, ready to be answered."""
    if source == "Samples":
        return [_choose_sample(run, network, invert)]
    if source == "Draw":
        return _draw(run, network, invert)
    if source == "Camera":
        no_camera(_("Take the photo with the camera app and upload it here."))
    files = st.file_uploader(
        _(FORMATS),
        IMAGE_KINDS,
        accept_multiple_files=True,
        max_upload_size=MOST_MB,
        key=f"classify_files_{source}",
    )
    if len(files) > MOST_AT_ONCE:
        st.info(
            _(
                "The first {some} of {all} images are classified; remove some to see others.",
                some=MOST_AT_ONCE,
                all=len(files),
            )
        )
    return _read(files[:MOST_AT_ONCE], network, invert)


def _draw(run: runs.Run, network: Classifier, invert: bool) -> list[Asked]:
    pad = st.columns([1, 2])[0]
    with pad:
        image = drawing_pad.drawn_image(run.config.dataset, key=f"classify_drawn_{run.id}")
    if image is None:
        st.caption(_("Draw with the mouse, a finger or a pen."))
        return []
    st.caption(drawing_pad.explained(run.config.dataset))
    return [Asked.of(_("Drawing"), lambda: image, network, invert)]


def _choose_sample(run: runs.Run, network: Classifier, invert: bool) -> Asked:
    st.caption(_("Images of the validation set: this network was not trained on them. Click one."))
    offered = samples(run.id)
    number = min(st.session_state.get("classify_sample", 0), len(offered) - 1)
    tiles = [
        Tile.of(
            str(place),
            sample.image,
            sample.truth,
            image_in_words(sample.name, sample.truth),
            TILE_PIXELS,
        )
        for place, sample in enumerate(offered)
    ]
    label = _("Images of the validation set")
    picked = image_wall(tiles, "classify_samples", label, TILE_PIXELS, chosen=str(number))
    if picked is not None and int(picked) != number:
        st.session_state.classify_sample = int(picked)
        st.rerun()
    sample = offered[number]
    whole = original(run.id, sample.name)
    height, width = sample.original or sample.image.shape[:2]
    thumbnail = shown(sample.image if whole is None else whole)
    resized = whole is None and (height, width) != sample.image.shape[:2]
    seen = network.as_seen(sample.image, invert)
    image = sample.image if whole is None else whole
    encoded = partial(from_dataset, run.config.dataset, sample.name)
    return Asked(sample.name, (width, height), thumbnail, seen, lambda: image, sample.truth, resized, encoded)


def from_dataset(dataset: str, name: str) -> bytes | None:
    """Return the file of an image of a dataset, by its name there; None where it has none, or is gone."""
    try:
        return datasets.encoded(dataset, name)
    except CnnLabError:
        return None


def _read(files: list, network: Classifier, invert: bool) -> list[Asked]:
    asked = []
    for file in files:
        try:
            decoded = partial(_decoded, network, file)
            asked.append(Asked.of(file.name, decoded, network, invert, file.getvalue))
        except ImageError as error:
            st.error(refusal(error))
    return asked


def _decoded(network: Classifier, file) -> np.ndarray:
    return network.preprocessing.decode(file.getvalue(), file.name)
