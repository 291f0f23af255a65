"""The views that explain one answer; only the chosen one is computed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnlab import runs
from cnnlab.errors import CnnLabError
from cnnlab.inference import Classifier
from cnnlab.ui.asking import best_of
from cnnlab.ui.classify.explain.change import change_image
from cnnlab.ui.classify.explain.compare import compare_runs
from cnnlab.ui.classify.explain.cover import cover_part
from cnnlab.ui.classify.explain.heat import heat_map
from cnnlab.ui.classify.explain.maps import feature_maps
from cnnlab.ui.classify.explain.similar import similar_images
from cnnlab.ui.classify.explain.steps import preprocessing_steps
from cnnlab.ui.wording import plain


@dataclass(frozen=True, eq=False)
class Answered:
    """An image that was answered, and by whom.

    ``original`` returns the image uint8 ``(H, W, 1 or 3)`` as it was decoded; ``seen`` is the network input,
    uint8 ``(height, width, channels)``; ``turned`` says how its EXIF orientation was followed.
    """

    run: runs.Run
    network: Classifier
    name: str
    original: Callable[[], np.ndarray]
    seen: np.ndarray
    invert: bool = False
    turned: str = ""


VIEWS = {
    "steps": ":material/conversion_path: Preprocessing",
    "heat": ":material/local_fire_department: Heat map",
    "cover": ":material/texture: Cover a part",
    "change": ":material/tune: Change the image",
    "maps": ":material/grid_on: Feature maps",
    "similar": ":material/image_search: Similar images",
    "compare": ":material/compare: Compare runs",
}


@st.fragment
def explain(answered: list[Answered]) -> None:
    """Offer the views of one of these answers; nothing is computed before a person asks for it."""
    st.subheader("Explain the answer", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        one = answered[0]
        if len(answered) > 1:
            number = st.selectbox(
                "Image",
                range(len(answered)),
                format_func=lambda number: answered[number].name,
                key="explain_image",
                width=280,
            )
            one = answered[min(number, len(answered) - 1)]
        view = st.segmented_control("View", VIEWS, format_func=VIEWS.__getitem__, key="explain_view")
    if not view:
        return
    try:
        _show(view, one)
    except CnnLabError as error:
        st.error(plain(str(error)))


def _show(view: str, one: Answered) -> None:
    key = f"explain-{one.run.id}"
    if view == "steps":
        preprocessing_steps(one.network, one.original(), one.seen, one.turned)
    elif view == "compare":
        compare_runs(one.run, one.original(), one.invert, key)
    elif view == "maps":
        feature_maps(one.network, best_of(one.run), one.seen, key)
    elif view == "similar":
        similar_images(one.network, best_of(one.run), one.seen, key)
    else:
        [before] = one.network.probabilities(one.seen[None])
        if view == "heat":
            heat_map(one.network, best_of(one.run), one.seen, before, key)
        else:
            {"cover": cover_part, "change": change_image}[view](one.network, one.seen, before, key)
