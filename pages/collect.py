"""Collect: hold things up to the camera, class by class, and train on them. The address names the dataset."""

import streamlit as st

from cnnlab.datasets.own import collection
from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.ui import state
from cnnlab.ui.collect import collecting, draft
from cnnlab.ui.data.care import care, news
from cnnlab.ui.data.recently_deleted import recently_deleted
from cnnlab.ui.wording import plain, refusal

CHOSEN = "collect_dataset"


def open_dataset(name: str | None) -> None:
    st.session_state[CHOSEN] = name
    if name:
        st.query_params["dataset"] = name
    else:
        st.query_params.clear()
        draft.begin_anew()


def show_dataset(name: str | None) -> None:
    """Show one dataset, or one that does not exist yet, in the same places: the camera films on."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.header(plain(collection.get(name).title) if name else _("New dataset"), anchor=False)
        with st.container(horizontal=True, width="content", gap="small"):
            if name:
                care(name, leave=lambda: open_dataset(None))
                st.button(_("New dataset"), icon=":material/add:", on_click=open_dataset, args=(None,))
            recently_deleted(name)
    with st.container():
        news()
    collecting.collect(name)


state.lab()
st.title(_("Collect"))
made = draft.finished(draft.draft().name)
try:
    name = st.query_params.get("dataset") or made or st.session_state.get(CHOSEN)
    if name:
        collection.get(name)
        if made == name:
            draft.begin_anew()
        open_dataset(name)
    show_dataset(name)
except CnnLabError as error:
    st.error(refusal(error))
    st.button(_("New dataset"), icon=":material/add:", on_click=open_dataset, args=(None,))
