"""What the classify page asks a network with: its weights, and images from people or from the dataset."""

import math
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
import streamlit as st

from cnnlab import datasets, images, runs, training
from cnnlab.errors import CnnLabError, RunError
from cnnlab.inference import Classifier
from cnnlab.languages import _
from cnnlab.runs import snapshots
from cnnlab.service import OfEpoch, OfRun
from cnnlab.ui.engine import service

SAMPLES = 10
IMAGE_PIXELS = 208
GAP = 8
"""Pixels between the images of a row."""
SHARP = 2
"""Pixels of a fine screen in one of a page."""
SMALL_BYTES = 4 * 2**20
IMAGE_KINDS = [suffix.removeprefix(".") for suffix in images.SUFFIXES]
FORMATS = images.FORMATS
MOST_MB = images.MAX_BYTES // 10**6
"""Of one image; the upload field says it, and refuses larger ones."""


@dataclass(frozen=True, eq=False)
class Sample:
    """An image that the network was not trained on, uint8 ``(H, W, C)``, with the class of its label.

    ``original`` is the ``(height, width)`` of the image before it was resized for the network, if known.
    """

    name: str
    image: np.ndarray
    truth: str
    original: tuple[int, int] | None = None


class TimedModel:
    """Asks the service about ``weights``; ``seconds`` is what the network itself took for all its answers."""

    def __init__(self, weights: OfRun | OfEpoch):
        self.weights, self.seconds = weights, 0.0

    def __call__(self, batch: np.ndarray, training: bool = False) -> np.ndarray:
        """Return probabilities ``(N, classes)``."""
        answer, seconds = service().ask("timed_probabilities", self.weights, batch)
        self.seconds += seconds
        return answer


@dataclass(frozen=True, eq=False)
class TimedClassifier(Classifier):
    """A classifier whose network tells how long it took."""

    model: TimedModel


def classifier(run: runs.Run, epoch: int | None = None) -> TimedClassifier:
    """Return the run's best weights so far, or those of an epoch, ready to answer.

    Raises:
        RunError: the run has no weights yet, those of the epoch were not kept, or they cannot be read.
    """
    return TimedClassifier.of_facts(run, TimedModel(weights_of(run, epoch)))


def weights_of(run: runs.Run, epoch: int | None = None) -> OfRun | OfEpoch:
    """Name the run's best weights so far, or those of an epoch, as the service knows them.

    Raises:
        RunError: the run has none yet, or those of the epoch were not kept.
    """
    if epoch is None or snapshots.checkpoint_of(run, epoch) == "best":
        return best_of(run)
    which = snapshots.checkpoint_of(run, epoch)
    file = snapshots.weights(run, epoch) or (run.weights(which) if which else None)
    if file is None:
        raise RunError(f"The weights of epoch {epoch} were not kept; choose another epoch.")
    return OfEpoch(run.id, epoch, file.stat().st_mtime_ns)


def best_of(run: runs.Run) -> OfRun:
    """Name the run's best weights so far, as the service knows them.

    Raises:
        RunError: the run has none yet.
    """
    file = run.weights()
    if file is None:
        raise RunError(f"The run {run.id} has no weights yet; let it finish an epoch first.")
    return OfRun(run.id, file.stat().st_mtime_ns)


def samples(run_id: str) -> list[Sample]:
    """Return images from the run's validation set, all classes in turn.

    Raises:
        DatasetError: the dataset is not there any more.
    """
    with st.spinner(_("Looking for images…")):
        return _samples(run_id)


@st.cache_resource(max_entries=4, show_spinner=False)
def _samples(run_id: str) -> list[Sample]:
    splits = training.images_of(runs.get(run_id))
    part = splits.validation
    chosen = datasets.in_turn(part.labels, SAMPLES)
    sizes = _original_sizes(runs.get(run_id), [part.names[i] for i in chosen])
    return [
        Sample(part.names[i], part.images[i], splits.classes[part.labels[i]], sizes.get(part.names[i]))
        for i in chosen
    ]


def _original_sizes(run: runs.Run, names: list[str]) -> dict[str, tuple[int, int]]:
    """Return the ``(height, width)`` of images of the run's dataset by their names, where it is known."""
    try:
        info = datasets.get(dataset := training.dataset_here(run).dataset)
        if info.native_shape:
            return dict.fromkeys(names, info.native_shape[:2])
        return datasets.image_sides(dataset, names)
    except (CnnLabError, KeyError, TypeError):
        return {}


@st.cache_resource(max_entries=16, show_spinner=False)
def original(run_id: str, name: str) -> np.ndarray | None:
    """Return an image of the run's dataset as its file is, not larger than is shown; None without files."""
    try:
        dataset = training.dataset_here(runs.get(run_id)).dataset
        image = datasets.original(dataset, name)
        if image is None and _is_small(datasets.get(dataset)):
            image = _by_name(datasets.load(dataset), name)
    except (CnnLabError, KeyError, TypeError):
        return None
    return None if image is None else images.at_most(image, SHARP * IMAGE_PIXELS)


def _is_small(info: datasets.DatasetInfo) -> bool:
    """Whether a dataset that is made of arrays can be loaded for the sake of one image."""
    return info.native_shape is not None and info.images * math.prod(info.native_shape) <= SMALL_BYTES


def _by_name(splits: datasets.Splits, name: str) -> np.ndarray | None:
    for part in (splits.train, splits.validation):
        if name in part.names:
            return part.images[part.names.index(name)]
    return None


def shown(image: np.ndarray, pixels: int = IMAGE_PIXELS) -> np.ndarray:
    """Return a uint8 image ready for ``st.image``, to be ``pixels`` long on the page.

    Each pixel of a small one is a crisp square; a large one becomes a thumbnail, sharp on fine screens too.
    """
    image = images.at_most(image, SHARP * pixels)
    times = max(1, -(-pixels // max(image.shape[:2])))
    enlarged = image.repeat(times, axis=0).repeat(times, axis=1)
    return enlarged[..., 0] if enlarged.shape[2] == 1 else enlarged


def shown_in_colour(image: np.ndarray, pixels: int) -> np.ndarray:
    """Return an image as ``shown``, uint8 RGB also where it is gray: to be drawn on."""
    return images.recolour(np.atleast_3d(shown(image, pixels)), 3)


def spaced(image: np.ndarray, pixels: int) -> np.ndarray:
    """Return an image as ``shown``, uint8 RGBA, with a transparent gap at its right: one of a row."""
    tile = shown_in_colour(image, pixels)
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
    why = _(
        "The browser lends its camera only to pages that come over https or from this very machine, and "
        "this page comes over plain http."
    )
    st.info(f"{why} {instead}", icon=":material/no_photography:")
