"""The probabilities a network gives to the classes of one image."""

from collections.abc import Sequence

import plotly.graph_objects as go

from cnnlab.charts.template import COLOURS, literal
from cnnlab.languages import _, _p

ROW_PIXELS = 30


def class_bars(classes: Sequence[str], probabilities: Sequence[float]) -> go.Figure:
    """Draw one bar for each class, in the order given (best first), the first one in colour."""
    bars = go.Bar(
        x=list(probabilities),
        y=list(range(len(classes))),
        orientation="h",
        text=[f"{p * 100:.1f} %" for p in probabilities],
        textposition="outside",
        cliponaxis=False,
        customdata=list(map(literal, classes)),
        hovertemplate="%{customdata}: %{text}<extra></extra>",
        marker={
            "color": [COLOURS.validation, *[COLOURS.quiet] * (len(classes) - 1)][: len(classes)],
            "cornerradius": 4,
        },
    )
    return go.Figure(
        bars,
        layout={
            "template": "cnnlab",
            "meta": {"label": _in_words(classes, probabilities)},
            "height": 24 + ROW_PIXELS * len(classes),
            "bargap": 0.35,
            "xaxis": {"range": [0, 1.3], "visible": False, "fixedrange": True},
            "yaxis": {
                "autorange": "reversed",
                "tickvals": list(range(len(classes))),
                "ticktext": list(map(literal, classes)),
                "ticklabelstandoff": 8,
                "showgrid": False,
                "fixedrange": True,
            },
        },
    )


def _in_words(classes: Sequence[str], probabilities: Sequence[float]) -> str:
    said = (f"{literal(name)} {100 * p:.1f} %" for name, p in zip(classes, probabilities, strict=True))
    return _("Class probabilities: {classes}.", classes=_p("between the items of a list", ", ").join(said))
