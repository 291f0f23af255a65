"""How each layer of a network learns, from input to output: gradients, updates, dead and saturated units."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from cnnlab.charts.template import COLOURS, GRID, PERCENT, SERIES, literal
from cnnlab.languages import _

HEIGHT = 560
USUAL = (1e-4, 1e-2)
"""Updates between these fractions of the weights are usual; about 1e-3 is often named as healthy."""
MOST_NAMES = 24
"""Layers whose names stand below the axis; of more they stand in the hover text alone."""
GRADIENTS, RATIOS = (-5, 1), (-5, -1)
"""Powers of ten that the axes span at least, so that epochs can be compared by eye."""
ROWS = {"y3": (0.72, 1.0), "y2": (0.36, 0.64), "y": (0.0, 0.28)}
"""From top to bottom: gradient, update over weights, fractions of units."""


@dataclass(frozen=True)
class LayerSeries:
    """The numbers of one network's layers, None where one has no meaning; all as long as ``layers``."""

    name: str
    layers: tuple[str, ...]
    gradients: tuple[float | None, ...]
    ratios: tuple[float | None, ...]
    dead: tuple[float | None, ...]
    saturated: tuple[float | None, ...]


def layer_health(networks: Sequence[LayerSeries]) -> go.Figure:
    """Draw one or two networks: gradients and update ratios on log scales, below them fractions of units.

    Networks with other layers stand beside each other by the layer's place; the names are those of the first.
    """
    figure = go.Figure(layout=_layout(networks))
    low, high = USUAL
    figure.add_hrect(y0=low, y1=high, yref="y2", fillcolor=COLOURS.best, opacity=0.12, line_width=0)
    for number, network in enumerate(networks):
        colour = SERIES[number]
        shown = len(networks) > 1
        for axis, what, values, unit in (
            ("y3", _("gradient norm"), network.gradients, ".2e"),
            ("y2", _("update ÷ weights"), network.ratios, ".2e"),
        ):
            figure.add_trace(_line(network, what, values, unit, axis, colour, shown and axis == "y3"))
        figure.add_traces(_fractions(network, colour, number, shown))
    return figure


def _line(
    network: LayerSeries,
    what: str,
    values: Sequence[float | None],
    unit: str,
    axis: str,
    colour: str,
    legend: bool,
) -> go.Scatter:
    places = [place for place, value in enumerate(values) if value]
    names = [literal(network.layers[place]) for place in places]
    return go.Scatter(
        name=literal(network.name),
        legendgroup=network.name,
        showlegend=legend,
        x=places,
        y=[values[place] for place in places],
        yaxis=axis,
        mode="lines+markers",
        line={"color": colour, "width": 2.5},
        marker={"size": 9},
        customdata=names,
        hovertemplate=f"%{{customdata}}: {what} %{{y:{unit}}}<extra>{literal(network.name)}</extra>",
    )


def _fractions(network: LayerSeries, colour: str, number: int, several: bool) -> list[go.Bar]:
    bars = []
    for what, values, pattern in (
        (_("dead ReLU units"), network.dead, ""),
        (_("saturated"), network.saturated, "/"),
    ):
        places = [place for place, value in enumerate(values) if value is not None]
        if places:
            bars.append(
                go.Bar(
                    name=_("{what}, {run}", what=what, run=literal(network.name)) if several else what,
                    x=places,
                    y=[values[place] for place in places],
                    marker={
                        "color": colour if several or not pattern else SERIES[1],
                        "pattern.shape": pattern,
                    },
                    customdata=[literal(network.layers[place]) for place in places],
                    hovertemplate=f"%{{customdata}}: %{{hovertext}} {what}<extra></extra>",
                    hovertext=[f"{(values[place] or 0) * 100:.0f} %" for place in places],
                    offsetgroup=f"{number}",
                )
            )
    return bars


def decades(columns: Sequence[Sequence[float | None]], usual: tuple[int, int]) -> tuple[int, int]:
    """Return the powers of ten that an axis spans: the usual ones, more where a value lies beyond them."""
    powers = [math.log10(value) for values in columns for value in values if value]
    low, high = usual
    return min([low, *map(math.floor, powers)]), max([high, *map(math.ceil, powers)])


def _layout(networks: Sequence[LayerSeries]) -> dict:
    names = networks[0].layers if networks else ()
    log = {"type": "log", "exponentformat": "power", "dtick": 2, "gridcolor": GRID}
    gradients = decades([network.gradients for network in networks], GRADIENTS)
    ratios = decades([network.ratios for network in networks], RATIOS)
    few = len(names) <= MOST_NAMES
    return {
        "template": "cnnlab",
        "height": HEIGHT,
        "barmode": "group",
        "xaxis": {
            "tickvals": list(range(len(names))) if few else None,
            "ticktext": [literal(name) for name in names] if few else None,
            "title": {"text": _("layers, from input to output")},
            "range": [-0.6, len(names) - 0.4],
            "anchor": "y",
            "showgrid": True,
        },
        "yaxis3": log | {"domain": ROWS["y3"], "title": {"text": _("gradient norm")}, "range": gradients},
        "yaxis2": log | {"domain": ROWS["y2"], "title": {"text": _("update ÷ weights")}, "range": ratios},
        "yaxis": {
            "domain": ROWS["y"],
            "title": {"text": _("fraction of units")},
            "range": [0, 1],
            **PERCENT,
        },
    }
