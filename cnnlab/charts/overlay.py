"""Several runs over each other: one measure, one curve a run."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from cnnlab.charts.learning_curves import Band, best_row
from cnnlab.charts.template import literal, pale, strokes
from cnnlab.languages import _, texts

PALE = 0.28
BAND_OPACITY = 0.16
MOST_BANDS = 3
"""Curves whose intervals can be told apart; of more, none is drawn."""
AXES = texts({"epoch": "epoch", "step": "training step", "seconds": "training time in seconds"})
MEASURES = {
    "val_accuracy": (texts("validation accuracy"), 100, ".1f", " %"),
    "accuracy": (texts("training accuracy"), 100, ".1f", " %"),
    "val_loss": (texts("validation loss"), 1, ".4f", ""),
    "loss": (texts("training loss"), 1, ".4f", ""),
}
"""Of each measure what it is called, its factor on the axis, its digits and its unit."""


@dataclass(frozen=True)
class Curve:
    """One run's name and the columns of its epochs: those of AXES and MEASURES, equally long.

    ``band`` is the interval of its validation accuracy at each epoch, where it is known.
    """

    name: str
    epochs: dict[str, np.ndarray]
    band: Band | None = None


def shows_bands(curves: Sequence[Curve], measure: str, smoothing: float) -> bool:
    """Whether the intervals of these curves are drawn: of few curves, as they were measured."""
    return measure == "val_accuracy" and not smoothing and len(curves) <= MOST_BANDS


def overlay(
    curves: list[Curve], measure: str = "val_accuracy", axis: str = "epoch", smoothing: float = 0.0
) -> go.Figure:
    """Draw a measure of MEASURES against an axis of AXES; the best point of each curve is a star.

    Of equal validation accuracies the one with the least validation loss is the best.
    With ``smoothing`` above 0, see ``smoothed``, the measured curve stays behind, pale. Validation accuracies
    lie within the bands of their intervals, see ``shows_bands``.
    """
    label, factor, digits, unit = MEASURES[measure]
    figure = go.Figure(
        layout={
            "template": "cnnlab",
            "height": 460,
            "xaxis": {"title": {"text": _(AXES[axis])}, "rangemode": "tozero"},
            "yaxis": {"title": {"text": _(label)}, "ticksuffix": unit},
        }
    )
    bands = shows_bands(curves, measure, smoothing)
    for number, (curve, stroke) in enumerate(zip(curves, strokes(), strict=False)):
        x, y = curve.epochs[axis], factor * curve.epochs[measure]
        if bands and curve.band is not None:
            figure.add_traces(_interval(curve, x, stroke["color"], f"run {number}"))
        symbols = np.full(len(y), "circle", dtype=object)
        if np.isfinite(y).any():
            symbols[_best(curve.epochs, measure)] = "star"
        figure.add_scatter(
            name=literal(curve.name),
            x=x,
            y=y,
            mode="lines+markers",
            line=stroke,
            marker={"symbol": symbols, "size": np.where(symbols == "star", 14, 6)},
            opacity=PALE if smoothing else 1,
            showlegend=not smoothing,
            legendgroup=f"run {number}",
            customdata=curve.epochs["epoch"],
            text=_in_words(y, digits, unit),
            hovertemplate=_("%{fullData.name}: %{text} after epoch %{customdata:.0f}") + "<extra></extra>",
        )
        if smoothing:
            line = {**stroke, "width": 3}
            calm = smoothed(y, smoothing)
            figure.add_scatter(
                name=literal(curve.name),
                x=x,
                y=calm,
                mode="lines",
                line=line,
                text=_in_words(calm, digits, unit),
                hovertemplate=_("%{fullData.name}: %{text} smoothed") + "<extra></extra>",
            )
    return figure


def _interval(curve: Curve, x: np.ndarray, colour: str, group: str) -> list[go.Scatter]:
    """Draw the interval of a curve as an area, which comes and goes with the curve of the same group."""
    alike = {
        **{"x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False},
        **{"legendgroup": group, "meta": {"dense": True}},
    }
    low, high = (100 * np.asarray(end) for end in curve.band or ((), ()))
    name = literal(curve.name)
    return [
        go.Scatter(y=low, name=_("{name}: 95 % CI, lower end", name=name), **alike),
        go.Scatter(
            y=high,
            name=_("{name}: 95 % CI, upper end", name=name),
            fill="tonexty",
            fillcolor=pale(colour, BAND_OPACITY),
            **alike,
        ),
    ]


def _in_words(values: np.ndarray, digits: str, unit: str) -> list[str]:
    """Return each value as it is written elsewhere: ``97.8 %``, with a space, or a plain number."""
    return [f"{value:{digits}}{unit}" for value in values]


def _best(epochs: dict[str, np.ndarray], measure: str) -> int:
    if measure == "val_accuracy" and "val_loss" in epochs and (row := best_row(epochs)) is not None:
        return row
    return int((np.nanargmin if measure.endswith("loss") else np.nanargmax)(epochs[measure]))


def smoothed(values: np.ndarray, weight: float) -> np.ndarray:
    """Return the exponential moving average ``s = weight s + (1 - weight) v``, from 0 to below 1.

    It is divided by ``1 - weight ** n`` after n values, so that it does not begin at 0 (Kingma and Ba 2015,
    arXiv:1412.6980, section 3). What is missing (NaN) stays missing and changes nothing.
    """
    average, seen, found = 0.0, 0, np.full(len(values), np.nan)
    for place, value in enumerate(values):
        if np.isfinite(value):
            average, seen = weight * average + (1 - weight) * value, seen + 1
            found[place] = average / (1 - weight**seen)
    return found
