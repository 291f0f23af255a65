"""Change the image and watch the answer: one slider, the changed image, and a curve over the whole range."""

import time

import numpy as np
import streamlit as st

from cnnlab.charts.response import response_curve
from cnnlab.inference import Classifier, percent
from cnnlab.inference.changes import CHANGES, Change, Response, Turn, response, turns
from cnnlab.languages import _, _p
from cnnlab.ui.asking import IMAGE_PIXELS, TimedClassifier, shown
from cnnlab.ui.live_chart import still_chart
from cnnlab.ui.wording import plain

SECONDS = 2.0
"""What the curve may take: fewer points for a slow network."""
FEWEST, MOST = 9, 41
CURVES = 4


def change_image(network: TimedClassifier, seen: np.ndarray, before: np.ndarray, key: str) -> None:
    """Ask for a change of an image and show how the answer follows.

    ``seen`` is uint8 ``(H, W, C)`` as the network receives it; ``before`` are the probabilities
    ``(classes,)`` of the unchanged image.
    """
    name = st.pills(
        _("Change"),
        list(CHANGES),
        format_func=lambda name: _(CHANGES[name].label),
        default="rotation",
        required=True,
        key=f"{key}-change",
    )
    change = CHANGES[name]
    value = st.slider(
        _("{change}, {unit}", change=_(change.label), unit=unit)
        if (unit := _unit(change))
        else _(change.label),
        float(change.lowest),
        float(change.highest),
        float(change.none),
        float(change.step),
        key=f"{key}-{name}",
    )
    found, turned = _response(network, seen, change, key)
    changed = change.apply(seen, value)
    now = network.probabilities(changed[None])[0]
    image, curve = st.columns([1, 3], gap="medium")
    with image:
        st.image(
            shown(changed),
            width=IMAGE_PIXELS,
            alt=_("Network input, {change} {value}", change=_(change.label), value=f"{value:g}"),
        )
        best = int(now.argmax())
        st.markdown(f"**{plain(network.classes[best])}** {percent(now[best])}")
    with curve:
        _curve(network, found, turned, before, value, key)
    st.caption(_said(network, change, turned, before))


def _curve(
    network: Classifier, found: Response, turned: list[Turn], before: np.ndarray, value: float, key: str
) -> None:
    highest = np.maximum(found.probabilities.max(0), before)
    classes = np.argsort(-highest, kind="stable")[:CURVES]
    curves = tuple((network.classes[c], tuple(np.round(found.probabilities[:, c], 4))) for c in classes)
    change = found.change
    unit = _unit(change)
    axis = _("{change} ({unit})", change=_(change.label), unit=unit) if unit else _(change.label)
    still_chart(
        f"{key}-curve",
        response_curve,
        tuple(found.values),
        curves,
        axis,
        value,
        tuple(turn.value for turn in turned),
    )


def _said(network: Classifier, change: Change, turned: list[Turn], before: np.ndarray) -> str:
    first = plain(network.classes[int(before.argmax())])
    if not turned:
        return _(
            "The answer stays {class_name} over the whole range. Made on the network input; beyond the edge "
            "the image is mirrored (fill mode reflect).",
            class_name=first,
        )
    changes = _p("between clauses", " and ").join(
        _(
            "at {size} it becomes {class_name}",
            size=_sized(change, round(turn.value, 2)),
            class_name=plain(network.classes[turn.becomes]),
        )
        for turn in turned
    )
    return _(
        "Without the change it is {class_name}; {changes}. Made on the network input; beyond the edge the "
        "image is mirrored (fill mode reflect).",
        class_name=first,
        changes=changes,
    )


def _unit(change: Change) -> str:
    return _(change.unit) if change.unit else ""


def _sized(change: Change, value: float) -> str:
    """Return a size with its unit in the language of the page."""
    return change.said(value).replace(change.unit, _unit(change)) if change.unit else change.said(value)


def _response(
    network: TimedClassifier, seen: np.ndarray, change: Change, key: str
) -> tuple[Response, list[Turn]]:
    """Compute the curve once for each image, network and change, within the time that is allowed."""
    asked = (change.label, network.model.weights, seen.tobytes())
    kept = st.session_state.setdefault(f"{key}-response", {})
    if kept.get("asked") != asked:
        began = time.perf_counter()
        network.probabilities(seen[None])
        each = time.perf_counter() - began
        points = int(np.clip(SECONDS / max(each, 1e-6), FEWEST, MOST)) | 1
        found = response(change, seen, network.probabilities, points)
        kept |= {"asked": asked, "found": (found, turns(found, seen, network.probabilities))}
    return kept["found"]
