"""The network that the Architecture page looks at, inspected once for all browsers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cnnlab import architectures, charts, datasets, inspection
from cnnlab.architectures import Shape
from cnnlab.architectures.edit import LEFT_OUT
from cnnlab.errors import ArchitectureError, DatasetError
from cnnlab.preprocessing import Preprocessing
from cnnlab.ui.architecture.layer_table import times, wider_than
from cnnlab.ui.architecture.scene import Scene
from cnnlab.ui.wording import plain

if TYPE_CHECKING:
    import keras

    from cnnlab.inspection.table import LayerRow

PICTURES = 6
ABSENT = "left out"
"""What the table calls a layer that passes its input on."""


@dataclass(frozen=True, eq=False)
class Inspected:
    """A network without weights, and its layer table; a layer left out is an ``Identity`` in ``model``.

    ``trained`` is the network as it is built for training, without those.
    """

    model: "keras.Model"
    rows: list["LayerRow"]
    trained: "keras.Model"

    def row(self, name: str | None) -> "LayerRow":
        """Return a row by name, or the first layer that learns."""
        learns = next((row for row in self.rows if row.params), self.rows[0])
        return next((row for row in self.rows if row.name == name), learns)


def inspected(scene: Scene) -> Inspected:
    """Return the network of a scene.

    Raises:
        ArchitectureError: a layer does not fit its input.
    """
    definition = architectures.get(scene.architecture).definition
    return _inspected(replace(scene, layer=None), definition.version if definition else "")


@st.cache_resource(max_entries=64, show_spinner=False)
def _inspected(scene: Scene, version: str) -> Inspected:
    """Return the network of a scene; ``version`` tells what a person's own network was at the time."""
    model = inspection.outline(scene.architecture, scene.input_shape, scene.classes, **dict(scene.options))
    if not scene.edits:
        return Inspected(model, inspection.layer_table(model), model)
    shown = inspection.edited(model, scene.edits)
    gone = {edit.layer for edit in scene.edits if edit.setting == LEFT_OUT}
    rows = [replace(row, type=ABSENT) if row.name in gone else row for row in inspection.layer_table(shown)]
    return Inspected(shown, rows, inspection.edited(model, scene.edits, show_left_out=False))


def source(network: Inspected) -> None:
    """Show the Python that builds the network, to copy or download."""
    try:
        text = inspection.keras_source(network.trained)
    except ArchitectureError as error:
        st.caption(plain(str(error)))
        return
    st.download_button(
        "Download", text, f"{network.model.name}.py", "text/x-python", icon=":material/download:"
    )
    st.code(text, language="python")


def wider(rows: Sequence["LayerRow"]) -> None:
    """Say how many convolutions look past the edges of the picture, and what would change it."""
    picture = rows[0].output_shape[:2]
    convolutions = [row for row in rows if row.kernel_size and row.params]
    past = [row for row in convolutions if wider_than(row, picture)]
    if past:
        enough = times([max(sizes) for sizes in zip(*(row.receptive_field for row in past), strict=True)])
        st.caption(
            f"{len(past)} of {len(convolutions)} convolutions see further than a picture of {times(picture)} "
            f"reaches, so that each of their units looks at padding too. At {enough} pixels none would; "
            "smaller kernels, or fewer pools and strides before them, would help as well."
        )


def totals(rows: Sequence["LayerRow"]) -> None:
    """Show what the whole network costs and how far it sees."""
    found = inspection.Totals.of(rows)
    params, trained, macs, memory, reach = st.columns(5)
    params.metric("Parameters", f"{found.params:,}")
    trained.metric("Trained", f"{found.trainable_params:,}")
    macs.metric("MACs", large(found.macs), help="Multiply-accumulates for one picture")
    memory.metric("Activations", f"{found.activation_bytes / 2**20:,.2f} MB", help="For one picture")
    reach.metric("Receptive field", times(found.receptive_field), help="Of the last map")


def drawing(rows: Sequence["LayerRow"], chosen: str) -> None:
    """Show the network as bars, the chosen layer framed."""
    st.plotly_chart(charts.architecture(rows, chosen), key="drawing", config={"displayModeBar": False})


def large(number: int) -> str:
    """Write a large number in three or four digits: ``15.47 billion``."""
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:.4g} {word}"
    return f"{number:,}"


@st.cache_resource(max_entries=4, show_spinner=False)
def pictures_of(dataset: str) -> list[np.ndarray]:
    """Return a few pictures of a dataset, uint8 ``(H, W, C)``; none where it has yet to be downloaded."""
    try:
        if not datasets.is_ready(dataset):
            return []
        size = None if datasets.get(dataset).native_shape else 224
        splits = datasets.load(dataset, datasets.LoadOptions(image_size=size, max_per_class=4))
    except DatasetError:
        return []
    return list(splits.validation.images[:PICTURES])


def as_input(picture: np.ndarray, shape: Shape) -> np.ndarray:
    """Return a picture as RGB of the network's input size, to look at."""
    return Preprocessing(*shape[:2]).picture(picture)
