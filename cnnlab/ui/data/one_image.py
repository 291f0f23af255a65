"""One image of a dataset, large: the original beside what a network is given of it."""

import numpy as np
import streamlit as st

from cnnlab import datasets
from cnnlab.datasets import DatasetInfo
from cnnlab.errors import CnnLabError
from cnnlab.ui.asking import shown
from cnnlab.ui.wording import plain

PIXELS = 400


def open_image(info: DatasetInfo, name: str, class_name: str, used: np.ndarray) -> None:
    """Open an image of a dataset over the page: its class, its file, its own size and the one used here."""
    st.dialog(plain(class_name), width="medium")(_show)(info, name, class_name, used)


def _show(info: DatasetInfo, name: str, class_name: str, used: np.ndarray) -> None:
    height, width = used.shape[:2]
    original, size = _original(info, name), f"{width} × {height} pixels"
    native = info.native_shape and f"{info.native_shape[1]} × {info.native_shape[0]} pixels"
    said = f"{size}, {'grayscale' if used.shape[2] == 1 else 'RGB'}"
    if original is not None and original.shape[:2] != (height, width):
        left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
        left.image(shown(original, PIXELS), width="stretch", alt=f"{class_name}: {name}, the original")
        left.caption(f"Original: {original.shape[1]:,} × {original.shape[0]:,} pixels")
        right.image(shown(used, PIXELS), width="stretch", alt=f"{class_name}: {name}, resized")
        right.caption(f"Resized to {said}")
    else:
        st.image(shown(used, PIXELS), width=PIXELS, alt=f"{class_name}: {name}")
        st.caption(said if native in (None, size) else f"Original: {native}; resized to {said}")
    st.markdown(f":material/image: {plain(name)}")


def _original(info: DatasetInfo, name: str) -> np.ndarray | None:
    """Return the image of a file as it is; None for a dataset without files."""
    try:
        return datasets.original(info.name, name)
    except CnnLabError:
        return None
