"""The feature maps of a layer, what a cell of one sees of the image, and the sum that made it."""

from typing import Any

import numpy as np
import streamlit as st

from cnnlab.charts.heat import coloured
from cnnlab.errors import ArchitectureError
from cnnlab.inference import Classifier
from cnnlab.inference.effective import MOST_BYTES
from cnnlab.inference.feature_maps import strongest_first
from cnnlab.inference.sums import WorkedSum
from cnnlab.inspection.figures import Box
from cnnlab.languages import _, texts
from cnnlab.service import OfEpoch, OfRun
from cnnlab.ui.asking import shown, shown_in_colour
from cnnlab.ui.classify.explain.heat import layer_shapes
from cnnlab.ui.engine import service
from cnnlab.ui.image_wall import Tile, address_of, image_wall
from cnnlab.ui.own_component import own_component
from cnnlab.ui.tables import table
from cnnlab.ui.wording import plain, refusal

MOST_TILES = 24
TILE_PIXELS = 84
IMAGE_PIXELS = 300
MOST_NUMBERS = 49
"""Cells of a patch whose numbers are written out, for one channel."""
MOST_BESIDE = 3
"""Columns of a patch that fit beside those of a kernel; a wider one stands above it."""
MOST_CHANNELS = 8
FRAME = (255, 120, 0)
PARTS = texts({"input": "input", "mean": "mean", "variance": "variance", "cells": "cells", "place": "place"})
"""Parts of a sum that are no layers and have no sign of their own."""


def feature_maps(network: Classifier, weights: OfRun | OfEpoch, seen: np.ndarray, key: str) -> None:
    """Show a layer's maps of the network input ``seen``; what a cell of one sees, and how it was computed."""
    shapes = {name: shape for name, shape in layer_shapes(weights)[0] if len(shape) in (1, 3)}
    names = list(shapes)[1:] or list(shapes)
    layer = st.selectbox(
        _("Layer"),
        names,
        format_func=lambda name: f"{name} · {' × '.join(map(str, shapes[name]))}",
        key=f"{key}-map-layer",
        width=420,
    )
    if 4 * np.prod(shapes[layer], dtype=np.int64) > MOST_BYTES:
        raise ArchitectureError(f"The maps of {layer} are too large to be shown; choose a later layer.")
    scaled = network.preprocessing.scale(seen.astype(np.float32))
    values = _activation(weights, layer, scaled)
    if values.ndim == 1:
        unit = st.slider(_("Unit"), 0, len(values) - 1, int(values.argmax()), key=f"{key}-unit-{layer}")
        _work(weights, scaled, layer, (unit,))
        return
    channel = _channel(values, layer, key)
    image, worked = st.columns([2, 3], gap="large")
    with image:
        named = _("Channel {channel} of {layer}", channel=channel, layer=layer)
        row, column = _cell(values[..., channel], f"{key}-cell-{layer}", named)
        box = _box(weights, layer, (row, column))
        alt = _("Network input with the receptive field marked")
        st.image(framed(seen, box), width=IMAGE_PIXELS, alt=alt)
        st.caption(
            _(
                "Receptive field of the cell: {height} × {width} pixels, from row {row}, column {column}.",
                height=box.bottom - box.top,
                width=box.right - box.left,
                row=box.top,
                column=box.left,
            )
        )
    with worked:
        _work(weights, scaled, layer, (row, column, channel))


def _channel(values: np.ndarray, layer: str, key: str) -> int:
    """Show the maps, the strongest first; return the channel that was clicked last."""
    chosen_key = f"{key}-channel-{layer}"
    order = strongest_first(values)[:MOST_TILES]
    channel = min(st.session_state.get(chosen_key, int(order[0])), values.shape[2] - 1)
    largest = float(np.abs(values).max())
    tiles = [
        Tile.of(
            str(place),
            coloured(values[..., place], largest),
            str(place),
            _("Feature map of channel {channel}", channel=place),
            TILE_PIXELS,
        )
        for place in map(int, order)
    ]
    label = _("Feature maps of {layer}", layer=layer)
    picked = image_wall(tiles, f"{key}-wall-{layer}", label, TILE_PIXELS, str(channel))
    if picked is not None and int(picked) != channel:
        st.session_state[chosen_key] = int(picked)
        st.rerun(scope="fragment")
    counts = {"some": len(order), "all": values.shape[2], "most": f"{largest:.3g}"}
    if values.min() < 0:
        said = _(
            "{some} of {all} channels, by mean activation. Black is 0, the brightest {most}; blue is "
            "negative. Click one.",
            **counts,
        )
    else:
        said = _(
            "{some} of {all} channels, by mean activation. Black is 0, the brightest {most}. Click one.",
            **counts,
        )
    st.caption(said)
    return channel


