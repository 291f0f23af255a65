"""What is in a dataset: how many images of each class, how bright, how large."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from cnnlab.charts.template import COLOURS, literal
from cnnlab.languages import _, texts

CHANNELS = {
    1: ((texts("gray"), COLOURS.quiet),),
    3: ((texts("red"), "#cf5b5b"), (texts("green"), "#4f9e63"), (texts("blue"), "#4d7fc4")),
}
ROW_PIXELS = 34


def class_balance(classes: Sequence[str], training: Sequence[int], validation: Sequence[int]) -> go.Figure:
    """Draw a bar for each class, the training part below the validation part."""
    bars = [
        go.Bar(
            x=list(range(len(classes))),
            y=np.asarray(counts),
            name=name,
            customdata=list(map(literal, classes)),
            hovertemplate=said + "<extra></extra>",
            marker={"color": colour, "cornerradius": 3},
        )
        for name, said, counts, colour in (
            (_("training"), _("%{customdata}: %{y:,} for training"), training, COLOURS.training),
            (_("validation"), _("%{customdata}: %{y:,} for validation"), validation, COLOURS.validation),
        )
    ]
    ticks = (
        {"tickvals": list(range(len(classes))), "ticktext": list(map(literal, classes))}
        if len(classes) <= 40
        else {}
    )
    return go.Figure(
        bars,
        layout={
            "template": "cnnlab",
            "meta": {"label": _("Class distribution: images of each class in training and validation set.")},
            "barmode": "stack",
            "bargap": 0.35,
            "height": 260,
            "legend": {"traceorder": "normal"},
            "xaxis": {"showgrid": False, "fixedrange": True, **ticks},
            "yaxis": {"fixedrange": True, "nticks": 5},
        },
    )


def channel_levels(mean: Sequence[float], std: Sequence[float]) -> go.Figure:
    """Draw each channel's mean as a dot and one std to either side as a line, from 0 to 255."""
    names = [_(name) for name, _colour in CHANNELS[len(mean)]]
    colours = [colour for _name, colour in CHANNELS[len(mean)]]
    dots = go.Scatter(
        x=np.asarray(mean),
        y=list(range(len(mean))),
        mode="markers",
        error_x={"array": np.asarray(std), "thickness": 2, "width": 6, "color": COLOURS.quiet},
        marker={"size": 14, "color": colours},
        customdata=[
            _(
                "{name}: mean {mean}, standard deviation {deviation}",
                name=name,
                mean=f"{m:.1f}",
                deviation=f"{d:.1f}",
            )
            for name, m, d in zip(names, mean, std, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    return go.Figure(
        dots,
        layout={
            "template": "cnnlab",
            "meta": {"label": _("Mean and standard deviation of each colour channel, from 0 to 255.")},
            "height": 60 + ROW_PIXELS * len(mean),
            "xaxis": {"range": [-8, 275], "tickvals": [0, 64, 128, 192, 255], "fixedrange": True},
            "yaxis": {
                "tickvals": list(range(len(mean))),
                "ticktext": list(names),
                "range": [len(mean) - 0.5, -0.5],
                "showgrid": False,
                "fixedrange": True,
            },
        },
    )


def image_sizes(sizes: Sequence[tuple[tuple[int, int], int]]) -> go.Figure:
    """Draw a disc for each ``(height, width)`` and its number of images, the area in proportion to it."""
    heights, widths = zip(*(size for size, _ in sizes), strict=True)
    counts = np.array([count for _, count in sizes])
    discs = go.Scatter(
        x=np.array(widths),
        y=np.array(heights),
        mode="markers",
        marker={
            "size": counts,
            "sizemode": "area",
            "sizeref": 2 * counts.max() / 34**2,
            "sizemin": 3,
            "color": COLOURS.training,
            "opacity": 0.7,
        },
        customdata=counts,
        hovertemplate=_("%{x} × %{y} pixels: %{customdata:,} images") + "<extra></extra>",
    )
    return go.Figure(
        discs,
        layout={
            "template": "cnnlab",
            "meta": {"label": _("Width and height of the images; larger discs are more images.")},
            "height": 260,
            "xaxis": {"title": _("width in pixels"), "rangemode": "tozero", "fixedrange": True},
            "yaxis": {"title": _("height in pixels"), "rangemode": "tozero", "fixedrange": True},
        },
    )
