"""Several runs over each other: one measure, one curve a run."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

AXES = {"epoch": "epoch", "step": "training step", "seconds": "training time in seconds"}
MEASURES = {
    "val_accuracy": ("validation accuracy", ".1%"),
    "accuracy": ("training accuracy", ".1%"),
    "val_loss": ("validation loss", ".4f"),
    "loss": ("training loss", ".4f"),
}


@dataclass(frozen=True)
class Curve:
    """One run's name and the columns of its epochs: those of AXES and MEASURES, equally long."""

    name: str
    epochs: dict[str, np.ndarray]


def overlay(curves: list[Curve], measure: str = "val_accuracy", axis: str = "epoch") -> go.Figure:
    """Draw a measure of MEASURES against an axis of AXES; the best point of each curve is a star."""
    label, unit = MEASURES[measure]
    best = np.nanargmin if measure.endswith("loss") else np.nanargmax
    figure = go.Figure(
        layout={
            "template": "cnnlab",
            "height": 460,
            "xaxis": {"title": {"text": AXES[axis]}, "rangemode": "tozero"},
            "yaxis": {"title": {"text": label}, "tickformat": ".0%" if unit.endswith("%") else None},
        }
    )
    for curve in curves:
        y = curve.epochs[measure]
        symbols = np.full(len(y), "circle", dtype=object)
        if np.isfinite(y).any():
            symbols[best(y)] = "star"
        figure.add_scatter(
            name=curve.name,
            x=curve.epochs[axis],
            y=y,
            mode="lines+markers",
            marker={"symbol": symbols, "size": np.where(symbols == "star", 14, 6)},
            customdata=curve.epochs["epoch"],
            hovertemplate=f"%{{y:{unit}}} after epoch %{{customdata:.0f}}",
        )
    return figure
