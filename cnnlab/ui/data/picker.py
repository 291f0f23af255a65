"""Choosing a dataset, adding one's own images, fetching what is not there yet."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnlab import datasets
from cnnlab.datasets import DatasetInfo
from cnnlab.languages import _
from cnnlab.ui.data.care import care, news
from cnnlab.ui.data.importing import import_form
from cnnlab.ui.data.recently_deleted import recently_deleted
from cnnlab.ui.data.words import title, told
from cnnlab.ui.state import Lab, lab
from cnnlab.ui.wording import plain

DATASET = "dataset"
"""In the address: the dataset that is looked at."""


def choose_dataset() -> tuple[DatasetInfo, DeltaGenerator]:
    """Show the list of datasets with the ways to add one and to look after it.

    Returns the chosen one, and the place of the page's next step, beside the list.
    """
    known = {info.name: info for info in datasets.catalogue()}
    if (asked := st.query_params.get(DATASET)) in known:
        lab().dataset = asked
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.session_state.data_dataset = lab().dataset if lab().dataset in known else Lab.dataset
        st.selectbox(
            _("Dataset"),
            known,
            format_func=lambda name: title(known[name]),
            key="data_dataset",
            on_change=_remember,
            width=340,
        )
        info = known[st.session_state.data_dataset]
        next_step = st.container(width="content")
        turn = st.session_state.setdefault("data_turn", 0)
        label, icon = _("Import dataset"), ":material/add_photo_alternate:"
        with st.popover(label, icon=icon, key=f"data_adding_{turn}"):
            import_form(turn)
        if info.kind == "folder":
            care(info.name)
        recently_deleted()
    news()
    return info, next_step


def offer_download(place: DeltaGenerator, info: DatasetInfo) -> None:
    """Show a button that fetches a dataset, with its progress; the page runs again when it is there."""
    st.info(
        _(
            "{title} is fetched once, {megabytes} MB, and then works without a network.",
            title=plain(title(info)),
            megabytes=f"{info.download_mb:.0f}",
        ),
        icon=":material/cloud_download:",
    )
    if place.button(_("Download"), type="primary", icon=":material/download:"):
        bar = st.progress(0.0, _("Asking the server…"))
        try:
            datasets.download(info.name, told(bar))
        finally:
            bar.empty()
        st.rerun()


def _remember() -> None:
    lab().dataset = st.query_params[DATASET] = st.session_state.data_dataset
