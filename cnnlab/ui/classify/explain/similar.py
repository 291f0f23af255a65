"""The training images that the network finds most like an image, and whether it is like any of them."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnlab import datasets, runs, training
from cnnlab.inference import Classifier
from cnnlab.inference.feature_space import FeatureSpace
from cnnlab.languages import _
from cnnlab.service import OfEpoch, OfRun
from cnnlab.ui.asking import GAP, spaced
from cnnlab.ui.engine import service
from cnnlab.ui.wording import plain

MOST_TRAINING, MOST_VALIDATION = 1000, 200
"""Images whose features are computed, drawn from all classes alike."""
MOST_PIXELS = 64 * 1024 * 1024
"""Of all images together: fewer large ones."""
BATCH = 32
COUNT, PIXELS = 8, 112


@dataclass(frozen=True, eq=False)
class Known:
    """The features of training images, with the images, their names and classes."""

    space: FeatureSpace
    images: np.ndarray
    names: tuple[str, ...]
    labels: tuple[str, ...]
    of: int


def similar_images(network: Classifier, weights: OfRun | OfEpoch, seen: np.ndarray, key: str) -> None:
    """Show the nearest training images of the network input ``seen``, in the penultimate layer's features."""
    known = _known(network, weights, key)
    if known is None:
        return
    [feature] = service().ask("features", weights, network.preprocessing.scale(seen[None].astype(np.float32)))
    near = known.space.neighbours(feature, COUNT)
    tiles = [spaced(known.images[place], PIXELS) for place in near.places]
    captions = [
        f"{plain(known.labels[place])}, {distance:.3g}"
        for place, distance in zip(near.places, near.distances, strict=True)
    ]
    names = [_("Training image {name}", name=known.names[place]) for place in near.places]
    st.image(tiles, captions, PIXELS + GAP, output_format="PNG", alt=names)
    if near.quantile is not None:
        _say_how_near(near.quantile, len(known.space.validation_distances), near.unlike)
    counts = {"all": f"{known.of:,}"}
    if len(known.images) < known.of:
        said = _(
            "Searched: {some} of {all} training images. Below each its class and its Euclidean distance in "
            "the features of the penultimate layer (nearest neighbour; Sun et al. 2022).",
            some=f"{len(known.images):,}",
            **counts,
        )
    else:
        said = _(
            "Searched: {all} training images. Below each its class and its Euclidean distance in the "
            "features of the penultimate layer (nearest neighbour; Sun et al. 2022).",
            **counts,
        )
    st.caption(said)


def _say_how_near(quantile: float, count: int, unlike: bool) -> None:
    """Say how many of the validation images are nearer to their nearest training image."""
    values = {"share": f"{quantile * 100:.0f}", "count": count}
    if unlike:
        st.warning(
            _(
                "Unlike anything the network has seen: {share} % of {count} validation images are nearer to "
                "their nearest training image. Do not trust the answer.",
                **values,
            ),
            icon=":material/help:",
        )
    else:
        st.caption(
            _(
                "Its nearest training image is not unusually far away: {share} % of {count} validation "
                "images are nearer to theirs.",
                **values,
            )
        )


def _known(network: Classifier, weights: OfRun | OfEpoch, key: str) -> Known | None:
    """Return the features of the run's images, computed once for all browsers and asked for by a button."""
    asked = st.session_state.get(f"{key}-similar") == weights
    if not asked:
        if not st.button(_("Find similar training images"), type="primary", key=f"{key}-find"):
            st.caption(_("Computes the features of the training images first, which may take some seconds."))
            return None
        st.session_state[f"{key}-similar"] = weights
    with st.spinner(_("Computing the features of the training images…")):
        return _features(network, weights)


@st.cache_resource(max_entries=4, show_spinner=False)
def _features(_network: Classifier, weights: OfRun | OfEpoch) -> Known:
    splits = training.images_of(runs.get(weights.run_id))
    each = int(np.prod(splits.train.images.shape[1:3]))
    most = max(BATCH, min(MOST_TRAINING, MOST_PIXELS // each))
    chosen = datasets.in_turn(splits.train.labels, most)
    others = datasets.in_turn(splits.validation.labels, min(MOST_VALIDATION, most))
    space = FeatureSpace.of(
        _asked(_network, weights, splits.train.images[chosen]),
        _asked(_network, weights, splits.validation.images[others]),
    )
    return Known(
        space,
        splits.train.images[chosen],
        tuple(splits.train.names[place] for place in chosen),
        tuple(splits.classes[splits.train.labels[place]] for place in chosen),
        len(splits.train.labels),
    )


def _asked(network: Classifier, weights: OfRun | OfEpoch, images: np.ndarray) -> np.ndarray:
    found = [
        service().ask("features", weights, network.preprocessing.scale(part.astype(np.float32)))
        for part in np.array_split(images, -(-len(images) // BATCH))
    ]
    return np.concatenate(found)
