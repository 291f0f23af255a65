"""Accuracy and loss of one run over its epochs."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import plotly.graph_objects as go

from cnnlab.charts.template import COLOURS
from cnnlab.languages import _, _n, joined, texts

Columns = dict[str, np.ndarray]
Band = tuple[np.ndarray, np.ndarray]
"""The lower and the upper end of the interval of the validation accuracy at each epoch, 0 to 1."""
BAND_COLOUR = "rgba(224, 132, 56, 0.22)"
"""That of validation, pale."""
RIM = 0.015
"""Part of the axis beyond the last epoch: the point there is drawn whole."""
MEASURES = {"accuracy": ("y", 100, ".1f", " %"), "loss": ("y2", 1, ".4f", "")}
"""Axis, scale, format and unit of each."""
NAMES = texts({"accuracy": "accuracy", "loss": "loss"})


class History(Protocol):
    """Columns of numbers with one row for each report; ``runs.Metrics`` is one."""

    @property
    def batches(self) -> Columns:
        """Step, loss, accuracy."""

    @property
    def epochs(self) -> Columns:
        """Epoch, step, loss, accuracy, val_loss, val_accuracy."""

    @property
    def rates(self) -> Columns:
        """Step, learning_rate: a row for each change by hand."""


@dataclass(frozen=True)
class Frame:
    """What the curves are drawn into: the axes, and what to compare with.

    ``epochs`` are those that the axis spans from the start, so that curves keep their width while they grow;
    0 leaves it to the data. ``chance`` is the accuracy without looking at an image, 0 to 1. ``mark`` is what
    must stand beside every validation accuracy, such as that its data leaked.
    """

    epochs: int = 0
    chance: float | None = None
    log_loss: bool = True
    mark: str = ""


def learning_curves(
    history: History, steps_per_epoch: int, frame: Frame = Frame(), band: Band | None = None
) -> go.Figure:
    """Draw accuracy above loss with one epoch axis: zooming one zooms the other.

    Batches are a thin line, epochs are points: training at the epoch's mean, validation at its end, within
    the ``band`` of its interval. Without any batch or epoch there is a sentence in place of axes.
    """
    empty = not (len(history.batches["step"]) or len(history.epochs["epoch"]))
    figure = go.Figure(layout=_layout(frame, empty))
    if band is not None and len(history.epochs["epoch"]):
        figure.add_traces(_interval(history.epochs["epoch"], band))
    for measure in MEASURES:
        figure.add_traces(_traces(history, max(1, steps_per_epoch), measure))
    if frame.mark:
        said = _("validation ({mark})", mark=frame.mark)
        figure.update_traces(selector={"legendgroup": "validation"}, name=said)
    if frame.chance is not None and not empty:
        _mark_chance(figure, frame.chance)
    if (best := best_row(history.epochs)) is not None:
        _mark_best(figure, history.epochs, best, frame)
    _mark_rates(figure, history.rates, max(1, steps_per_epoch))
    figure.layout.meta = {"label": _in_words(history, best)}
    return figure


def _in_words(history: History, best: int | None) -> str:
    """Say what is to be seen, for those who do not see it."""
    epochs = history.epochs
    count = len(epochs["epoch"])
    said = [
        _n(
            "Accuracy and loss of training and validation after {n} epoch.",
            "Accuracy and loss of training and validation after {n} epochs.",
            count,
        )
    ]
    if count:
        train, validation = (f"{100 * epochs[name][-1]:.1f}" for name in ("accuracy", "val_accuracy"))
        last = {"training": train, "validation": validation}
        said.append(_("Last accuracy: training {training} %, validation {validation} %.", **last))
    if best is not None:
        highest = {
            "best": f"{100 * epochs['val_accuracy'][best]:.1f}",
            "epoch": f"{epochs['epoch'][best]:.0f}",
        }
        said.append(_("Best validation accuracy: {best} % in epoch {epoch}.", **highest))
    return joined(said)


def _traces(history: History, steps_per_epoch: int, measure: str) -> list[go.Scatter]:
    batches, epochs = history.batches, history.epochs
    axis, scale, digits, unit = MEASURES[measure]
    where = {"yaxis": axis, "showlegend": measure == "accuracy"}
    points = {"mode": "lines+markers", "x": _short(epochs["epoch"]), **where}
    value = f"%{{y:{digits}}}{unit} {_(NAMES[measure])}"
    at, end = "%{x:.0f}", "<extra></extra>"
    return [
        go.Scatter(
            name=_("training (running mean)"),
            x=_short(batches["step"] / steps_per_epoch),
            y=_short(batches[measure] * scale),
            line={"color": COLOURS.training, "width": 1},
            opacity=0.6,
            mode="lines",
            hovertemplate=_("epoch {epoch}: {value} in a training batch", epoch="%{x:.2f}", value=value)
            + end,
            legendgroup="batches",
            meta={"dense": True},
            **where,
        ),
        go.Scatter(
            name=_("training (epoch mean)"),
            y=_short(epochs[measure] * scale),
            line={"color": COLOURS.training, "width": 2.5},
            marker={"size": 7},
            hovertemplate=_("epoch {epoch}: {value} in training", epoch=at, value=value) + end,
            legendgroup="training",
            **points,
        ),
        go.Scatter(
            name=_("validation"),
            y=_short(epochs[f"val_{measure}"] * scale),
            line={"color": COLOURS.validation, "width": 2.5},
            marker={"size": 8, "symbol": "diamond"},
            hovertemplate=_("epoch {epoch}: {value} in validation", epoch=at, value=value) + end,
            legendgroup="validation",
            **points,
        ),
    ]


def _interval(epochs: np.ndarray, band: Band) -> list[go.Scatter]:
    """Draw the interval of the validation accuracy as an area between its two ends."""
    low, high = (_short(100 * end) for end in band)
    line = {"x": _short(epochs), "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    alike = {**line, "legendgroup": "interval", "meta": {"dense": True}}
    return [
        go.Scatter(y=low, showlegend=False, name=_("95 % CI, lower end"), **alike),
        go.Scatter(y=high, name=_("95 % CI of validation"), fill="tonexty", fillcolor=BAND_COLOUR, **alike),
    ]


def _mark_best(figure: go.Figure, epochs: Columns, row: int, frame: Frame) -> None:
    epoch, accuracy = epochs["epoch"][row], epochs["val_accuracy"]
    figure.add_shape(
        type="line",
        **{"x0": epoch, "x1": epoch, "yref": "paper", "y0": 0, "y1": 1},
        line={"color": COLOURS.best, "width": 1.5, "dash": "dot"},
    )
    middle = max(frame.epochs, len(accuracy)) / 2
    side = {"xanchor": "left", "xshift": 6} if epoch <= middle else {"xanchor": "right", "xshift": -6}
    figure.add_annotation(
        text=_(
            "best: epoch {epoch}, {accuracy} %", epoch=f"{epoch:.0f}", accuracy=f"{100 * accuracy[row]:.1f}"
        )
        + (f"<br>{frame.mark}" if frame.mark else ""),
        **{"x": epoch, "y": 0.52, "yref": "paper", "yanchor": "middle", "showarrow": False, **side},
        font={"color": COLOURS.best},
    )


def _mark_chance(figure: go.Figure, chance: float) -> None:
    figure.add_shape(
        type="line",
        **{"xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": 100 * chance, "y1": 100 * chance},
        line={"color": COLOURS.quiet, "width": 1.5, "dash": "dot"},
    )
    figure.add_annotation(
        text=_("chance {accuracy} %", accuracy=f"{100 * chance:.1f}"),
        **{"xref": "paper", "x": 1, "xanchor": "right", "yref": "y", "y": 100 * chance, "yanchor": "bottom"},
        showarrow=False,
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
            text=_("rate {rate}", rate=f"{rate:.3g}"),
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


def _layout(frame: Frame, empty: bool) -> dict[str, Any]:
    layout: dict[str, Any] = {
        "template": "cnnlab",
        "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
        "xaxis": {"title": {"text": _("epoch")}, "anchor": "y2", "rangemode": "tozero"},
        "yaxis": {
            "title": {"text": _("accuracy")},
            "domain": [0.56, 1],
            "range": [0, 103],
            "ticksuffix": " %",
        },
        "yaxis2": {
            "title": {"text": _("loss")},
            "domain": [0, 0.48],
            "type": "log" if frame.log_loss else "linear",
            "tickformat": "~g",
            "rangemode": "tozero",
            # at three, Plotly labels 1, 2 and 5 of a power of ten; at its own five all nine, over each other
            "nticks": 3 if frame.log_loss else 0,  # 0: as many as Plotly likes
            "uirevision": frame.log_loss,  # another scale: a zoom into the old one means nothing
        },
    }
    if frame.epochs:
        layout["xaxis"]["range"] = [0, frame.epochs * (1 + RIM)]
    if empty:
        for axis in ("xaxis", "yaxis", "yaxis2"):
            layout[axis]["visible"] = False
        layout["annotations"] = [
            {
                "text": _("No batch has been trained."),
                **{"xref": "paper", "x": 0.5, "yref": "paper", "y": 0.6, "showarrow": False},
            }
        ]
    return layout
