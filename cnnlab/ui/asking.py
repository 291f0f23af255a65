"""What the classify page asks a network with: its weights, and pictures from people or from the dataset."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
import streamlit as st

from cnnlab import images, runs, training
from cnnlab.inference import Classifier

SAMPLES = 10
PICTURE_PIXELS = 208
PICTURE_KINDS = [suffix.removeprefix(".") for suffix in images.SUFFIXES]
FORMATS = f"{images.FORMATS}, up to {images.MAX_BYTES >> 20} MB each"


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture that the network was not trained on, uint8 ``(H, W, C)``, with its true class."""

    name: str
    image: np.ndarray
    truth: str


def classifier(run: runs.Run) -> Classifier:
    """Return the run's best weights so far, ready to answer; kept until the run has better ones.

    Raises:
        RunError: the run has no weights yet, or they cannot be read.
    """
    weights = run.weights()
    return _classifier(run.id, weights.stat().st_mtime_ns if weights else 0)


@st.cache_resource(max_entries=4, show_spinner="Loading the weights…")
def _classifier(run_id: str, version: int) -> Classifier:
    asked = Classifier.from_run(runs.get(run_id))
    asked.predict([np.zeros(asked.input_shape, np.uint8)])  # the first answer is slow: not a person's one
    return asked


@st.cache_resource(max_entries=4, show_spinner="Looking for pictures…")
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
    """Return a uint8 picture ready for ``st.image``, with each pixel of a small one as a crisp square."""
    times = max(1, -(-pixels // max(image.shape[:2])))
    enlarged = image.repeat(times, axis=0).repeat(times, axis=1)
    return enlarged[..., 0] if enlarged.shape[2] == 1 else enlarged


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
