"""One image of a dataset, large: the original beside what a network is given of it."""

import numpy as np
import streamlit as st

from cnnlab import datasets
from cnnlab.datasets import DatasetInfo
from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.ui.asking import shown
from cnnlab.ui.data.words import image_name
from cnnlab.ui.wording import plain

PIXELS = 400


def open_image(info: DatasetInfo, name: str, class_name: str, used: np.ndarray) -> None:
    """Open an image of a dataset over the page: its class, its file, its own size and the one used here."""
    st.dialog(plain(class_name), width="medium")(_show)(info, name, class_name, used)


def _show(info: DatasetInfo, name: str, class_name: str, used: np.ndarray) -> None:
    height, width = used.shape[:2]
    original, size = _original(info, name), _pixels(width, height)
    native = info.native_shape and _pixels(info.native_shape[1], info.native_shape[0])
    colour = _("grayscale") if used.shape[2] == 1 else "RGB"
    said = _("{size}, {colour}", size=size, colour=colour)
    shown_as = {"class_name": class_name, "name": image_name(name)}
    if original is not None and original.shape[:2] != (height, width):
        left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
        left.image(
            shown(original, PIXELS), width="stretch", alt=_("{class_name}: {name}, the original", **shown_as)
        )
        left.caption(_("Original: {size}", size=_pixels(original.shape[1], original.shape[0])))
        right.image(shown(used, PIXELS), width="stretch", alt=_("{class_name}: {name}, resized", **shown_as))
        right.caption(_("Resized to {size}", size=said))
    else:
        st.image(shown(used, PIXELS), width=PIXELS, alt=f"{class_name}: {image_name(name)}")
        is_same = native in (None, size)
        st.caption(said if is_same else _("Original: {size}; resized to {said}", size=native, said=said))
    st.markdown(f":material/image: {plain(image_name(name))}")


def _pixels(width: int, height: int) -> str:
    return _("{width} × {height} pixels", width=f"{width:,}", height=f"{height:,}")


def _original(info: DatasetInfo, name: str) -> np.ndarray | None:
    """Return the image of a file as it is; None for a dataset without files."""
    try:
        return datasets.original(info.name, name)
    except CnnLabError:
        return None
