"""The views that explain one answer; only the chosen one is computed."""

from collections.abc import Sequence

import streamlit as st

from cnnlab import runs
from cnnlab.errors import CnnLabError
from cnnlab.languages import _, texts
from cnnlab.ui.asking import TimedClassifier
from cnnlab.ui.classify.answer import Asked, image_in_words
from cnnlab.ui.classify.explain.change import change_image
from cnnlab.ui.classify.explain.compare import compare_runs
from cnnlab.ui.classify.explain.cover import cover_part
from cnnlab.ui.classify.explain.heat import heat_map
from cnnlab.ui.classify.explain.maps import feature_maps
from cnnlab.ui.classify.explain.similar import similar_images
from cnnlab.ui.classify.explain.steps import preprocessing_steps
from cnnlab.ui.wording import refusal

VIEWS = texts(
    {
        "steps": ":material/conversion_path: Preprocessing",
        "heat": ":material/local_fire_department: Heat map",
        "cover": ":material/texture: Cover a part",
        "change": ":material/tune: Change the image",
        "maps": ":material/grid_on: Feature maps",
        "similar": ":material/image_search: Similar images",
        "compare": ":material/compare: Compare runs",
    }
)


@st.fragment
def explain(
    run: runs.Run,
    network: TimedClassifier,
    answered: Sequence[Asked],
    invert: bool,
    first: str | None = None,
    place: str = "explain",
) -> None:
    """Offer the views of one of these answers of a run; only the one that a person asks for is computed.

    Args:
        run: whose network.
        network: the one that answered, of the best epoch or another one.
        answered: the images.
        invert: whether dark and light were swapped.
        first: the view that is open at first, one of ``VIEWS``.
        place: tells two places on pages apart.
    """
    if place == "explain":
        st.subheader(_("Explain the answer"), anchor=False)
    one = answered[0]
    if len(answered) > 1:
        number = st.selectbox(
            _("Image"),
            range(len(answered)),
            format_func=lambda number: image_in_words(answered[number].name),
            key=f"{place}_image",
            width=280,
        )
        one = answered[min(number, len(answered) - 1)]
    view = st.pills(
        _("View"),
        VIEWS,
        format_func=lambda name: _(VIEWS[name]),
        default=first,
        key=f"{place}_view",
        label_visibility="collapsed",
    )
    if not view:
        return
    try:
        _show(view, run, network, one, invert)
    except CnnLabError as error:
        st.error(refusal(error))


def _show(view: str, run: runs.Run, network: TimedClassifier, one: Asked, invert: bool) -> None:
    key, weights = f"explain-{run.id}", network.model.weights
    if view == "steps":
        preprocessing_steps(network, one)
    elif view == "compare":
        compare_runs(run, one.original(), invert, key)
    elif view == "maps":
        feature_maps(network, weights, one.seen, key)
    elif view == "similar":
        similar_images(network, weights, one.seen, key)
    else:
        [before] = network.probabilities(one.seen[None])
        if view == "heat":
            heat_map(network, one.seen, before, key, one.label)
        elif view == "change":
            change_image(network, one.seen, before, key)
        else:
            cover_part(network, one.seen, before, key)
