"""A network as a drawing: one bar for each layer, from the picture on the left to the classes on the right.

A bar is as tall as its feature map (on a root scale), thick where it has weights of its own. Paths that part
and join again are drawn as lanes; a path without layers, a shortcut, is drawn as an arch.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Protocol

import plotly.graph_objects as go

from cnnlab.charts.template import COLOURS, GRID, SERIES


class Layer(Protocol):
    """What the drawing needs to know; ``inspection.LayerRow`` is one."""

    name: str
    type: str
    inputs: tuple[str, ...]
    output_shape: tuple[int, ...]
    params: int
    receptive_field: tuple[int, int] | None


@dataclass(frozen=True)
class Bar:
    """Where a layer is drawn, in units of the tallest bar; ``column`` counts the layers before it."""

    column: int
    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        """The side where paths arrive."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """The side where paths leave."""
        return self.x + self.width / 2


KINDS = {
    "picture": ("InputLayer",),
    "convolution": ("Conv2D", "DepthwiseConv2D", "SeparableConv2D"),
    "pooling": ("MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D", "GlobalMaxPooling2D"),
    "join": ("Add", "Concatenate", "Multiply", "Average", "Maximum"),
    "dense": ("Dense",),
    "norm, activation, other": (),
}
COLOUR_OF = dict(zip(KINDS, (COLOURS.quiet, SERIES[0], SERIES[1], SERIES[4], SERIES[2], GRID), strict=True))
THICK, THIN, GAP = 0.22, 0.07, 0.07
LANE = 1.12
MOST_PIXELS = 260
LABELLED = 14
"""A network with at most so many thick bars gets a name under each."""


def architecture(layers: Sequence[Layer], chosen: str | None = None) -> go.Figure:
    """Draw a network; the layer called ``chosen`` is framed."""
    bars = arrange(layers)
    figure = go.Figure(_edges(layers, bars), layout=_layout(bars))
    for kind in KINDS:
        if members := [layer for layer in layers if kind_of(layer) == kind]:
            figure.add_trace(_trace(kind, members, bars))
    if chosen in bars:
        _frame(figure, bars[chosen])
    thick = [layer for layer in layers if bars[layer.name].width == THICK]
    if len(thick) <= LABELLED:
        for layer in thick:
            _label(figure, bars[layer.name], -1, layer.name)
    for layer in _where_the_size_changes(thick):
        _label(figure, bars[layer.name], 1, "×".join(map(str, layer.output_shape[:2])))
    return figure


def kind_of(layer: Layer) -> str:
    """Return the word of the legend for a layer."""
    return next((kind for kind, types in KINDS.items() if layer.type in types), list(KINDS)[-1])


def arrange(layers: Sequence[Layer]) -> dict[str, Bar]:
    """Place each layer right of all its inputs; paths that part share the room around where they parted."""
    tallest = max(layer.output_shape[0] for layer in layers if len(layer.output_shape) == 3)
    users = defaultdict(list)
    for layer in layers:
        for name in layer.inputs:
            users[name].append(layer)
    depth, lane = {}, {}
    for layer in layers:
        depth[layer.name] = max((depth[name] + 1 for name in layer.inputs), default=0)
        lane[layer.name] = _lane(layer, lane, users)
    widths = {layer.name: THIN if kind_of(layer) == list(KINDS)[-1] else THICK for layer in layers}
    column = defaultdict(float)
    for name, place in depth.items():
        column[place] = max(column[place], widths[name])
    centre, edge = {}, 0.0
    for place in sorted(column):
        centre[place], edge = edge + column[place] / 2, edge + column[place] + GAP
    return {
        layer.name: Bar(
            depth[layer.name],
            centre[depth[layer.name]],
            LANE * lane[layer.name],
            widths[layer.name],
            _height(layer, tallest),
        )
        for layer in layers
    }


def _lane(layer: Layer, lane: dict[str, float], users: dict[str, list[Layer]]) -> float:
    if len(layer.inputs) != 1:
        return sum(lane[name] for name in layer.inputs) / max(1, len(layer.inputs))
    (source,) = layer.inputs
    paths = [user.name for user in users[source] if len(user.inputs) == 1]
    return lane[source] + (len(paths) - 1) / 2 - paths.index(layer.name)


def _height(layer: Layer, tallest: int) -> float:
    return max(0.12, sqrt(layer.output_shape[0] / tallest)) if len(layer.output_shape) == 3 else 0.4


def _edges(layers: Sequence[Layer], bars: dict[str, Bar]) -> go.Scatter:
    xs, ys = [], []
    for layer in layers:
        for name in layer.inputs:
            line = _edge(bars[name], bars[layer.name])
            xs += [*(x for x, _ in line), None]
            ys += [*(y for _, y in line), None]
    line = {"color": COLOURS.quiet, "width": 1.2, "shape": "linear"}
    return go.Scatter(x=xs, y=ys, mode="lines", line=line, hoverinfo="skip", showlegend=False)


def _edge(start: Bar, end: Bar) -> list[tuple[float, float]]:
    """Run level to just before the next bar; over bars in the same lane, draw an arch."""
    before = end.left - GAP
    if start.y == end.y and end.column > start.column + 1:
        top = start.y + max(start.height, end.height) / 2 + 0.14
        bend = 0.5 * GAP
        return [
            (start.right, start.y),
            (start.right + bend, top),
            (end.left - bend, top),
            (end.left, end.y),
        ]
    return [(start.right, start.y), (max(before, start.right), start.y), (end.left, end.y)]


def _trace(kind: str, members: list[Layer], bars: dict[str, Bar]) -> go.Bar:
    places = [bars[layer.name] for layer in members]
    return go.Bar(
        name=kind,
        x=[bar.x for bar in places],
        y=[bar.height for bar in places],
        base=[bar.y - bar.height / 2 for bar in places],
        width=[bar.width for bar in places],
        text=[_words(layer) for layer in members],
        textposition="none",
        hovertemplate="%{text}<extra></extra>",
        marker={"color": COLOUR_OF[kind], "cornerradius": 3},
    )


def _frame(figure: go.Figure, bar: Bar) -> None:
    margin, half = GAP / 3, bar.height / 2 + GAP / 3
    figure.add_shape(
        type="rect",
        **{"x0": bar.left - margin, "x1": bar.right + margin, "y0": bar.y - half, "y1": bar.y + half},
        line={"color": COLOURS.quiet, "width": 3},
    )


def _words(layer: Layer) -> str:
    words = [f"<b>{layer.name}</b>", layer.type, "×".join(map(str, layer.output_shape))]
    if layer.params:
        words.append(f"{layer.params:,} parameters")
    if layer.receptive_field:
        words.append("sees {}×{} pixels".format(*layer.receptive_field))
    return "<br>".join(words)


def _where_the_size_changes(layers: Sequence[Layer]) -> list[Layer]:
    sizes, found = {None}, []
    for layer in layers:
        size = layer.output_shape[:2] if len(layer.output_shape) == 3 else None
        if size not in sizes:
            sizes.add(size)
            found.append(layer)
    return found


def _label(figure: go.Figure, bar: Bar, side: int, text: str) -> None:
    figure.add_annotation(
        x=bar.left if side > 0 else bar.x,
        xanchor="left" if side > 0 else "center",
        y=bar.y + side * bar.height / 2,
        yshift=side * 4,
        text=text,
        showarrow=False,
        yanchor="bottom" if side > 0 else "top",
        font={"size": 12},
    )


def _layout(bars: dict[str, Bar]) -> dict[str, Any]:
    last = max(bar.right for bar in bars.values())
    lowest = min(bar.y - bar.height / 2 for bar in bars.values()) - 0.2
    highest = max(bar.y + bar.height / 2 for bar in bars.values()) + 0.3
    return {
        "template": "cnnlab",
        "height": 60 + min(MOST_PIXELS, round(125 * (highest - lowest))),
        "barmode": "overlay",
        "xaxis": {"visible": False, "fixedrange": True, "range": [-GAP, last + GAP]},
        "yaxis": {"visible": False, "fixedrange": True, "range": [lowest, highest]},
        "legend": {"y": 1.02, "traceorder": "normal"},
    }
