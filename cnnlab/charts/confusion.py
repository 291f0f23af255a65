"""The confusion matrix: what each class was taken for."""

from collections.abc import Sequence
from operator import add
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnnlab.charts.template import COLOURS, GRID, literal

MOST_WITH_NUMBERS = 20
MOST_WITH_PER_CENT = 12
MOST_WITH_NAMES = 40
MOST_PIXELS, LEAST_PIXELS, CELL_PIXELS = 680, 300, 52
_PALE, _FULL = 0.04, 0.62


def confusion(classes: Sequence[str], matrix: Sequence[Sequence[int]]) -> go.Figure:
    """Draw rows of true classes and columns of predicted ones: right ones blue, wrong ones orange.

    A cell is as strong as its share of the row; up to ``MOST_WITH_NUMBERS`` classes the counts stand in it.
    Its ``x`` and ``y`` are the numbers of the classes; clicks on it are meant.
    """
    counts = np.asarray(matrix)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    on_diagonal = np.eye(len(classes), dtype=bool)
    figure = go.Figure(
        [
            _cells(classes, counts, np.where(on_diagonal, shares, np.nan), COLOURS.training, 1.0),
            _cells(classes, counts, np.where(on_diagonal, np.nan, shares), COLOURS.validation, 0.5),
        ],
        layout=_layout(classes),
    )
    if len(classes) <= MOST_WITH_NUMBERS:
        figure.add_trace(_numbers(counts, shares))
    return figure


def _cells(
    classes: Sequence[str], counts: np.ndarray, shares: np.ndarray, colour: str, strongest: float
) -> go.Heatmap:
    names = list(map(literal, classes))
    said = [
        [f"{row} taken for {column}" if row != column else f"{row}, found" for column in names]
        for row in names
    ]
    rgb = ", ".join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))
    return go.Heatmap(
        z=shares,
        x=np.arange(len(classes)),
        y=np.arange(len(classes)),
        text=said,
        customdata=counts,
        hovertemplate="%{text}<br>%{customdata:,} pictures, %{z:.1%} of the row<extra></extra>",
        colorscale=[(0, f"rgba({rgb}, {_PALE})"), (1, f"rgba({rgb}, {_FULL})")],
        zmin=0,
        zmax=strongest,
        showscale=False,
        xgap=1,
        ygap=1,
        hoverongaps=False,
    )


def _numbers(counts: np.ndarray, shares: np.ndarray) -> go.Scatter:
    """Write each count that is not 0, with its share of the row where there is room."""
    rows, columns = np.nonzero(counts)
    text = [f"{counts[cell]:,}" for cell in zip(rows, columns, strict=True)]
    if len(counts) <= MOST_WITH_PER_CENT:
        under = (f"<br><span style='font-size:0.75em'>{share:.0%}</span>" for share in shares[rows, columns])
        text = list(map(add, text, under))
    return go.Scatter(x=columns, y=rows, text=text, mode="text", hoverinfo="skip", showlegend=False)


def _layout(classes: Sequence[str]) -> dict[str, Any]:
    count = len(classes)
    every = -(-count // MOST_WITH_NAMES)
    ticks = {
        "tickvals": list(range(0, count, every)),
        "ticktext": [literal(name if len(name) <= 18 else f"{name[:17]}…") for name in classes[::every]],
        "range": [-0.5, count - 0.5],
        "showgrid": False,
        "fixedrange": True,
        "linecolor": GRID,
        "ticklabelstandoff": 4,
    }
    return {
        "template": "cnnlab",
        "meta": {"pick": True},
        "dragmode": False,
        "height": 70 + max(LEAST_PIXELS - 70, min(MOST_PIXELS - 70, CELL_PIXELS * count)),
        "xaxis": {"title": {"text": "predicted"}, "side": "bottom", **ticks},
        "yaxis": {"title": {"text": "true class"}, **ticks, "range": [count - 0.5, -0.5]},
    }
