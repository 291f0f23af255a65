"""Whether a network is as sure as it is right: a reliability diagram."""

from collections.abc import Sequence

import plotly.graph_objects as go

from cnnlab.charts.template import COLOURS
from cnnlab.languages import _

HEIGHT = 400
FEW, PALE = 10, 0.3
"""A bar of fewer answers is pale: its height says little."""
Bar = tuple[float, float, int, float, float]
"""A bin of answers: from which probability to which, how many, accuracy and mean probability, 0 to 1."""


def reliability_diagram(bars: Sequence[Bar]) -> go.Figure:
    """Draw the accuracy of the answers in each bin of probability, and the diagonal of perfect calibration.

    Bins without answers are left out; those of few are pale.
    """
    figure = go.Figure(
        layout={
            "template": "cnnlab",
            "height": HEIGHT,
            "bargap": 0.04,
            "xaxis": _axis(_("probability of the predicted class")),
            "yaxis": _axis(_("accuracy")),
            "meta": {"label": _("Reliability diagram: accuracy of the answers by their probability.")},
        }
    )
    figure.add_bar(
        name=_("accuracy of the answers"),
        x=[50 * (low + high) for low, high, *_ in bars],
        width=[100 * (high - low) for low, high, *_ in bars],
        y=[100 * accuracy for *_, accuracy, _ in bars],
        marker={"color": COLOURS.validation, "opacity": [PALE if n < FEW else 0.8 for _, _, n, *_ in bars]},
        customdata=[
            _(
                "{low}–{high} %: {n} answers, {accuracy} % of them right, mean probability {sure} %",
                low=f"{100 * low:.0f}",
                high=f"{100 * high:.0f}",
                n=f"{n:,}",
                accuracy=f"{100 * accuracy:.1f}",
                sure=f"{100 * sure:.1f}",
            )
            for low, high, n, accuracy, sure in bars
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.add_scatter(
        name=_("mean probability"),
        x=[50 * (low + high) for low, high, *_ in bars],
        y=[100 * sure for *_, sure in bars],
        mode="markers",
        marker={"color": COLOURS.training, "size": 9},
        hoverinfo="skip",
    )
    figure.add_scatter(
        name=_("perfect calibration"),
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        line={"color": COLOURS.quiet, "width": 1.5, "dash": "dash"},
        hoverinfo="skip",
        meta={"dense": True},
    )
    return figure


def _axis(title: str) -> dict:
    return {"title": {"text": title}, "range": [0, 102], "ticksuffix": " %", "fixedrange": True}
