"""The network that the Architecture page looks at, inspected once for all browsers."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from cnnlab import architectures, charts, datasets, inspection
from cnnlab.architectures import Shape
from cnnlab.architectures.edit import LEFT_OUT
from cnnlab.errors import ArchitectureError, DatasetError
from cnnlab.inspection.figures import LayerRow
from cnnlab.preprocessing import Preprocessing
from cnnlab.service import Inspected, Network
from cnnlab.ui.architecture.layer_table import times, wider_than
from cnnlab.ui.architecture.scene import Scene
from cnnlab.ui.engine import service
from cnnlab.ui.live_chart import still_chart
from cnnlab.ui.wording import plain

PICTURES = 6
ABSENT = "left out"
"""What the table calls a layer that passes its input on."""


def subject(scene: Scene) -> Network:
    """Return the network of a scene as the service knows it.

    Raises:
        ArchitectureError: there is no such network.
    """
    definition = architectures.get(scene.architecture).definition
    version = definition.version if definition else ""
    return Network(scene.architecture, scene.input_shape, scene.classes, scene.options, scene.edits, version)


def inspected(scene: Scene) -> Inspected:
    """Return the network of a scene, without weights; a layer that is left out is said to be.

    Raises:
        ArchitectureError: a layer does not fit its input.
    """
    return _inspected(subject(scene))


@st.cache_resource(max_entries=128, show_spinner=False)
def _inspected(network: Network) -> Inspected:
    found = service().ask("inspect", network)
    gone = {edit.layer for edit in network.edits if edit.setting == LEFT_OUT}
    return replace(
        found, rows=tuple(replace(row, type=ABSENT) if row.name in gone else row for row in found.rows)
    )


def source(scene: Scene) -> None:
    """Show the Python that builds the network, to copy or download."""
    try:
        text = _source(subject(scene))
    except ArchitectureError as error:
        st.caption(plain(str(error)))
        return
    name = f"{scene.architecture}.py"
    st.download_button("Download", text, name, "text/x-python", icon=":material/download:")
    st.code(text, language="python")


@st.cache_resource(max_entries=64, show_spinner=False)
def _source(network: Network) -> str:
    return service().ask("source", network)


def wider(rows: Sequence[LayerRow]) -> None:
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


def totals(rows: Sequence[LayerRow]) -> None:
    """Show what the whole network costs and how far it sees."""
    found = inspection.Totals.of(rows)
    params, trained, macs, memory, reach = st.columns(5)
    params.metric("Parameters", f"{found.params:,}")
    trained.metric("Trained", f"{found.trainable_params:,}")
    macs.metric("MACs", large(found.macs), help="Multiply-accumulates for one picture")
    memory.metric("Activations", f"{found.activation_bytes / 2**20:,.2f} MB", help="For one picture")
    reach.metric("Receptive field", times(found.receptive_field), help="Of the last map")


def drawing(rows: Sequence[LayerRow], chosen: str) -> None:
    """Show the network as bars, the chosen layer framed."""
    still_chart("drawing", charts.architecture, tuple(rows), chosen)


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
