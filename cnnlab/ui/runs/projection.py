"""The validation images as points of a plane, by what the penultimate layer says of them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from cnnlab import datasets
from cnnlab.datasets.split import group_of
from cnnlab.errors import CnnLabError
from cnnlab.inference import ImagePrediction
from cnnlab.inference.projection import Projection, aligned
from cnnlab.languages import _, _p, joined, texts
from cnnlab.runs import Run, Status
from cnnlab.service import OfEpoch, OfRun
from cnnlab.ui import thumbnails
from cnnlab.ui.asking import TimedClassifier, classifier, weights_of
from cnnlab.ui.engine import service
from cnnlab.ui.own_component import own_component
from cnnlab.ui.runs.evaluation import version_of
from cnnlab.ui.runs.looked_at import LookedAt, looked_at
from cnnlab.ui.runs.opened_image import open_image
from cnnlab.ui.runs.tsne import projected
from cnnlab.ui.wording import refusal

MOST, FEWEST = 1000, 100
SECONDS = 20.0
"""What the features may take: those of a slow network are computed of fewer images."""
BATCH = 32
METHODS = {"pca": "PCA", "tsne": "t-SNE"}
TRUTH, ANSWER, GROUP, RIGHT = texts(("True class", "Predicted class", "Group", "Right or wrong"))


@dataclass(frozen=True, eq=False)
class Space:
    """Features float32 ``(N, D)`` of the images with these numbers in the whole evaluation, and their PCA."""

    numbers: tuple[int, ...]
    features: np.ndarray
    pca: Projection


def projection(run: Run, status: Status) -> None:
    """Show the validation images in the plane of the best network's features, or of another epoch's."""
    try:
        if seen := looked_at(run):
            _plane(seen)
    except CnnLabError as error:
        st.error(refusal(error))


@st.fragment
def _plane(seen: LookedAt) -> None:
    try:
        _draw(seen)
    except CnnLabError as error:
        st.error(refusal(error))


def _draw(seen: LookedAt) -> None:
    run = seen.run
    network = classifier(run, seen.epoch)
    space = _space(seen, network, seen.numbers)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        method = st.segmented_control(
            _("Projection"),
            METHODS,
            format_func=METHODS.__getitem__,
            default="pca",
            required=True,
            key=f"projection-method-{run.id}",
            wrap=True,
        )
        choices = [TRUTH, ANSWER, RIGHT, *([GROUP] if seen.groups else [])]
        key = f"projection-colour-{run.id}"
        colour = st.selectbox(_("Colour"), choices, format_func=_, key=key, width=200)
    if method == "tsne":
        points = projected(space.features)
        if points is None:
            return
    else:
        points = _beside_best(seen, space)
    place_of = {number: place for place, number in enumerate(seen.numbers)}
    places = [place_of[number] for number in space.numbers]
    _plot(seen, space.numbers, places, points, colour or TRUTH)
    st.caption(_explained(method or "pca", space, seen))


def _plot(
    seen: LookedAt, numbers: Sequence[int], places: Sequence[int], points: np.ndarray, colour: str
) -> None:
    """Draw the points; the image of the one that is clicked opens.

    ``numbers`` are those of the images in the whole evaluation, ``places`` in ``seen.found``.
    """
    images = seen.images.images
    name = f"{seen.run.id}-{version_of(seen.run)}-{hash(tuple(numbers)) & 0xFFFFFFFF:x}"
    thumbnails.keep(name, numbers, lambda number: images.images[number])
    shown = own_component("cnnlab.projection", "projection")(
        key=f"projection-{seen.run.id}",
        data={
            "points": np.round(points, 4).tolist(),
            "numbers": list(numbers),
            "thumbnails": name,
            "words": _words(len(numbers)),
            **_told(seen, places, colour),
        },
        on_picked_change=lambda: None,
    )
    if (picked := picked_of(shown, numbers)) is not None:
        order = [places[place] for place in nearest_first(points, picked)]
        open_image(seen, tuple(order), places[picked])


def _words(count: int) -> dict[str, str]:
    """Return what the script says, whose file cannot fetch any words."""
    return {
        "colours": _("Colours"),
        "points": _("{n} images as points of a plane", n=count),
        "right": _p("an answer", "right"),
        "wrong": _p("an answer", "wrong"),
    }


def _told(seen: LookedAt, places: Sequence[int], colour: str) -> dict[str, list]:
    """Return what is told of each point: its answer, and its kind, of one colour at every epoch."""
    answers = [seen.found.predictions[place] for place in places]
    kinds = _kinds(seen, colour)
    return {
        "kinds": kinds,
        "kind": [kinds.index(_kind(one, colour)) for one in answers],
        "wrong": [one.label != one.predicted for one in answers],
        "said": [_said(one) for one in answers],
        "names": [one.name for one in answers],
    }


def _said(one: ImagePrediction) -> str:
    classes = one.label if one.label == one.predicted else f"{one.label} → {one.predicted}"
    return f"{classes}, {100 * one.probability:.0f} %"


def picked_of(state: Any, numbers: Sequence[int]) -> int | None:
    """Return the place of the point that was clicked just now; anything else that arrives is none."""
    told = getattr(state, "picked", None)
    if not isinstance(told, int) or isinstance(told, bool) or told not in numbers:
        return None
    return list(numbers).index(told)


def nearest_first(points: np.ndarray, place: int) -> list[int]:
    """Return the places of points ``(N, 2)``: that one, then the others by their distance in the plane."""
    distances = np.linalg.norm(np.asarray(points, np.float64) - points[place], axis=1)
    distances[place] = -1
    return np.argsort(distances, kind="stable").tolist()


def _right_or_wrong() -> tuple[str, str]:
    return _p("an answer", "right"), _p("an answer", "wrong")


def _kind(said: ImagePrediction, colour: str) -> str:
    if colour == RIGHT:
        return _right_or_wrong()[said.label != said.predicted]
    if colour == GROUP:
        return group_of(said.name) or _("no group")
    return said.predicted if colour == ANSWER else said.label


def _kinds(seen: LookedAt, colour: str) -> list[str]:
    if colour == RIGHT:
        return list(_right_or_wrong())
    if colour == GROUP:
        ungrouped = any(group_of(said.name) is None for said in seen.found.predictions)
        return [*seen.groups, *[_("no group")] * ungrouped]
    return list(seen.found.classes)


def _explained(method: str, space: Space, seen: LookedAt) -> str:
    count, size = space.features.shape
    told = {"n": f"{count:,}", "features": f"{size:,}"}
    if count < seen.whole.n:
        drawn = _(
            "{n} of {all} validation images, by the {features} features of the penultimate layer.",
            all=f"{seen.whole.n:,}",
            **told,
        )
    else:
        drawn = _("{n} validation images, by the {features} features of the penultimate layer.", **told)
    how = _(
        "A ring marks errors. Point at one to see its image, click to open it, click a name to see it alone."
    )
    if method == "tsne":
        what = _(
            "t-SNE (van der Maaten and Hinton 2008) keeps neighbours together; distances between groups, and "
            "their sizes, mean nothing."
        )
    else:
        fraction = 100 * sum(space.pca.explained or (0, 0))
        what = _("PCA: the plane shows {percent} % of their variance.", percent=f"{fraction:.0f}")
    return joined([drawn, how, what])


def _space(seen: LookedAt, network: TimedClassifier, numbers: tuple[int, ...]) -> Space:
    with st.spinner(_("Computing the features of the validation images…")):
        weights = network.model.weights
        return _computed(weights, version_of(seen.run), hash(numbers), numbers, seen, network)


def _beside_best(seen: LookedAt, space: Space) -> np.ndarray:
    """Return the plane of PCA, turned as that of the best network: what stays the same stays in its place."""
    if seen.epoch is None or weights_of(seen.run, seen.epoch) == weights_of(seen.run):
        return space.pca.points
    network = classifier(seen.run)
    best = _space(seen, network, space.numbers)
    if best.numbers != space.numbers:
        return space.pca.points
    return aligned(space.pca.points, best.pca.points)


@st.cache_resource(max_entries=16, show_spinner=False)
def _computed(
    weights: OfRun | OfEpoch,
    version: int,
    of: int,
    _numbers: tuple[int, ...],
    _seen: LookedAt,
    _network: TimedClassifier,
) -> Space:
    """Compute the features of images, of a slow network of fewer, once for all browsers.

    ``of`` tells these numbers of images from any others.
    """
    images = _seen.images.images
    chosen = np.asarray(_numbers)[datasets.in_turn(images.labels[list(_numbers)], MOST)]

    def features(places: np.ndarray) -> np.ndarray:
        batch = images.images[places].astype(np.float32)
        return service().ask("features", weights, _network.preprocessing.scale(batch))

    features(chosen[:1])
    began = time.perf_counter()
    features(chosen[:BATCH])
    each = (time.perf_counter() - began) / len(chosen[:BATCH])
    most = int(np.clip(SECONDS / each, FEWEST, MOST))
    if most < len(chosen):
        chosen = chosen[datasets.in_turn(images.labels[chosen], most)]
    chosen = np.sort(chosen)
    found = np.concatenate([features(part) for part in np.array_split(chosen, -(-len(chosen) // BATCH))])
    return Space(tuple(chosen.tolist()), found, service().ask("project", found))