def _cell(values: np.ndarray, key: str, label: str) -> tuple[int, int]:
    """Show a map ``(rows, columns)`` enlarged; return row and column of the cell that was clicked."""
    rows, columns = values.shape
    at = st.session_state.get(f"{key}-at", (rows // 2, columns // 2))
    st.caption(
        _(
            "{map}: click a cell, or move with the arrow keys. Row {row}, column {column}.",
            map=plain(label),
            row=at[0],
            column=at[1],
        )
    )
    largest = float(np.abs(values).max())
    picker = own_component("cnnlab.cell_picker", "cell_picker")(
        key=key,
        data={
            "image": address_of(shown(coloured(values, largest), IMAGE_PIXELS), 95),
            "rows": rows,
            "columns": columns,
            "at": at,
            "label": _("{map}, {rows} × {columns} cells", map=label, rows=rows, columns=columns),
        },
        on_picked_change=lambda: None,
    )
    if (picked := cell_of(picker.picked, rows, columns)) and picked != at:
        st.session_state[f"{key}-at"] = picked
        st.rerun(scope="fragment")
    return at


def cell_of(told: Any, rows: int, columns: int) -> tuple[int, int] | None:
    """Return the cell that a browser told, if there is such a one; anything may arrive from there."""
    match told:
        case [int(row), int(column)] if 0 <= row < rows and 0 <= column < columns:
            return int(row), int(column)
    return None


def framed(seen: np.ndarray, box: Box) -> np.ndarray:
    """Return the image, enlarged, uint8 RGB, with a frame around the part of a box that lies in it."""
    image = shown_in_colour(seen, IMAGE_PIXELS).copy()
    scale = image.shape[0] / seen.shape[0], image.shape[1] / seen.shape[1]
    top, bottom = (round(np.clip(edge, 0, seen.shape[0]) * scale[0]) for edge in (box.top, box.bottom))
    left, right = (round(np.clip(edge, 0, seen.shape[1]) * scale[1]) for edge in (box.left, box.right))
    wide = max(2, image.shape[0] // 100)
    image[top : top + wide, left:right] = image[max(top, bottom - wide) : bottom, left:right] = FRAME
    image[top:bottom, left : left + wide] = image[top:bottom, max(left, right - wide) : right] = FRAME
    return image


def _work(weights: OfRun | OfEpoch, scaled: np.ndarray, layer: str, cell: tuple[int, ...]) -> None:
    try:
        found = _sum(weights, scaled, layer, cell)
    except ArchitectureError as error:
        st.caption(refusal(error))
        return
    named = {"layer": plain(layer), "value": f"{found.value:.4g}"}
    if len(cell) == 1:
        st.markdown(_("**{layer}**, unit {unit}: **{value}**", unit=cell[0], **named))
    else:
        row, column, channel = cell
        st.markdown(
            _(
                "**{layer}**, row {row}, column {column}, channel {channel}: **{value}**",
                row=row,
                column=column,
                channel=channel,
                **named,
            )
        )
    _show_sum(found)


def _show_sum(found: WorkedSum) -> None:
    """Show the numbers behind one value, by the kind of its layer."""
    after = "" if found.activation == "linear" else f" → {found.activation} → {found.value:.4g}"
    if found.kind == "convolution":
        _convolution(found, after)
    elif found.kind == "dense":
        table(
            [
                {
                    _("input"): f"{t.index}",
                    _("value"): f"{t.value:.4g}",
                    _("weight"): f"{t.weight:.4g}",
                    _("product"): f"{t.product:.4g}",
                }
                for t in found.terms
            ]
        )
        numbers = {
            "count": len(found.terms),
            "largest": f"{sum(t.product for t in found.terms):.4g}",
            "rest": f"{found.rest:.4g}",
            "sum": f"**{found.before:.4g}**{after}",
        }
        if found.bias is None:
            st.markdown(_("The {count} largest products {largest}, the others {rest} = {sum}", **numbers))
        else:
            st.markdown(
                _(
                    "The {count} largest products {largest}, the others {rest} + bias {bias} = {sum}",
                    bias=f"{found.bias:.4g}",
                    **numbers,
                )
            )
    elif found.kind == "maximum" and found.winner is not None:
        st.markdown(
            _(
                "The largest value, {value}, is at row {row}, column {column}.",
                value=f"{found.value:.4g}",
                row=found.winner[0],
                column=found.winner[1],
            )
        )
        _grid(found, with_kernel=False)
    elif found.kind == "mean":
        st.markdown(_("The mean of the values: {value}.", value=f"{found.value:.4g}"))
        _grid(found, with_kernel=False)
    if found.parts:
        table(
            [
                {_("part"): _part_in_words(name), _("value"): f"{value:.4g}"}
                for name, value in found.parts.items()
            ]
        )


def _part_in_words(name: str) -> str:
    return _(PARTS[name]) if name in PARTS else name.replace("_", " ")


def _convolution(found: WorkedSum, after: str) -> None:
    assert found.patch is not None and found.kernel is not None  # a convolution has both
    products = (found.patch * found.kernel).sum((0, 1))
    numbers = {"sum": f"{products.sum():.4g}", "result": f"**{found.before:.4g}**{after}"}
    if found.bias is None:
        st.markdown(_("Patch × kernel, summed: {sum}, no bias → {result}", **numbers))
    else:
        bias = f"{found.bias:.4g}"
        st.markdown(_("Patch × kernel, summed: {sum}, bias {bias} → {result}", bias=bias, **numbers))
    order = np.argsort(-np.abs(products), kind="stable")[:MOST_CHANNELS]
    if len(products) > 1:
        table(
            [
                {_("input channel"): f"{place}", _("patch × kernel"): f"{products[place]:.4g}"}
                for place in order
            ]
        )
        if len(products) > len(order):
            rest = products.sum() - products[order].sum()
            st.caption(
                _(
                    "The {some} largest of {all} input channels; the others add {rest}.",
                    some=len(order),
                    all=len(products),
                    rest=f"{rest:.4g}",
                )
            )
    _grid(found, with_kernel=True, channel=int(order[0]))


def _grid(found: WorkedSum, with_kernel: bool, channel: int = 0) -> None:
    """Write the numbers of one channel of the patch, and of the kernel, as they lie."""
    if found.patch is None or found.patch[..., 0].size > MOST_NUMBERS:
        return
    channel = min(channel, found.patch.shape[2] - 1)
    called = {"patch": _("patch"), "kernel": _("kernel")}
    grids = {"patch": found.patch[..., channel]}
    if with_kernel and found.kernel is not None:
        grids["kernel"] = found.kernel[..., channel]
    beside = found.patch.shape[1] <= MOST_BESIDE
    places = st.columns(len(grids)) if beside else [st.container() for _ in grids]
    for place, (name, numbers) in zip(places, grids.items(), strict=True):
        with place:
            many = found.patch.shape[2] > 1 and with_kernel
            named = called[name]
            st.caption(_("{grid}, channel {channel}", grid=named, channel=channel) if many else named)
            st.code(written(numbers, found.inside if name == "patch" else None), language=None)


def written(numbers: np.ndarray, inside: np.ndarray | None = None) -> str:
    """Return a grid of numbers as text; padding is marked by brackets."""
    rows = []
    for row, values in enumerate(numbers):
        cells = [f"{value:6.2f}" for value in values]
        if inside is not None:
            cells = [
                cell if inside[row, place] else f"[{cell.strip()}]".rjust(6)
                for place, cell in enumerate(cells)
            ]
        rows.append(" ".join(cells))
    return "\n".join(rows)


@st.cache_resource(max_entries=16, show_spinner=False)
def _activation(weights: OfRun | OfEpoch, layer: str, scaled: np.ndarray) -> np.ndarray:
    """Compute once for all browsers; nobody writes into the result."""
    return service().ask("activation", weights, layer, scaled)


@st.cache_resource(max_entries=128, show_spinner=False)
def _box(weights: OfRun | OfEpoch, layer: str, unit: tuple[int, int]) -> Box:
    return service().ask("receptive_box", weights, layer, unit)


@st.cache_resource(max_entries=128, show_spinner=False)
def _sum(weights: OfRun | OfEpoch, scaled: np.ndarray, layer: str, cell: tuple[int, ...]) -> WorkedSum:
    return service().ask("sum_of", weights, scaled, layer, cell)
