"""Sides of a race: the mean over seeds as a line, from the least to the most of them as an area."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import plotly.graph_objects as go

from cnnlab.charts.template import literal, pale, strokes
from cnnlab.languages import _, _p, texts

MEASURES = {
    "val_accuracy": (texts("validation accuracy"), True),
    "accuracy": (texts("training accuracy"), True),
    "val_loss": (texts("validation loss"), False),
    "loss": (texts("training loss"), False),
}
"""Words, and whether it is told in per cent."""
HEIGHT = 420
AREA_OPACITY = 0.16


class Line(Protocol):
    """One side; ``experiments.Course`` is one. Columns float64 of one length, a row for each epoch."""

    @property
    def label(self) -> str:
        """What it is called."""

    @property
    def x(self) -> np.ndarray:
        """Where on the common axis."""

    @property
    def mean(self) -> np.ndarray:
        """The mean over seeds, and beside it ``least`` and ``most`` of them."""

    @property
    def least(self) -> np.ndarray:
        """The least of the seeds."""

    @property
    def most(self) -> np.ndarray:
        """The most of the seeds."""

    @property
    def seeds(self) -> int:
        """How many seeds there are."""


def race(
    lines: Sequence[Line], x_title: str, measure: str = "val_accuracy", end: float = 0, at_end: bool = False
) -> go.Figure:
    """Draw sides against a common axis.

    Args:
        lines: the sides.
        x_title: words of the horizontal axis, with the unit.
        measure: of ``MEASURES``.
        end: where the axis ends from the start, 0 where the data decide.
        at_end: whether only the last point of each is drawn, as for numbers of parameters.
    """
    measured, in_percent = MEASURES[measure]
    words = _(measured)
    figure = go.Figure(
        layout={
            "template": "cnnlab",
            "height": HEIGHT,
            "xaxis": {"title": {"text": x_title}, "rangemode": "tozero"},
            "yaxis": {
                "title": {"text": words},
                **({"range": [0, 103], "ticksuffix": " %"} if in_percent else {"rangemode": "tozero"}),
            },
            "meta": {"label": _in_words(lines, words, in_percent)},
        }
    )
    if end:
        figure.update_xaxes(range=[0, end * 1.02])
    for line, stroke in zip(lines, strokes(), strict=False):
        _add(figure, line, stroke, 100 if in_percent else 1, at_end)
    return figure


def _add(figure: go.Figure, line: Line, stroke: dict[str, str], scale: int, at_end: bool) -> None:
    rows = slice(-1, None) if at_end else slice(None)
    x, mean = line.x[rows], scale * line.mean[rows]
    name, value = literal(line.label), "%{y:.1f} %" if scale == 100 else "%{y:.4f}"
    group = {"legendgroup": line.label}
    if line.seeds > 1 and not at_end:
        edge = {"x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
        figure.add_scatter(y=scale * line.least[rows], name=_("{name}, least", name=name), **edge, **group)
        area = {"fill": "tonexty", "fillcolor": pale(stroke["color"], AREA_OPACITY)}
        figure.add_scatter(
            y=scale * line.most[rows], name=_("{name}, most", name=name), **area, **edge, **group
        )
    figure.add_scatter(
        name=name,
        x=x,
        y=mean,
        mode="lines+markers",
        line={**stroke, "width": 2.5},
        marker={"size": 12 if at_end else 6},
        hovertemplate=_("{value} at {place}", value=value, place="%{x:,.4~g}") + f"<extra>{name}</extra>",
        **group,
    )


def _in_words(lines: Sequence[Line], words: str, in_percent: bool) -> str:
    """Say what is to be seen, for those who do not see it."""
    last = [
        f"{line.label} {100 * line.mean[-1]:.1f} %" if in_percent else f"{line.label} {line.mean[-1]:.4f}"
        for line in lines
        if len(line.mean)
    ]
    said = _p("between the items of a list", ", ").join(last) or _("no epoch yet")
    return _("{measure}: {values}.", measure=words.capitalize(), values=said)
