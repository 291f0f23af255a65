"""What one unit of a layer sees, on a picture: move the unit, and its box moves."""

import numpy as np
import streamlit as st

from cnnlab import images, inspection
from cnnlab.charts import COLOURS
from cnnlab.errors import ImageError
from cnnlab.ui.inspected import Inspected, as_input, pictures_of
from cnnlab.ui.state import lab
from cnnlab.ui.wording import plain

SIDE = 340
"""Pixels on the screen for the longer side of the picture."""
PADDING_GRAY = 150
OWN = "Upload a picture"


@st.fragment
def reach(network: Inspected, layer: str) -> None:
    """Show a picture with all that one unit of a layer can see; two sliders move the unit over its map."""
    row = next(row for row in network.rows if row.name == layer)
    view = st.container()
    unit = _unit(row.output_shape[:2]) if row.receptive_field else (0, 0)
    box = inspection.receptive_box(network.model, layer, *unit)
    seen = inspection.seen_pixels(network.model, layer, *unit)
    view.image(framed(as_input(_picture(), network.rows[0].output_shape), seen, box))
    view.caption(
        f"Rows {box.top} to {box.bottom - 1} and columns {box.left} to {box.right - 1}: ".replace("-", "−")
        + f"{seen.sum():,} of the picture's {seen.size:,} pixels. The gray edge is padding."
    )


def framed(picture: np.ndarray, seen: np.ndarray, box: "inspection.Box") -> np.ndarray:
    """Return a picture (uint8 RGB) with unseen pixels dimmed and the box in a frame, padding in gray.

    ``seen`` is a bool mask of the picture's size. A box that reaches further out is cut half a picture away.
    """
    height, width = seen.shape
    limit = max(height, width) // 2
    above, left = (min(max(0, -side), limit) for side in (box.top, box.left))
    below, right = (min(max(0, side), limit) for side in (box.bottom - height, box.right - width))
    canvas = np.full((above + height + below, left + width + right, 3), PADDING_GRAY, np.uint8)
    canvas[above : above + height, left : left + width] = np.where(seen[..., None], picture, picture // 3)
    scale = max(1, SIDE // max(canvas.shape[:2]))
    canvas = canvas.repeat(scale, 0).repeat(scale, 1)
    rows = slice(max(0, box.top + above) * scale, (box.bottom + above) * scale)
    columns = slice(max(0, box.left + left) * scale, (box.right + left) * scale)
    frame, thick = canvas[rows, columns], max(2, scale // 3)
    for edge in (frame[:thick], frame[-thick:], frame[:, :thick], frame[:, -thick:]):
        edge[:] = tuple(bytes.fromhex(COLOURS.validation.removeprefix("#")))
    return canvas


def _unit(units: tuple[int, int]) -> tuple[int, int]:
    """Ask for a unit of a feature map; the one in the middle at first."""
    chosen = []
    for column, label, count in zip(st.columns(2), ("row", "column"), units, strict=True):
        key = f"unit_{label}_{count}"
        if count > 1:
            chosen.append(column.slider(f"Unit's {label}", 0, count - 1, count // 2, key=key))
        else:
            chosen.append(0)
    return tuple(chosen)


def _picture() -> np.ndarray:
    """Ask for a picture of the chosen dataset or an upload; a plain gray one where there is neither."""
    samples = pictures_of(lab().dataset)
    names = [f"{lab().dataset}, picture {n}" for n in range(1, len(samples) + 1)]
    choice = st.selectbox("Picture", [*names, OWN], key="reach_picture")
    if choice != OWN:
        return samples[names.index(choice)]
    upload = st.file_uploader("Picture to look at", label_visibility="collapsed", key="reach_upload")
    try:
        if upload:
            return images.decode(upload.getvalue(), upload.name)
    except ImageError as error:
        st.error(plain(str(error)))
    return np.full((8, 8, 3), 215, np.uint8)
