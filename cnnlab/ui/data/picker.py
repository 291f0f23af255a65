"""Choosing a dataset, adding one's own pictures, fetching what is not there yet."""

import streamlit as st

from cnnlab import datasets, images
from cnnlab.datasets import DatasetInfo
from cnnlab.errors import CnnLabError
from cnnlab.ui.asking import FORMATS, PICTURE_KINDS
from cnnlab.ui.data.care import care, news
from cnnlab.ui.state import Lab, lab
from cnnlab.ui.wording import plain

FOLDER, ZIP = "A folder", "A ZIP or files"


def choose_dataset() -> DatasetInfo:
    """Show the list of datasets with the ways to add one and to look after it; return the chosen one."""
    known = {info.name: info for info in datasets.catalogue()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.session_state.data_dataset = lab().dataset if lab().dataset in known else Lab.dataset
        st.selectbox(
            "Dataset",
            known,
            format_func=lambda name: known[name].title,
            key="data_dataset",
            on_change=_remember,
            width=420,
        )
        info = known[st.session_state.data_dataset]
        turn = st.session_state.setdefault("data_turn", 0)
        with st.popover("Add your own", icon=":material/add_photo_alternate:", key=f"data_adding_{turn}"):
            _adding(turn)
        if info.kind == "folder":
            care(info.name)
    news()
    return info


def offer_download(info: DatasetInfo) -> None:
    """Show a button that fetches a dataset, with its progress; the page runs again when it is there."""
    st.info(
        f"{plain(info.title)} is fetched once, {info.download_mb:.0f} MB, and then works without a network.",
        icon=":material/cloud_download:",
    )
    if st.button("Download", type="primary", icon=":material/download:"):
        bar = st.progress(0.0, "Asking the server…")
        try:
            datasets.download(info.name, bar.progress)
        finally:
            bar.empty()
        st.rerun()


def _adding(turn: int) -> None:
    """Show the form; after each success it has another ``turn`` in its keys, which empties it."""
    st.page_link("pages/collect.py", label="**Collect with the camera**", icon=":material/add_a_photo:")
    st.markdown("Or a folder for each class with its pictures inside, or files named `class.1.jpg`.")
    title = st.text_input("Name", placeholder="Our hands", max_chars=60, key=f"data_title_{turn}")
    kind = st.segmented_control(
        "From", (FOLDER, ZIP), default=FOLDER, required=True, label_visibility="collapsed", key="data_kind"
    )
    files = st.file_uploader(
        FORMATS,
        PICTURE_KINDS if kind == FOLDER else [*PICTURE_KINDS, "zip"],
        accept_multiple_files="directory" if kind == FOLDER else True,
        max_upload_size=images.MAX_BYTES >> 20 if kind == FOLDER else None,
        key=f"data_files_{kind}_{turn}",
    )
    if st.button("Add", type="primary", icon=":material/check:", disabled=not files, key="data_add"):
        try:
            info = _imported(title, files)
        except CnnLabError as error:
            st.error(plain(str(error)))
        else:
            lab().dataset = info.name
            st.session_state.data_turn += 1
            st.rerun()


def _imported(title: str, files: list) -> DatasetInfo:
    bar = st.progress(0.0, "Reading the pictures…")
    try:
        if len(files) == 1 and files[0].name.lower().endswith(".zip"):
            return datasets.import_zip(title, files[0], bar.progress)
        return datasets.import_files(title, [(file.name, file.getvalue()) for file in files], bar.progress)
    finally:
        bar.empty()


def _remember() -> None:
    lab().dataset = st.session_state.data_dataset
