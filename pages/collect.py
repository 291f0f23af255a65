"""Collect: name the classes, hold them up to the camera, and train on them. The address names the dataset."""

import streamlit as st

from cnnlab import ui
from cnnlab.datasets import collection
from cnnlab.errors import CnnLabError
from cnnlab.ui.collect import collecting
from cnnlab.ui.data.care import care, news

CHOSEN = "collect_dataset"


def open_dataset(name: str | None) -> None:
    st.session_state[CHOSEN] = name
    if name:
        st.query_params["dataset"] = name
    else:
        st.query_params.clear()


def desk(name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(ui.plain(collection.get(name).title), anchor=False)
        with st.container(horizontal=True, width="content"):
            care(name, leave=lambda: open_dataset(None))
            st.button("Another dataset", icon=":material/add:", on_click=open_dataset, args=(None,))
    news()
    open_dataset(name)
    collecting.collect(name)


def front_door() -> None:
    st.markdown("Name what you will hold up: things, faces or signs, two or more.")
    if name := collecting.begin():
        open_dataset(name)
        st.rerun()
    news()
    collecting.go_on()


ui.lab()
st.title("Collect")
try:
    if name := st.query_params.get("dataset") or st.session_state.get(CHOSEN):
        desk(name)
    else:
        front_door()
except CnnLabError as error:
    st.error(ui.plain(str(error)))
    st.button("Another dataset", icon=":material/add:", on_click=open_dataset, args=(None,))
