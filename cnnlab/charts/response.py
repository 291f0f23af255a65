"""How the probabilities of an answer follow a change of the image."""

from collections.abc import Sequence

import plotly.graph_objects as go

from cnnlab.charts.template import COLOURS, PERCENT, SERIES, literal
from cnnlab.languages import _

HEIGHT = 300


def response_curve(
    values: Sequence[float],
    probabilities: Sequence[tuple[str, Sequence[float]]],
    axis: str,
    now: float,
    turns: Sequence[float] = (),
) -> go.Figure:
    """Draw one curve for each class against the size of a change.

    Args:
        values: sizes of the change, ascending.
        probabilities: name of a class and its probability at each value; as many as can be told apart.
        axis: what changes, with its unit.
        now: the size that is shown beside the chart.
        turns: sizes at which another class is predicted.
    """
    figure = go.Figure(
        layout={
            "template": "cnnlab",
            "height": HEIGHT,
            "xaxis": {"title": {"text": axis}, "range": [values[0], values[-1]], "fixedrange": True},
            "yaxis": {
                "title": {"text": _("probability")},
                "range": [-0.02, 1.02],
                **PERCENT,
                "fixedrange": True,
            },
            "hovermode": "x unified",
        }
    )
    for (name, curve), colour in zip(probabilities, SERIES, strict=False):
        figure.add_scatter(
            name=literal(name),
            x=list(values),
            y=list(curve),
            mode="lines",
            line={"color": colour, "width": 2.5},
            text=[f"{value * 100:.1f} %" for value in curve],
            hovertemplate=f"{literal(name)} %{{text}}<extra></extra>",
        )
    for turn in turns:
        figure.add_vline(x=turn, line={"color": COLOURS.quiet, "width": 1.5, "dash": "dot"})
    figure.add_vline(x=now, line={"color": COLOURS.best, "width": 2.5})
    return figure
