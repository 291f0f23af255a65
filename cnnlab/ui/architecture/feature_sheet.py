"""The feature maps of a layer for an image, by mean activation, and the filters of the first layer."""

import numpy as np
import streamlit as st

from cnnlab import inspection
from cnnlab.charts.heat import coloured, in_gray
from cnnlab.errors import ArchitectureError
from cnnlab.inference.effective import images_within_budget
from cnnlab.inference.feature_maps import strongest_first
from cnnlab.inspection.figures import LayerRow
from cnnlab.languages import _, _p
from cnnlab.service import Inspected, Weights
from cnnlab.ui.architecture.look import Look, look
from cnnlab.ui.architecture.scene import Scene, follow_scene
from cnnlab.ui.asking import GAP, shown, spaced
from cnnlab.ui.engine import service
from cnnlab.ui.wording import plain, refusal

ON_A_PAGE = 24
TILE_PIXELS = 96
MAPS, FILTERS = VIEWS = ("Feature maps", "Filters")


@st.fragment
def feature_sheet(scene: Scene, network: Inspected, row: LayerRow) -> None:
    """Show a layer's maps of the chosen image as small images, with the value at the chosen position."""
    follow_scene()
    if len(row.output_shape) != 3:
        st.caption(_("A layer without rows and columns has no feature maps; choose an earlier layer."))
        return
    sheet = st.container()
    looked = look(scene, row)
    with sheet:
        try:
            _sheet(looked, network, row)
        except ArchitectureError as error:
            st.caption(refusal(error))


def _sheet(looked: Look, network: Inspected, row: LayerRow) -> None:
    cost = inspection.Totals.of(inspection.up_to(network.rows, row.name))
    images_within_budget(1, cost.macs or 0, cost.activation_bytes)
    weights = looked.weights[-1]
    maps = _maps(weights.weights, row.name, weights.prepared(looked.image))
    kernels = _filters(weights.weights, row.name)
    view = MAPS
    if kernels is not None:
        view = st.segmented_control(
            _("View"),
            VIEWS,
            format_func=_view_in_words,
            default=MAPS,
            required=True,
            label_visibility="collapsed",
            key="look_view",
        )
    channels = _page(maps)
    largest = float(np.abs(maps).max())
    smallest = max(0.0, float(maps.min()))
    tiles, captions = [], []
    for channel in channels:
        if view == MAPS or kernels is None:
            tile = coloured(maps[..., channel] - smallest, largest - smallest)
            tiles.append(spaced(_marked(shown(tile, TILE_PIXELS), maps.shape[:2], looked.unit), TILE_PIXELS))
            captions.append(f"{channel}: {maps[(*looked.unit, channel)]:.3g}")
        else:
            tiles.append(spaced(in_gray(kernels[channel], np.abs(kernels).max()), TILE_PIXELS))
            captions.append(str(channel))
    named = _("Feature map {channel}") if view == MAPS else _("Filter {channel}")
    names = [named.format(channel=channel) for channel in channels]
    st.image(tiles, captions, TILE_PIXELS + GAP, output_format="PNG", alt=names)
    if view == MAPS or kernels is None:
        note = _scale(smallest, largest, has_negative=bool(maps.min() < 0))
    else:
        note = _("gray is 0, the strongest weight {most}.", most=f"{np.abs(kernels).max():.3g}")
    st.caption(_("{weights}: {said}", weights=plain(weights.title), said=note))


def _view_in_words(view: str) -> str:
    return _("Feature maps") if view == MAPS else _p("images of kernels", "Filters")


def _scale(smallest: float, largest: float, has_negative: bool) -> str:
    """Say what stands below the maps, and what their colours mean."""
    values = {"black": f"{smallest:.3g}", "brightest": f"{largest:.3g}"}
    if has_negative:
        return _(
            "under each map its channel and the value at the selected position; "
            "black is {black}, the brightest {brightest}, blue is negative.",
            **values,
        )
    return _(
        "under each map its channel and the value at the selected position; "
        "black is {black}, the brightest {brightest}.",
        **values,
    )


def _page(maps: np.ndarray) -> np.ndarray:
    """Ask for an order and a page; return the channels to show."""
    count = maps.shape[2]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        strongest = st.toggle(
            _("Sort by mean activation"), True, key="look_strongest", persist_state="session"
        )
        pages = -(-count // ON_A_PAGE)
        page = st.pagination(pages, max_visible_pages=3, key=f"look_page_{pages}") if pages > 1 else 1
    order = strongest_first(maps) if strongest else np.arange(count)
    return order[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]


def _marked(tile: np.ndarray, units: tuple[int, int], unit: tuple[int, int]) -> np.ndarray:
    """Draw a frame of one pixel around a unit of an enlarged map."""
    spans = []
    for index, count, pixels in zip(unit, units, tile.shape, strict=False):
        each = pixels // count
        margin = max(0, 2 - each // 2)
        spans.append((max(0, index * each - margin), min(pixels, (index + 1) * each + margin) - 1))
    (top, bottom), (left, right) = spans
    tile = tile.copy()
    tile[[top, bottom], left : right + 1] = 255
    tile[top : bottom + 1, [left, right]] = 255
    return tile


@st.cache_resource(max_entries=16, show_spinner=False)
def _maps(weights: Weights, layer: str, image: np.ndarray) -> np.ndarray:
    """Compute once for all browsers; nobody writes into the result."""
    return service().ask("maps", weights, layer, image)


@st.cache_resource(max_entries=64, show_spinner=False)
def _filters(weights: Weights, layer: str) -> np.ndarray | None:
    return service().ask("filters", weights, layer)
