"""The network that the Architecture page looks at, inspected once for all browsers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from cnnlab import architectures, datasets, inspection
from cnnlab.architectures.own.edit import LEFT_OUT
from cnnlab.errors import ArchitectureError, DatasetError
from cnnlab.inspection.figures import LayerRow
from cnnlab.inspection.stages import Tree, grouped
from cnnlab.languages import _
from cnnlab.preprocessing import Preprocessing
from cnnlab.service import Inspected, Network
from cnnlab.ui.architecture.scene import Scene, keep, last_that_fitted
from cnnlab.ui.architecture.sizes import ABSENT, times, wider_than
from cnnlab.ui.engine import service
from cnnlab.ui.wording import refusal

IMAGES = 6


def subject(scene: Scene) -> Network:
    """Return the network of a scene as the service knows it.

    Raises:
        ArchitectureError: there is no such network.
    """
    definition = architectures.get(scene.architecture).definition
    version = definition.version if definition else ""
    return Network(scene.architecture, scene.input_shape, scene.classes, scene.options, scene.edits, version)


@dataclass(frozen=True, eq=False)
class Shown(Inspected):
    """A network as the page shows it: ``tree`` has its stages and blocks. There is one object of each."""

    tree: Tree = ()


@dataclass(frozen=True)
class View:
    """What the page can show of a scene: its network, or the last one that fits and why this one does not.

    ``scene`` is the one that ``network`` is of; ``problem`` is empty where that is what was asked for, and
    ``broken`` names the layer that does not fit, if it is known.
    """

    scene: Scene
    network: Shown
    problem: str = ""
    broken: str = ""


def viewed(asked: Scene) -> View:
    """Return the network of a scene, or the closest one before it that fits.

    Raises:
        ArchitectureError: nothing fits.
    """
    try:
        network = inspected(asked)
    except ArchitectureError as error:
        return _instead(asked, error)
    keep(asked)
    return View(asked, network)


def _instead(asked: Scene, error: ArchitectureError) -> View:
    for fitting in _closest(asked):
        try:
            network = inspected(fitting)
        except ArchitectureError:
            continue
        names = {row.name for row in network.rows}
        said = [word for word in re.findall(r"\w+", str(error)) if word in names]
        edited = [edit.layer for edit in asked.edits[-1:] if edit.layer in names]
        return View(fitting, network, str(error), next(iter(said + edited), ""))
    raise error


def _closest(asked: Scene) -> Iterator[Scene]:
    """Return scenes of the same network to show in place of one that does not fit, the closest first."""
    if (kept := last_that_fitted()) and kept.architecture == asked.architecture:
        yield kept
    if asked.edits:
        yield replace(asked, edits=asked.edits[:-1])
        yield replace(asked, edits=())
    yield Scene.of(asked.architecture)


def inspected(scene: Scene) -> Shown:
    """Return the network of a scene, without weights; a layer that is bypassed is said to be.

    Raises:
        ArchitectureError: a layer does not fit its input.
    """
    return _inspected(subject(scene))


@st.cache_resource(max_entries=128, show_spinner=False)
def _inspected(network: Network) -> Shown:
    found = service().ask("inspect", network)
    gone = {edit.layer for edit in network.edits if edit.setting == LEFT_OUT}
    rows = tuple(replace(row, type=ABSENT) if row.name in gone else row for row in found.rows)
    return Shown(found.name, rows, found.settings, grouped(rows))


def source(scene: Scene) -> None:
    """Show the Python that builds the network, to copy or download."""
    try:
        text = _source(subject(scene))
    except ArchitectureError as error:
        st.caption(refusal(error))
        return
    name = f"{scene.architecture}.py"
    st.download_button(
        _("Download"), text, name, "text/x-python", icon=":material/download:", key="download_source"
    )
    st.code(text, language="python")


@st.cache_resource(max_entries=64, show_spinner=False)
def _source(network: Network) -> str:
    return service().ask("source", network)


def wider(rows: Sequence[LayerRow]) -> None:
    """Say how many convolutions have a receptive field larger than the image, and what would change it."""
    image = rows[0].output_shape[:2]
    convolutions = [row for row in rows if row.kernel_size and row.params]
    past = [row for row in convolutions if wider_than(row, image)]
    if past:
        enough = times([max(sizes) for sizes in zip(*(row.receptive_field for row in past), strict=True)])
        st.caption(
            _(
                "{some} of {all} convolutions have a receptive field larger than the {image} image, so that "
                "it includes padding at every position. At {enough} pixels none would; smaller kernels, or "
                "fewer pools and strides before them, would help as well.",
                some=len(past),
                all=len(convolutions),
                image=times(image),
                enough=enough,
            )
        )


def totals(rows: Sequence[LayerRow]) -> None:
    """Show in one line what the whole network costs and how far it sees."""
    found = inspection.Totals.of(rows)
    with st.container(horizontal=True, gap="medium", key="network_totals"):
        for what, value, explained in (
            (_("Parameters"), f"{found.params:,}", None),
            (_("Trainable parameters"), f"{found.trainable_params:,}", None),
            (
                _("Non-trainable"),
                f"{found.params - found.trainable_params:,}",
                _("Frozen or moving statistics"),
            ),
            (_("MACs"), large(found.macs), _("Multiply-accumulate operations for one image")),
            (
                _("Activation memory"),
                memory(found.activation_bytes),
                _("Of all layers, for one image in float32"),
            ),
            (
                _("Receptive field"),
                times(found.receptive_field),
                _("Of the last layer that has rows and columns"),
            ),
        ):
            st.markdown(f":small[{what}]  \n**{value}**", help=explained, width="content")


def large(number: int | None) -> str:
    """Write a large number in three or four digits: ``15.47 billion``; None is unknown."""
    if number is None:
        return _("unknown")
    if number >= 10**9:
        return _("{n} billion", n=f"{number / 10**9:.4g}")
    if number >= 10**6:
        return _("{n} million", n=f"{number / 10**6:.4g}")
    return f"{number:,}"


def memory(count: int) -> str:
    """Write a number of bytes as people read it: 1 kB is 1,000 of them."""
    return f"{count / 10**3:,.1f} kB" if count < 10**6 else f"{count / 10**6:,.1f} MB"


@st.cache_resource(max_entries=4, show_spinner=False)
def images_of(dataset: str) -> list[np.ndarray]:
    """Return a few images of a dataset, uint8 ``(H, W, C)``; none where it has yet to be downloaded."""
    try:
        if not datasets.is_ready(dataset):
            return []
        size = None if datasets.get(dataset).native_shape else 224
        splits = datasets.load(dataset, datasets.LoadOptions(image_size=size, max_per_class=4))
    except DatasetError:
        return []
    return list(splits.validation.images[:IMAGES])


def title_of(dataset: str) -> str:
    """Return what people call a dataset."""
    try:
        known = datasets.get(dataset)
        return known.title if known.kind == "folder" else _(known.title)
    except DatasetError:
        return dataset


def as_input(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return an image as RGB of the network's input size, to look at."""
    return Preprocessing(shape[0], shape[1]).image(image)
