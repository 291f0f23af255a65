"""Choosing a dataset, adding one's own pictures, fetching what is not there yet."""

import streamlit as st

from cnnlab import datasets
from cnnlab.datasets import DatasetInfo
from cnnlab.ui.data.care import care, news
from cnnlab.ui.data.importing import import_form
from cnnlab.ui.state import Lab, lab
from cnnlab.ui.wording import plain


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
        with st.popover("Import dataset", icon=":material/add_photo_alternate:", key=f"data_adding_{turn}"):
            import_form(turn)
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


def _remember() -> None:
    lab().dataset = st.session_state.data_dataset
