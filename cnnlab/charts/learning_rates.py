"""The learning rate: over the epochs to come, and against the loss in a sweep."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from cnnlab.charts.template import COLOURS

WIDE = 30.0
"""From this ratio of the highest to the lowest rate on, the axis is logarithmic."""


def rate_preview(rates: Sequence[float]) -> go.Figure:
    """Draw the rate of every epoch, counted from 1, as steps: it holds within an epoch."""
    epochs = np.arange(1, len(rates) + 1)
    wide = min(rates) > 0 and max(rates) / min(rates) >= WIDE
    figure = go.Figure(
        go.Scatter(
            x=epochs,
            y=np.asarray(rates),
            mode="lines+markers" if len(rates) < 40 else "lines",
            line={"color": COLOURS.training, "width": 2.5, "shape": "hv"},
            marker={"size": 6},
            hovertemplate="epoch %{x}: %{y:.3g}<extra></extra>",
        )
    )
    axis = {"type": "log", "dtick": 1, "exponentformat": "power"} if wide else {"rangemode": "tozero"}
    figure.update_layout(
        template="cnnlab",
        xaxis={"title": {"text": "epoch"}, "range": [0.5, len(rates) + 0.5]},
        yaxis={"title": {"text": "learning rate"}, **axis},
    )
    return figure


def rate_sweep(
    rates: Sequence[float], losses: Sequence[float], smoothed: Sequence[float], suggestion: float | None
) -> go.Figure:
    """Draw the loss of each batch against the rate it was trained with, and the suggested rate as a line."""
    figure = go.Figure()
    for name, values, line in (
        ("loss of a batch", losses, {"color": COLOURS.quiet, "width": 1}),
        ("smoothed", smoothed, {"color": COLOURS.training, "width": 2.5}),
    ):
        figure.add_scatter(
            x=np.asarray(rates),
            y=np.asarray(values),
            name=name,
            line=line,
            mode="lines",
            hovertemplate="rate %{x:.2g}: loss %{y:.3f}<extra></extra>",
        )
    if suggestion:
        line = {"color": COLOURS.best, "width": 1.5, "dash": "dot"}
        figure.add_shape(type="line", x0=suggestion, x1=suggestion, yref="paper", y0=0, y1=1, line=line)
    axis = {"title": {"text": "learning rate"}, "type": "log", "dtick": 1, "exponentformat": "power"}
    figure.update_layout(
        template="cnnlab", xaxis=axis, yaxis={"title": {"text": "loss"}, **_visible(smoothed)}
    )
    return figure


def _visible(smoothed: Sequence[float]) -> dict[str, list[float]]:
    """Return a range that shows the valley: where the loss blows up, it leaves the picture."""
    values = np.asarray(smoothed)
    if len(values) < 2:
        return {}
    low, first = float(values.min()), float(values[0])
    return {"range": [max(0.0, low - 0.15 * first), max(first, low) * 1.4]}
