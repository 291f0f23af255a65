"""What one unit of a layer sees, on a picture: move the unit, and its box moves."""

import streamlit as st

from cnnlab.inspection.figures import LayerRow
from cnnlab.service import Inspected
from cnnlab.ui.architecture.framed import framed
from cnnlab.ui.architecture.inspected import as_input, subject
from cnnlab.ui.architecture.look import look
from cnnlab.ui.architecture.measured import measured
from cnnlab.ui.architecture.scene import Scene, follow_scene
from cnnlab.ui.engine import service


@st.fragment
def reach(scene: Scene, network: Inspected, row: LayerRow) -> None:
    """Show a picture with all that one unit of a layer can see, and where it looks in fact.

    Two sliders move the unit over its map.
    """
    follow_scene()
    view = st.container()
    looked = look(scene, row)
    box, seen = service().ask("reach", subject(scene), row.name, looked.unit)
    shape = network.rows[0].output_shape
    view.image(framed(as_input(looked.picture, shape), seen, box), output_format="PNG")
    view.caption(
        f"Rows {box.top} to {box.bottom - 1} and columns {box.left} to {box.right - 1}: ".replace("-", "−")
        + f"{seen.sum():,} of the picture's {seen.size:,} pixels. The gray edge is padding."
    )
    if row.receptive_field and row.inputs:
        st.markdown("**Measured**")
        measured(looked, row, network.rows, box)
