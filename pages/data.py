"""Data: choose a dataset, look at its pictures, and see what is in it before training on it."""

import streamlit as st

from cnnlab import datasets, ui
from cnnlab.errors import CnnLabError
from cnnlab.ui.data import loading, parts, picker, report, view

ui.lab()
st.title("Data")
try:
    info = picker.choose_dataset()
    view.facts(info)
    if datasets.is_ready(info.name):
        splits, options = view.choose_split(info)
        view.counts(info, splits)
        report.to_look_at(info, splits, view.sides(info), options)
        parts.views(info, splits, options)
        loading.offer_training(options.split_by)
    else:
        picker.offer_download(info)
except CnnLabError as error:
    st.error(ui.plain(str(error)))
