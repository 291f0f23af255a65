"""The learning rate: over the epochs to come, and against the loss in a sweep."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnnlab.charts.template import COLOURS
from cnnlab.languages import _

HEIGHT = 200
"""Pixels."""
FLAT = 0.03
"""Below this fraction of the highest rate, epochs lie on the bottom of a linear axis."""
MANY = 0.2
"""From this fraction of such epochs on, the axis is logarithmic: a cosine has fewer, and keeps its shape."""
DECADES = 8
"""So many powers of ten are shown at most, and so many ticks."""
Values = Sequence[float] | np.ndarray


def rate_preview(rates: Sequence[float]) -> go.Figure:
    """Draw the rate of every epoch, counted from 1, as steps: it holds within an epoch."""
    epochs = np.arange(1, len(rates) + 1)
    figure = go.Figure(
        go.Scatter(
            x=epochs,
            y=np.asarray(rates),
            mode="lines+markers" if len(rates) < 40 else "lines",
            line={"color": COLOURS.training, "width": 2.5, "shape": "hv"},
            marker={"size": 6},
            hovertemplate=_("epoch %{x}: %{y:.3g}") + "<extra></extra>",
        )
    )
    figure.update_layout(
        template="cnnlab",
        height=HEIGHT,
        xaxis={"title": {"text": _("epoch")}, "range": [0.5, len(rates) + 0.5]},
        yaxis={"title": {"text": _("learning rate")}, **_rate_axis(np.asarray(rates))},
    )
    return figure


def _rate_axis(rates: np.ndarray) -> dict[str, Any]:
    """Return a linear axis from 0, or a logarithmic one where many epochs would lie on its bottom."""
    highest, positive = rates.max(), rates[rates > 0]
    if len(positive) < len(rates) or (rates < FLAT * highest).mean() < MANY:
        return {"rangemode": "tozero", "exponentformat": "power", "nticks": 5}
    top = math.log10(highest)
    bottom = max(math.log10(positive.min()), top - DECADES)
    step = max(1, math.ceil((top - bottom) / 4))
    return {
        **{"type": "log", "dtick": step, "exponentformat": "power", "showexponent": "all"},
        "range": [bottom - 0.15 * step, top + 0.15 * step],
    }


def rate_sweep(rates: Values, losses: Values, smoothed: Values, suggestion: float | None) -> go.Figure:
    """Draw the loss of each batch against the rate it was trained with, and the suggested rate as a line."""
    figure = go.Figure()
    for name, values, line in (
        (_("loss of a batch"), losses, {"color": COLOURS.quiet, "width": 1}),
        (_("smoothed"), smoothed, {"color": COLOURS.training, "width": 2.5}),
    ):
        figure.add_scatter(
            x=np.asarray(rates),
            y=np.asarray(values),
            name=name,
            line=line,
            mode="lines",
            hovertemplate=_("rate %{x:.2g}: loss %{y:.3f}") + "<extra></extra>",
        )
    if suggestion:
        line = {"color": COLOURS.best, "width": 1.5, "dash": "dot"}
        figure.add_shape(type="line", x0=suggestion, x1=suggestion, yref="paper", y0=0, y1=1, line=line)
    axis = {"title": {"text": _("learning rate")}, "type": "log", "dtick": 1, "exponentformat": "power"}
    figure.update_layout(
        template="cnnlab",
        height=HEIGHT,
        xaxis=axis,
        yaxis={"title": {"text": _("loss")}, **_visible(smoothed)},
    )
    return figure


def _visible(smoothed: Values) -> dict[str, list[float]]:
    """Return a range that shows the valley: where the loss blows up, it leaves the chart."""
    values = np.asarray(smoothed)
    if len(values) < 2:
        return {}
    low, first = float(values.min()), float(values[0])
    return {"range": [max(0.0, low - 0.15 * first), max(first, low) * 1.4]}
