"""The image of a scene: a test image, a sample of a dataset, an upload, a photo or a drawing.

In the address stands its id: ``edge``, ``digits-3`` for the fourth sample of a dataset, or ``own`` for what
this browser has uploaded, photographed or drawn last.
"""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from cnnlab import datasets, images
from cnnlab.errors import CnnLabError
from cnnlab.languages import _, texts
from cnnlab.streamlit_internals import UploadedFile
from cnnlab.ui.architecture.inspected import images_of, title_of
from cnnlab.ui.asking import FORMATS, IMAGE_KINDS, MOST_MB, camera_allowed, no_camera
from cnnlab.ui.classify import drawing_pad
from cnnlab.ui.concepts.patterns import PATTERNS
from cnnlab.ui.image_wall import Tile, image_wall
from cnnlab.ui.state import lab
from cnnlab.ui.wording import refusal

OWN = "own"
_KEPT, _FROM = "concept_own_image", "concept_own_file"
ALWAYS = ("digits", "gestures_drawn")
TILE_PIXELS = 64
LARGEST, SMALLEST = 256, 8
"""Pixels of a side: of what is kept of people's images, and of what a scene gets."""
NO_FILM = texts("No film? Allow the camera beside the address of this page, or upload an image instead.")
SOURCES = TEST, SAMPLES, UPLOAD, CAMERA, DRAW = texts(("Test images", "Samples", "Upload", "Camera", "Draw"))


@dataclass(frozen=True, eq=False)
class SceneImage:
    """An image uint8 ``(H, W, 1 or 3)`` with its id in the address and its title."""

    id: str
    title: str
    image: np.ndarray

    def as_plain(self, side: int) -> dict[str, Any]:
        """Return what a scene takes: sizes, and the pixels in base64; at most ``side`` long."""
        image = images.at_most(self.image, side)
        if min(image.shape[:2]) < SMALLEST:  # a thin strip: no kernel would fit
            image = images.resize(image, (max(SMALLEST, image.shape[0]), max(SMALLEST, image.shape[1])))
        image = image if image.shape[2] in (1, 3) else images.recolour(image, 3)
        height, width, channels = image.shape
        pixels = base64.b64encode(np.ascontiguousarray(image).tobytes()).decode()
        sizes = {"height": height, "width": width, "channels": channels}
        return {"id": self.id, "title": self.title, **sizes, "pixels": pixels}


def scene_image(asked: str | None, usual: str) -> SceneImage:
    """Return the image of an id that people may have typed; the usual one where there is no such image."""
    return next(found for name in (asked, usual, "cross") if name and (found := _found(name)))


def _found(name: str) -> SceneImage | None:
    if name in PATTERNS:
        title, image = PATTERNS[name]
        return SceneImage(name, _(title), image)
    if name == OWN:
        kept = st.session_state.get(_KEPT)
        return None if kept is None else SceneImage(OWN, _("Your image"), kept)
    dataset, _dash, number = name.rpartition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 4 and _is_here(dataset)):
        return None
    samples = images_of(dataset)
    if int(number) >= len(samples):
        return None
    return SceneImage(name, _title(dataset, int(number)), samples[int(number)])


def _title(dataset: str, place: int) -> str:
    return _("{dataset}, sample {number}", dataset=_(title_of(dataset)), number=place + 1)


def _is_here(dataset: str) -> bool:
    """Whether this is the name of a dataset that needs no download; a path is none."""
    try:
        return dataset in datasets.names() and datasets.is_ready(dataset)
    except CnnLabError:
        return False


def choose_image(now: SceneImage) -> str | None:
    """Offer the images within a fold; return the id of another one that was chosen just now."""
    fold = st.popover(_("Image"), icon=":material/image:", on_change="rerun", key="concept_image")
    if not fold.open:
        return None
    with fold:
        source = st.segmented_control(
            _("Image from"),
            SOURCES,
            format_func=_,
            default=TEST,
            required=True,
            key="concept_image_source",
            wrap=True,
        )
        try:
            return _chosen(source or TEST, now.id)
        except CnnLabError as error:
            st.error(refusal(error))
    return None


def _chosen(source: str, now: str) -> str | None:
    if source == TEST:
        tiles = [
            Tile.of(name, image, _(title), _(title), TILE_PIXELS) for name, (title, image) in PATTERNS.items()
        ]
        return image_wall(tiles, "concept_tests", _("Test images"), TILE_PIXELS, now)
    if source == SAMPLES:
        return _sample(now)
    if source == DRAW:
        return _take(drawing_pad.drawn_image("digits", key="concept_drawn"), now)
    file = _uploaded() if source == UPLOAD else _photographed()
    if file is None or (now == OWN and st.session_state.get(_FROM) == file.file_id):
        return None
    st.session_state[_FROM] = file.file_id
    return _take(images.decode(file.getvalue(), file.name), now)


def _take(image: np.ndarray | None, now: str) -> str | None:
    """Keep a person's image, not larger than it is shown; return its id where it is another one."""
    if image is None:
        return None
    image, before = images.at_most(image, LARGEST), st.session_state.get(_KEPT)
    if now == OWN and before is not None and np.array_equal(image, before):
        return None
    st.session_state[_KEPT] = image
    return OWN


def _sample(now: str) -> str | None:
    known = [name for name in dict.fromkeys((lab().dataset, *ALWAYS)) if _is_here(name)]
    dataset = st.selectbox(
        _("Dataset"), known, format_func=lambda name: _(title_of(name)), key="concept_dataset"
    )
    label = _("Samples of {dataset}", dataset=_(title_of(dataset)))
    tiles = [
        Tile.of(f"{dataset}-{place}", image, "", _title(dataset, place), TILE_PIXELS)
        for place, image in enumerate(images_of(dataset))
    ]
    return image_wall(tiles, f"concept_samples_{dataset}", label, TILE_PIXELS, now)


def _uploaded() -> UploadedFile | None:
    return st.file_uploader(_(FORMATS), IMAGE_KINDS, max_upload_size=MOST_MB, key="concept_upload")


def _photographed() -> UploadedFile | None:
    if camera_allowed():
        photo = st.camera_input(_("Photo"), key="concept_camera")
        st.caption(_(NO_FILM))
        return photo
    no_camera(_("Take the photo with the camera app and upload it here."))
    return None
