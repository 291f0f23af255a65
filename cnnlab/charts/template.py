"""The look of every chart: the plotly template "cnnlab", for light and dark pages alike.

Backgrounds are transparent, and text and grid are gray enough for both themes; the live chart replaces
these two by the colours of the page it stands on.
"""

from collections.abc import Iterator
from itertools import cycle
from typing import NamedTuple

import plotly.graph_objects as go
import plotly.io as pio


class Colours(NamedTuple):
    """What a colour means, everywhere in the app; told apart by colour-blind people too."""

    training: str = "#3f8fc9"
    validation: str = "#e08438"
    best: str = "#3fa67e"
    quiet: str = "#8a959d"


COLOURS = Colours()
SERIES = ("#3f8fc9", "#e08438", "#3fa67e", "#9578cc", "#cf6678", "#9ea149", "#55b0b5", "#8a959d")
DASHES = ("solid", "dash", "dot")
GRID = "rgba(128, 140, 148, 0.22)"
FONT = "'Source Sans', 'Source Sans Pro', system-ui, sans-serif"


PERCENT = {"tickvals": [0, 0.25, 0.5, 0.75, 1], "ticktext": ["0 %", "25 %", "50 %", "75 %", "100 %"]}
"""The marks of an axis of fractions from 0 to 1: plotly's own per cent signs have no space before them."""


def strokes() -> Iterator[dict[str, str]]:
    """Yield lines that are told apart: all colours of ``SERIES``, then all of them dashed, then dotted."""
    return cycle({"color": colour, "dash": dash} for dash in DASHES for colour in SERIES)


def literal(text: str) -> str:
    """Return a name that people gave so that plotly shows it letter for letter: it reads some of HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def pale(colour: str, opacity: float) -> str:
    """Return a colour of ``SERIES``, such as ``#3f8fc9``, for an area that other curves show through."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


_AXIS = {"gridcolor": GRID, "zeroline": False, "linecolor": GRID, "automargin": True, "title.standoff": 8}

pio.templates["cnnlab"] = go.layout.Template(
    layout=go.Layout(
        font={"family": FONT, "size": 14, "color": "#7d8990"},
        colorway=SERIES,
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        hoverlabel={"font.family": FONT, "font.size": 14, "namelength": -1},
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "bgcolor": "rgba(0, 0, 0, 0)"},
        xaxis=_AXIS,
        yaxis=_AXIS,
    )
)
