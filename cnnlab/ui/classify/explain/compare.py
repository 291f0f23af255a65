"""Several runs on one image: what each predicts and where it sees it, how sure it is, its speed and size."""

from collections.abc import Sequence
from statistics import median

import numpy as np
import streamlit as st

from cnnlab import runs
from cnnlab.errors import CnnLabError
from cnnlab.inference import percent
from cnnlab.languages import _
from cnnlab.ui.asking import TimedClassifier, classifier, shown
from cnnlab.ui.classify.explain.heat import gradcam_of, overlaid
from cnnlab.ui.wording import described, plain, refusal

MOST = 6
COLUMNS = 3
TIMED = 3
"""Answers that are timed, after a first one; the median is shown."""
PIXELS = 176
OPACITY = 0.8


def compare_runs(run: runs.Run, image: np.ndarray, invert: bool, key: str) -> None:
    """Ask up to six runs about one image, uint8 ``(H, W, 1 or 3)``; each gets it by its own preprocessing."""
    known = {seen.run.id: seen for seen in runs.overview() if seen.has_weights and not seen.damage}
    others = [run.id, *(other for other in known if other != run.id)]
    chosen = st.multiselect(
        _("Runs"),
        others,
        default=others[:COLUMNS],
        max_selections=MOST,
        placeholder=_("Choose options"),
        format_func=lambda run_id: described(known[run_id]),
        key=f"{key}-runs",
    )
    asked = [known[run_id] for run_id in chosen if run_id in known]
    for row in (asked[start : start + COLUMNS] for start in range(0, len(asked), COLUMNS)):
        _row(row, image, invert)
    st.caption(
        _(
            "Inference: the median of {count} answers for one image, on this server's processor. Runs with "
            "other classes answer with theirs. Bright: the places that speak for the predicted class.",
            count=TIMED,
        )
    )


def _row(asked: Sequence[runs.Overview], image: np.ndarray, invert: bool) -> None:
    for column, seen in zip(st.columns(COLUMNS), asked, strict=False):
        with column.container(border=True):
            st.markdown(f"**{plain(seen.title)}**")
            try:
                _answer(seen, image, invert)
            except CnnLabError as error:
                st.caption(refusal(error))


def _answer(seen: runs.Overview, image: np.ndarray, invert: bool) -> None:
    network = classifier(seen.run)
    received = network.as_seen(image, invert and network.input_shape[2] == 1)
    probabilities, milliseconds = _timed(network, received)
    best = int(probabilities.argmax())
    left, right = st.columns([2, 3], gap="small")
    heat = gradcam_of(network, received, best)
    pixels = overlaid(received, heat[0], OPACITY) if heat else shown(received, PIXELS)
    named = _("Heat map of {run}", run=seen.title) if heat else _("Network input of {run}", run=seen.title)
    left.image(pixels, alt=named)
    height, width, channels = network.input_shape
    said = [_("Grad-CAM of {layer}", layer=plain(heat[1])) if heat else ""]
    said.append(_("input {size}", size=f"{height} × {width} × {channels}"))
    said.append(_("{count} parameters", count=f"{seen.params:,}") if seen.params else "")
    said.append(_("{milliseconds} ms/image", milliseconds=f"{milliseconds:.1f}"))
    with right:
        st.markdown(f"### {plain(network.classes[best])}  \n{percent(probabilities[best])}")
        st.caption("  \n".join(filter(None, said)))


def _timed(network: TimedClassifier, received: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the probabilities, and the milliseconds that the network itself takes for them."""
    [probabilities] = network.probabilities(received[None])
    took: list[float] = []
    while len(took) < TIMED:
        before = network.model.seconds
        network.probabilities(received[None])
        took.append((network.model.seconds - before) * 1000)
    return probabilities, median(took)
