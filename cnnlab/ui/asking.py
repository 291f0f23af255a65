"""What the classify page asks a network with: its weights, and pictures from people or from the dataset."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
import streamlit as st

from cnnlab import images, runs, training
from cnnlab.errors import RunError
from cnnlab.inference import Classifier
from cnnlab.service import OfRun
from cnnlab.ui.engine import service

SAMPLES = 10
PICTURE_PIXELS = 208
GAP = 8
"""Pixels between the pictures of a row."""
SHARP = 2
"""Pixels of a fine screen in one of a page."""
PICTURE_KINDS = [suffix.removeprefix(".") for suffix in images.SUFFIXES]
FORMATS = f"{images.FORMATS}, up to {images.MAX_BYTES >> 20} MB each"


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture that the network was not trained on, uint8 ``(H, W, C)``, with its true class."""

    name: str
    image: np.ndarray
    truth: str


def classifier(run: runs.Run) -> Classifier:
    """Return the run's best weights so far, ready to answer.

    Raises:
        RunError: the run has no weights yet, or they cannot be read.
    """
    weights = best_of(run)
    return Classifier.of_facts(run, lambda batch, training: service().ask("probabilities", weights, batch))


def best_of(run: runs.Run) -> OfRun:
    """Name the run's best weights so far, as the service knows them.

    Raises:
        RunError: the run has none yet.
    """
    file = run.weights()
    if file is None:
        raise RunError(f"The run {run.id} has no weights yet; let it finish an epoch first.")
    return OfRun(run.id, file.stat().st_mtime_ns)


@st.cache_resource(max_entries=4, show_spinner="Looking for images…")
def samples(run_id: str) -> list[Sample]:
    """Return pictures from the run's validation part, all classes in turn.

    Raises:
        DatasetError: the dataset is not there any more.
    """
    splits = training.pictures_of(runs.get(run_id))
    part = splits.validation
    by_class = np.argsort(part.labels, kind="stable")
    chosen = by_class[np.linspace(0, len(part) - 1, min(SAMPLES, len(part))).astype(int)]
    return [Sample(part.names[i], part.images[i], splits.classes[part.labels[i]]) for i in chosen]


def shown(image: np.ndarray, pixels: int = PICTURE_PIXELS) -> np.ndarray:
    """Return a uint8 picture ready for ``st.image``, to be ``pixels`` long on the page.

    Each pixel of a small one is a crisp square; a large one becomes a thumbnail, sharp on fine screens too.
    """
    if max(image.shape[:2]) > SHARP * pixels:
        scale = SHARP * pixels / max(image.shape[:2])
        height, width = (max(1, round(side * scale)) for side in image.shape[:2])
        image = images.resize(image, (height, width))
    times = max(1, -(-pixels // max(image.shape[:2])))
    enlarged = image.repeat(times, axis=0).repeat(times, axis=1)
    return enlarged[..., 0] if enlarged.shape[2] == 1 else enlarged


def spaced(image: np.ndarray, pixels: int) -> np.ndarray:
    """Return a picture as ``shown``, uint8 RGBA, with a transparent gap at its right: one of a row."""
    tile = shown(image, pixels)
    tile = np.dstack([tile] * 3) if tile.ndim == 2 else tile
    opaque = np.full(tile.shape[:2], 255, np.uint8)
    margin = max(1, round(GAP * tile.shape[1] / pixels))
    return np.pad(np.dstack([tile, opaque]), ((0, 0), (0, margin), (0, 0)))


def camera_allowed() -> bool:
    """Whether the browser will give this page the camera: over https, or on the machine itself."""
    address = urlsplit(st.context.url or "")
    host = address.hostname or "localhost"
    return address.scheme == "https" or host in {"localhost", "::1"} or host.startswith("127.")


def no_camera(instead: str) -> None:
    """Say why the browser gives this page no camera, and what to do instead."""
    st.info(
        "The browser lends its camera only to pages that come over https or from this very machine, and "
        f"this page comes over plain http. {instead}",
        icon=":material/no_photography:",
    )
