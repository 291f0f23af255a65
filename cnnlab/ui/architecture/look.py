"""What the views of one layer look at together: a position, an image and somebody's weights."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnlab import images
from cnnlab.errors import ImageError
from cnnlab.inspection.figures import LayerRow
from cnnlab.languages import _, texts
from cnnlab.ui.architecture.inspected import images_of, title_of
from cnnlab.ui.architecture.scene import Scene
from cnnlab.ui.architecture.weights import ChosenWeights, choose_weights
from cnnlab.ui.state import lab
from cnnlab.ui.wording import refusal

OWN = texts("Upload an image")
UNIT = texts({"row": "Unit's row", "column": "Unit's column"})


@dataclass(frozen=True, eq=False)
class Look:
    """A unit (row, column), the image, uint8 ``(H, W, 1 or 3)``, and those like it; whose weights.

    ``weights`` begins with the untrained ones; ``others`` has the image itself in it.
    """

    unit: tuple[int, int]
    image: np.ndarray
    others: list[np.ndarray]
    weights: list[ChosenWeights]


def look(scene: Scene, row: LayerRow) -> Look:
    """Show the controls; the views of a layer share what is chosen."""
    unit = _unit(row.output_shape[:2]) if len(row.output_shape) == 3 else (0, 0)
    left, right = st.columns(2)
    with left:
        image, others = _image()
    with right:
        weights = choose_weights(scene)
    return Look(unit, image, others, weights)


def _unit(units: tuple[int, int]) -> tuple[int, int]:
    """Ask for a unit of a feature map; the one in the middle at first."""
    chosen = []
    for place, label, count in zip(st.columns(2), UNIT, units, strict=True):
        key = f"unit_{label}_{count}"
        if count > 1:
            st.session_state.setdefault(key, count // 2)
            slider = place.slider(_(UNIT[label]), 0, count - 1, key=key, persist_state="session")
            chosen.append(slider)
        else:
            chosen.append(0)
    row, column = chosen
    return row, column


def _image() -> tuple[np.ndarray, list[np.ndarray]]:
    """Ask for an image of the chosen dataset or an upload; a plain gray one where there is neither."""
    samples = images_of(lab().dataset)
    names = {f"{lab().dataset}/{n}": n for n in range(1, len(samples) + 1)}
    if st.session_state.get("look_image") not in (*names, OWN):
        st.session_state.look_image = [*names, OWN][0]

    def said(name: str) -> str:
        if name == OWN:
            return _(OWN)
        return _("{dataset}, image {n}", dataset=title_of(lab().dataset), n=names[name])

    choice = st.selectbox(
        _("Image"), [*names, OWN], format_func=said, key="look_image", persist_state="session"
    )
    if choice != OWN:
        return samples[names[choice] - 1], samples
    upload = st.file_uploader(_("Image to look at"), label_visibility="collapsed", key="look_upload")
    try:
        if upload:
            image = images.decode(upload.getvalue(), upload.name)
            return image, [image]
    except ImageError as error:
        st.error(refusal(error))
    gray = np.full((8, 8, 3), 215, np.uint8)
    return gray, [gray]
