"""Networks side by side: what they hold, what they cost and how far they see."""

from collections.abc import Sequence
from typing import Protocol

import plotly.graph_objects as go

from cnnlab.charts.template import COLOURS
from cnnlab.languages import _


class Totals(Protocol):
    """The sums of one network; ``inspection.Totals`` is one."""

    params: int
    macs: int
    receptive_field: tuple[int, int]


def comparison(titles: Sequence[str], networks: Sequence[Totals]) -> go.Figure:
    """Draw parameters over work on log scales, the first network in colour; wide circles see far."""
    widest = max(network.receptive_field[0] for network in networks)
    points = go.Scatter(
        x=[network.macs for network in networks],
        y=[network.params for network in networks],
        text=list(titles),
        customdata=["{}×{}".format(*network.receptive_field) for network in networks],
        mode="markers+text",
        textposition="top center",
        cliponaxis=False,
        hovertemplate=_("%{text}<br>%{y:,} parameters<br>%{x:,} MACs<br>receptive field %{customdata}")
        + "<extra></extra>",
        marker={
            "size": [8 + 40 * network.receptive_field[0] / widest for network in networks],
            "color": [COLOURS.validation, *[COLOURS.training] * (len(networks) - 1)],
            "opacity": 0.75,
        },
    )
    log = {"type": "log", "dtick": 1, "exponentformat": "SI"}
    return go.Figure(
        points,
        layout={
            "template": "cnnlab",
            "height": 380,
            "xaxis": {"title": {"text": _("MACs for one image")}, **log},
            "yaxis": {"title": {"text": _("parameters")}, **log},
            "margin": {"t": 40},
        },
    )
