"""Classify: choose a trained run, show it pictures, and read what it sees."""

import time
from functools import partial

import numpy as np
import streamlit as st

from cnnlab import runs, ui
from cnnlab.errors import CnnLabError, ImageError
from cnnlab.inference import Classifier, Pictures
from cnnlab.ui.asking import FORMATS, PICTURE_KINDS, no_camera
from cnnlab.ui.classify.answer import Asked, as_seen, verdict
from cnnlab.ui.classify.camera_answer import film
from cnnlab.ui.classify.explain import Answered, explain

SOURCES = {
    "Samples": ":material/grid_view: Samples",
    "Upload": ":material/upload: Upload",
    "Camera": ":material/photo_camera: Camera",
}
SOURCE_IN_ADDRESS = {source.lower(): source for source in SOURCES}
MOST_AT_ONCE = 24
"""Pictures that one page answers."""


def choose_run(trained: list[runs.Overview]) -> runs.Run:
    known = {seen.run.id: seen for seen in trained}
    st.session_state.classify_run = lab.run_id if lab.run_id in known else trained[0].run.id
    chosen = st.selectbox(
        "Run",
        known,
        format_func=lambda run_id: describe(known[run_id]),
        key="classify_run",
        on_change=lambda: open_run(st.session_state.classify_run),
    )
    open_run(chosen)
    return known[chosen].run


def describe(seen: runs.Overview) -> str:
    return f"{seen.title} · {ui.progress(seen.status, Pictures.of(seen))} · {ui.created(seen.status)}"


def open_run(run_id: str) -> None:
    lab.run_id = st.query_params["run"] = run_id


def choose_source(swappable: bool) -> tuple[str, bool]:
    asked_for = SOURCE_IN_ADDRESS.get(st.query_params.pop("source", None))
    st.session_state.classify_source = asked_for or st.session_state.get("classify_source") or "Samples"
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        source = st.segmented_control(
            "Pictures from",
            SOURCES,
            format_func=SOURCES.get,
            required=True,
            key="classify_source",
            label_visibility="collapsed",
        )
        swap = swappable and st.toggle(
            "Swap dark and light",
            help="For dark ink on white paper, when the network learned light strokes on black.",
        )
    return source, swap


def ask_for_pictures(run: runs.Run, network: Classifier, source: str, swap: bool) -> list[Asked]:
    if source == "Samples":
        name, picture = choose_sample(run)
        return [Asked.of(name, lambda: picture, network, swap)]
    if source == "Camera":
        no_camera("Take the photo with the camera app and upload it here.")
    files = st.file_uploader(FORMATS, PICTURE_KINDS, accept_multiple_files=True)
    if len(files) > MOST_AT_ONCE:
        st.info(f"The first {MOST_AT_ONCE} of {len(files)} pictures are answered; remove some to see others.")
    return read(files[:MOST_AT_ONCE], network, swap)


def choose_sample(run: runs.Run) -> tuple[str, np.ndarray]:
    st.caption("Pictures of the validation part: this network was not trained on them. Click one.")
    choice = st.session_state.setdefault("classify_sample", 0)
    offered = ui.samples(run.id)
    with st.container(horizontal=True, gap="small"):
        for number, sample in enumerate(offered):
            with st.container(width=72, gap="xxsmall"):
                st.image(ui.shown(sample.image, 72), width=72, alt=sample.name)
                if st.button(ui.plain(sample.truth), key=f"sample_{number}", width="stretch", wrap=False):
                    choice = st.session_state.classify_sample = number
    sample = offered[min(choice, len(offered) - 1)]
    return f"{sample.name}, in truth {sample.truth}", sample.image


def read(files: list, network: Classifier, swap: bool) -> list[Asked]:
    pictures = []
    for file in files:
        try:
            decode = partial(_decoded, network, file)
            pictures.append(Asked.of(file.name, decode, network, swap))
        except ImageError as error:
            st.error(ui.plain(str(error)))
    return pictures


def _decoded(network: Classifier, file) -> np.ndarray:
    return network.preprocessing.decode(file.getvalue(), file.name)


def answer(network: Classifier, pictures: list[Asked]) -> None:
    began = time.perf_counter()
    answers = network.answers(np.stack([picture.seen for picture in pictures]))
    milliseconds = (time.perf_counter() - began) * 1000 / len(pictures)
    for number, (picture, ranked) in enumerate(zip(pictures, answers, strict=True)):
        with st.container(border=True):
            given, seen, bars = st.columns([1, 1, 2], gap="medium")
            given.image(picture.thumbnail, width=ui.PICTURE_PIXELS, alt=picture.name)
            given.caption(f"{ui.plain(picture.name)} · {picture.size[0]} × {picture.size[1]} pixels")
            with seen:
                as_seen(network, picture.seen)
            with bars:
                verdict(ranked, key=f"answer-{number}")
                st.caption(f"Answered in {milliseconds:.1f} ms a picture")


lab = ui.lab()
st.title("Classify")
try:
    if trained := [seen for seen in runs.overview() if seen.has_weights and not seen.damage]:
        run = choose_run(trained)
        ui.need_tensorflow()
        network = ui.classifier(run)
        source, swap = choose_source(swappable=network.input_shape[2] == 1)
        if source == "Camera" and ui.camera_allowed():
            film(network, swap)
        elif pictures := ask_for_pictures(run, network, source, swap):
            answer(network, pictures)
            explain([Answered(run, network, p.name, p.original, p.seen, swap) for p in pictures])
    else:
        st.info("No network has learned anything yet: train one first, it takes seconds.")
        st.page_link("pages/train.py", icon=":material/trending_up:")
except CnnLabError as error:
    st.error(ui.plain(str(error)))
