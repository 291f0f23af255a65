"""Accuracy and loss of one run over its epochs."""

from typing import Any, Protocol

import numpy as np
import plotly.graph_objects as go

from cnnlab.charts.template import COLOURS

Columns = dict[str, np.ndarray]
MEASURES = {"accuracy": ("y", ".1%"), "loss": ("y2", ".4f")}


class History(Protocol):
    """Columns of numbers with one row for each report; ``runs.Metrics`` is one."""

    batches: Columns
    """step, loss, accuracy"""
    epochs: Columns
    """epoch, step, loss, accuracy, val_loss, val_accuracy"""
    rates: Columns
    """step, learning_rate: a row for each change by hand"""


def learning_curves(history: History, steps_per_epoch: int, mark: str = "") -> go.Figure:
    """Draw accuracy above loss with one epoch axis: zooming one zooms the other.

    Batches are a thin line, epochs are points: training at the epoch's mean, validation at its end.
    ``mark`` is what must stand beside every validation accuracy, such as that its data leaked.
    """
    figure = go.Figure(layout=_layout())
    for measure in MEASURES:
        figure.add_traces(_traces(history, max(1, steps_per_epoch), measure))
    if mark:
        figure.update_traces(selector={"name": "validation"}, name=f"validation ({mark})")
    if (best := best_row(history.epochs)) is not None:
        _mark_best(figure, history.epochs, best, mark)
    _mark_rates(figure, history.rates, max(1, steps_per_epoch))
    return figure


def _traces(history: History, steps_per_epoch: int, measure: str) -> list[go.Scatter]:
    batches, epochs = history.batches, history.epochs
    unit = MEASURES[measure][1]
    where = {"yaxis": MEASURES[measure][0], "showlegend": measure == "accuracy"}
    points = {"mode": "lines+markers", "x": _short(epochs["epoch"]), **where}
    said = f"epoch %{{x}}: %{{y:{unit}}} {measure}"
    return [
        go.Scatter(
            name="training, each batch",
            x=_short(batches["step"] / steps_per_epoch),
            y=_short(batches[measure]),
            line={"color": COLOURS.training, "width": 1},
            opacity=0.6,
            mode="lines",
            hovertemplate=f"epoch %{{x:.2f}}: %{{y:{unit}}} {measure} in a training batch<extra></extra>",
            legendgroup="batches",
            **where,
        ),
        go.Scatter(
            name="training, each epoch",
            y=_short(epochs[measure]),
            line={"color": COLOURS.training, "width": 2.5},
            marker={"size": 7},
            hovertemplate=f"{said} in training<extra></extra>",
            legendgroup="training",
            **points,
        ),
        go.Scatter(
            name="validation",
            y=_short(epochs[f"val_{measure}"]),
            line={"color": COLOURS.validation, "width": 2.5},
            marker={"size": 8, "symbol": "diamond"},
            hovertemplate=f"{said} in validation<extra></extra>",
            legendgroup="validation",
            **points,
        ),
    ]


def _mark_best(figure: go.Figure, epochs: Columns, row: int, mark: str) -> None:
    epoch, accuracy = epochs["epoch"][row], epochs["val_accuracy"]
    figure.add_shape(
        type="line",
        **{"x0": epoch, "x1": epoch, "yref": "paper", "y0": 0, "y1": 1},
        line={"color": COLOURS.best, "width": 1.5, "dash": "dot"},
    )
    side = {"xanchor": "left", "xshift": 6} if row < len(accuracy) / 2 else {"xanchor": "right", "xshift": -6}
    figure.add_annotation(
        text=f"best: epoch {epoch:.0f}, {accuracy[row]:.1%}" + (f"<br>{mark}" if mark else ""),
        **{"x": epoch, "y": 0.52, "yref": "paper", "yanchor": "middle", "showarrow": False, **side},
        font={"color": COLOURS.best},
    )


def _mark_rates(figure: go.Figure, rates: Columns, steps_per_epoch: int) -> None:
    """Draw a line where somebody changed the learning rate, with the rate from there on."""
    for step, rate in zip(rates["step"], rates["learning_rate"], strict=True):
        x = step / steps_per_epoch
        figure.add_shape(
            type="line",
            **{"x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1},
            line={"color": COLOURS.quiet, "width": 1.5, "dash": "dash"},
        )
        figure.add_annotation(
            text=f"rate {rate:.3g}",
            **{"x": x, "y": 0.565, "yref": "paper", "yanchor": "bottom", "xanchor": "left", "xshift": 4},
            showarrow=False,
            font={"color": COLOURS.quiet},
        )


def best_row(epochs: Columns) -> int | None:
    """Return the row of the best epoch: of those with the highest accuracy the one with the least loss."""
    accuracy = epochs["val_accuracy"]
    if not accuracy.size or np.isnan(accuracy).all():
        return None
    highest = np.flatnonzero(accuracy == np.nanmax(accuracy))
    losses = np.nan_to_num(epochs["val_loss"][highest], nan=np.inf, posinf=np.inf)
    return int(highest[losses.argmin()])


def _short(values: np.ndarray) -> np.ndarray:
    """Return float32: half the bytes on their way to the browser, and more digits than a screen shows."""
    return np.asarray(values, np.float32)


def _layout() -> dict[str, Any]:
    return {
        "template": "cnnlab",
        "xaxis": {"title": {"text": "epoch"}, "anchor": "y2", "rangemode": "tozero"},
        "yaxis": {
            "title": {"text": "accuracy"},
            "domain": [0.56, 1],
            "range": [0, 1.03],
            "tickformat": ".0%",
        },
        "yaxis2": {"title": {"text": "loss"}, "domain": [0, 0.48], "rangemode": "tozero"},
    }
