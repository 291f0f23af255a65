"""The parts of the Data page that run by themselves: what is in a dataset, what augmentation makes of it."""

import streamlit as st

from cnnlab.datasets import DatasetInfo, LoadOptions, Splits
from cnnlab.errors import CnnLabError
from cnnlab.languages import texts
from cnnlab.ui.data import augmentation, view
from cnnlab.ui.tabs import tabs_of
from cnnlab.ui.wording import refusal

TABS = texts(("Samples", "Augmentation"))


@st.fragment
def views(info: DatasetInfo, splits: Splits, options: LoadOptions) -> None:
    """Show a dataset's images and numbers, or augmentation; a tab that is closed costs nothing."""
    look, augment = tabs_of(TABS, "data_tab")
    try:
        if look.open:
            with look:
                samples, numbers = st.columns([3, 2], gap="large")
                with samples:
                    view.gallery(info, splits)
                with numbers:
                    view.numbers(info, splits, options)
        if augment.open:
            with augment:
                augmentation.augmentation_preview(splits)
    except CnnLabError as error:
        st.error(refusal(error))
