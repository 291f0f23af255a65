"""Data: choose a dataset, look at its pictures, and see what is in it before training on it."""

import streamlit as st

from cnnlab import datasets, ui
from cnnlab.errors import CnnLabError
from cnnlab.ui import augmentation_preview, dataset_loading, dataset_picker, dataset_report, dataset_view

ui.lab()
st.title("Data")
try:
    info = dataset_picker.choose_dataset()
    dataset_view.facts(info)
    if datasets.is_ready(info.name):
        splits, options = dataset_view.choose_split(info)
        dataset_view.counts(info, splits)
        dataset_report.to_look_at(info, splits, dataset_view.sides(info), options)
        dataset_view.gallery(splits)
        augmentation_preview.augmentation_preview(splits)
        dataset_view.numbers(info, splits, options)
        dataset_view.near_twins(info, splits, options)
        dataset_loading.offer_training(options.split_by)
    else:
        dataset_picker.offer_download(info)
except CnnLabError as error:
    st.error(ui.plain(str(error)))
