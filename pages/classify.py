"""Classify: choose a trained run, show it images, and read what it predicts."""

from functools import partial

import numpy as np
import streamlit as st

from cnnlab import runs, ui
from cnnlab.errors import CnnLabError, ImageError
from cnnlab.inference import Classifier, Pictures
from cnnlab.ui.asking import FORMATS, MOST_MB, PICTURE_KINDS, no_camera, original
from cnnlab.ui.classify import drawing_pad
from cnnlab.ui.classify.answer import Asked, answer, doubt_of
from cnnlab.ui.classify.explain import Answered, explain
from cnnlab.ui.classify.live import live_camera
from cnnlab.ui.image_wall import Tile, image_wall

SOURCES = {
    "Samples": ":material/grid_view: Samples",
    "Upload": ":material/upload: Upload",
    "Camera": ":material/photo_camera: Camera",
    "Draw": ":material/draw: Draw",
}
SOURCE_IN_ADDRESS = {source.lower(): source for source in SOURCES}
MOST_AT_ONCE = 24
"""Images that one page answers."""
TILE_PIXELS = 72


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


def choose_source(invertible: bool) -> tuple[str, bool, bool]:
    """Return where images come from, whether they are inverted, and whether the camera is asked live."""
    asked_for = SOURCE_IN_ADDRESS.get(st.query_params.pop("source", ""))
    st.session_state.classify_source = asked_for or st.session_state.get("classify_source") or "Samples"
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        source = st.segmented_control(
            "Images from",
            SOURCES,
            format_func=SOURCES.__getitem__,
            required=True,
            key="classify_source",
            label_visibility="collapsed",
        )
        invert = invertible and st.toggle(
            "Invert",
            help="Swaps dark and light: for dark ink on white paper, when the network learned light strokes "
            "on black.",
        )
        live = source == "Camera" and st.toggle(
            "Live", value=True, help="Predicts several times per second.", key="classify_live"
        )
    return source or "Samples", invert, live


def ask_for_images(run: runs.Run, network: Classifier, source: str, invert: bool) -> list[Asked]:
    if source == "Samples":
        return [choose_sample(run, network, invert)]
    if source == "Draw":
        return draw(run, network, invert)
    if source == "Camera":
        no_camera("Take the photo with the camera app and upload it here.")
    files = st.file_uploader(FORMATS, PICTURE_KINDS, accept_multiple_files=True, max_upload_size=MOST_MB)
    if len(files) > MOST_AT_ONCE:
        st.info(f"The first {MOST_AT_ONCE} of {len(files)} images are classified; remove some to see others.")
    return read(files[:MOST_AT_ONCE], network, invert)


def draw(run: runs.Run, network: Classifier, invert: bool) -> list[Asked]:
    pad, _ = st.columns([1, 2])
    with pad:
        image = drawing_pad.drawn_image(run.config["dataset"], key=f"classify_drawn_{run.id}")
    if image is None:
        st.caption("Draw with the mouse, a finger or a pen.")
        return []
    st.caption(drawing_pad.explained(run.config["dataset"]))
    return [Asked.of("Drawing", lambda: image, network, invert)]


def choose_sample(run: runs.Run, network: Classifier, invert: bool) -> Asked:
    st.caption("Images of the validation set: this network was not trained on them. Click one.")
    offered = ui.samples(run.id)
    number = min(st.session_state.get("classify_sample", 0), len(offered) - 1)
    tiles = [
        Tile.of(str(place), sample.image, sample.truth, f"{sample.name}, label {sample.truth}", TILE_PIXELS)
        for place, sample in enumerate(offered)
    ]
    label = "Images of the validation set"
    picked = image_wall(tiles, "classify_samples", label, TILE_PIXELS, chosen=str(number))
    if picked is not None and int(picked) != number:
        st.session_state.classify_sample = int(picked)
        st.rerun()
    sample = offered[number]
    whole = original(run.id, sample.name)
    height, width = sample.original or sample.image.shape[:2]
    thumbnail = ui.shown(sample.image if whole is None else whole)
    resized = whole is None and (height, width) != sample.image.shape[:2]
    seen = network.as_seen(sample.image, invert)
    image = sample.image if whole is None else whole
    return Asked(sample.name, (width, height), thumbnail, seen, lambda: image, sample.truth, resized)


def read(files: list, network: Classifier, invert: bool) -> list[Asked]:
    asked = []
    for file in files:
        try:
            asked.append(Asked.of(file.name, partial(decoded, network, file), network, invert))
        except ImageError as error:
            st.error(ui.plain(str(error)))
    return asked


def decoded(network: Classifier, file) -> np.ndarray:
    return network.preprocessing.decode(file.getvalue(), file.name)


lab = ui.lab()
st.title("Classify")
try:
    if trained := [seen for seen in runs.overview() if seen.has_weights and not seen.damage]:
        run = choose_run(trained)
        ui.need_tensorflow()
        network = ui.classifier(run)
        source, invert, live = choose_source(invertible=network.input_shape[2] == 1)
        if source == "Camera" and ui.camera_allowed():
            live_camera(run, network, invert, live)
        elif asked := ask_for_images(run, network, source, invert):
            answer(network, asked, doubt_of(run))
            explain([Answered(run, network, one.name, one.original, one.seen, invert) for one in asked])
    else:
        st.info("There is no trained network yet: train one first, it takes seconds.")
        st.page_link("pages/train.py", icon=":material/trending_up:")
except CnnLabError as error:
    st.error(ui.plain(str(error)))
