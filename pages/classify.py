"""Classify: choose a trained run, show it images, and read what it predicts."""

import streamlit as st

from cnnlab import runs
from cnnlab.errors import CnnLabError
from cnnlab.languages import _, texts
from cnnlab.ui import asking, presenting, state, warm_up
from cnnlab.ui.asking import TimedClassifier
from cnnlab.ui.classify.answer import answer, doubt_of
from cnnlab.ui.classify.explain import explain
from cnnlab.ui.classify.explain.heat import has_map
from cnnlab.ui.classify.live import Filming, live_camera
from cnnlab.ui.classify.sources import ask_for_images
from cnnlab.ui.runs.epochs import choose_network
from cnnlab.ui.wording import described, refusal

SOURCES = texts(
    {
        "Samples": ":material/grid_view: Samples",
        "Upload": ":material/upload: Upload",
        "Camera": ":material/photo_camera: Camera",
        "Draw": ":material/draw: Draw",
    }
)
SOURCE_IN_ADDRESS = {source.lower(): source for source in SOURCES}


def choose_run(trained: list[runs.Overview]) -> runs.Run:
    known = {seen.run.id: seen for seen in trained}
    st.session_state.classify_run = lab.run_id if lab.run_id in known else trained[0].run.id
    with presenting.part("run"):
        chosen = st.selectbox(
            _("Run"),
            known,
            format_func=lambda run_id: described(known[run_id]),
            key="classify_run",
            on_change=change_run,
        )
    open_run(chosen)
    return known[chosen].run


def change_run() -> None:
    st.query_params.pop("epoch", None)
    open_run(st.session_state.classify_run)


def open_run(run_id: str) -> None:
    lab.run_id = st.query_params["run"] = run_id


def choose_source(network: TimedClassifier) -> tuple[str, bool, Filming]:
    """Return where images come from, whether they are inverted, and how the camera is asked."""
    asked_for = SOURCE_IN_ADDRESS.get(st.query_params.pop("source", ""))
    st.session_state.classify_source = asked_for or st.session_state.get("classify_source") or "Samples"
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        source = st.segmented_control(
            _("Images from"),
            SOURCES,
            format_func=lambda name: _(SOURCES[name]),
            required=True,
            key="classify_source",
            label_visibility="collapsed",
            wrap=True,
        )
        invert = network.input_shape[2] == 1 and st.toggle(
            _("Invert"),
            key="classify_invert",
            help=_(
                "Swaps dark and light: for dark ink on white paper, when the network learned light strokes "
                "on black."
            ),
        )
        filming = Filming()
        if source == "Camera":
            live = st.toggle(
                _("Live"), True, help=_("Predicts several times per second."), key="classify_live"
            )
            heat = st.toggle(
                _("Heat map"),
                help=_(
                    "Grad-CAM of the predicted class over each frame: bright places speak for it. "
                    "It takes longer."
                ),
                disabled=not has_map(network),
                key="classify_heat",
            )
            filming = Filming(live, heat and has_map(network))
    return source or "Samples", invert, filming


lab = state.lab()
st.title(_("Classify"))
try:
    if trained := [seen for seen in runs.overview() if seen.has_weights and not seen.damage]:
        run = choose_run(trained)
        warm_up.need_tensorflow()
        epoch = choose_network(run, "classify_epoch")
        network = asking.classifier(run, epoch)
        source, invert, filming = choose_source(network)
        if source == "Camera" and asking.camera_allowed():
            live_camera(run, network, invert, filming, epoch)
        elif asked := ask_for_images(run, network, source, invert):
            answer(network, asked, doubt_of(run) if epoch is None else None)
            with presenting.part("explain"):
                explain(run, network, asked, invert)
    else:
        st.info(_("There is no trained network yet: train one first, it takes seconds."))
        st.page_link("pages/train.py", icon=":material/trending_up:")
except CnnLabError as error:
    st.error(refusal(error))
