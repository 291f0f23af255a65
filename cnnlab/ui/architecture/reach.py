"""The receptive field of one unit of a layer, on an image: move the unit, and its box moves."""

import numpy as np
import streamlit as st

from cnnlab.inspection.figures import Box, LayerRow
from cnnlab.languages import _
from cnnlab.service import Inspected, Network
from cnnlab.ui.architecture.framed import SIDE, framed
from cnnlab.ui.architecture.inspected import as_input, subject
from cnnlab.ui.architecture.look import look
from cnnlab.ui.architecture.measured import measured
from cnnlab.ui.architecture.scene import Scene, follow_scene
from cnnlab.ui.engine import service


@st.fragment
def reach(scene: Scene, network: Inspected, row: LayerRow) -> None:
    """Show an image with the theoretical receptive field of one unit, and the effective one.

    Two sliders move the unit over its map.
    """
    follow_scene()
    looked = look(scene, row)
    box, seen = _field(subject(scene), row.name, looked.unit)
    shape = network.rows[0].output_shape
    st.image(
        framed(as_input(looked.image, shape), seen, box),
        width=SIDE,
        output_format="PNG",
        alt=_(
            "The image with the receptive field of {layer} framed, what lies outside dimmed", layer=row.name
        ),
    )
    st.caption(
        _(
            "Rows {top} to {bottom} and columns {left} to {right}: {seen} of the image's {pixels} pixels. "
            "The gray border is padding.",
            top=_signed(box.top),
            bottom=_signed(box.bottom - 1),
            left=_signed(box.left),
            right=_signed(box.right - 1),
            seen=f"{seen.sum():,}",
            pixels=f"{seen.size:,}",
        )
    )
    if row.receptive_field and row.inputs:
        st.markdown(f"**{_('Effective receptive field')}**")
        measured(looked, row, network.rows, box)


def _signed(place: int) -> str:
    return str(place).replace("-", "−")


@st.cache_resource(max_entries=64, show_spinner=False)
def _field(network: Network, layer: str, unit: tuple[int, int]) -> tuple[Box, np.ndarray]:
    """Ask once for all browsers; nobody writes into the result."""
    return service().ask("reach", network, layer, unit)
