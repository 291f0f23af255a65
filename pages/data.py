"""Data: choose a dataset, look at its images, and see what is in it before training on it."""

import streamlit as st

from cnnlab import datasets
from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.ui import state
from cnnlab.ui.data import loading, parts, picker, report, view
from cnnlab.ui.wording import refusal

state.lab()
st.title(_("Data"))
try:
    info, next_step = picker.choose_dataset()
    view.facts(info)
    if datasets.is_ready(info.name):
        numbers = st.container()
        splits, options, by_person = view.choose_split(info)
        with numbers:
            view.counts(info, splits)
        report.findings(info, splits, view.sides(info), options, by_person)
        parts.views(info, splits, options)
        loading.offer_training(next_step, info, options.split_by)
    else:
        picker.offer_download(next_step, info)
except CnnLabError as error:
    st.error(refusal(error))
