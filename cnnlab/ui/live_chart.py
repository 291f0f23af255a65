"""A plotly chart that is redrawn in place: no flicker, the zoom kept, the colours of the page.

``st.plotly_chart`` makes a new element of every new figure. This component keeps its node and calls
``Plotly.react``, with the plotly.js of the installed plotly package: no network is needed.
"""

import functools
import gzip
from collections.abc import Callable, Hashable
from pathlib import Path

import plotly
import plotly.graph_objects as go
import streamlit as st

from cnnlab import languages
from cnnlab.streamlit_internals import ComponentRenderer, serve_folders
from cnnlab.ui.screen import larger

_ASSETS = {
    "plotly": (Path(plotly.__file__).parent, "package_data"),
    "live_chart": (Path(__file__).parent, "frontend"),
    "pulse": (Path(__file__).parent, "frontend"),
    "frame": (Path(__file__).parent, "frontend"),
    "presenting": (Path(__file__).parent, "frontend"),
    "following": (Path(__file__).parent, "frontend"),
    "diagram": (Path(__file__).parent, "frontend"),
    "concepts": (Path(__file__).parent, "frontend"),
}


def live_chart(figure: go.Figure | bytes, key: str, height: int | None = None) -> None:
    """Show a figure that has a template; the next one under the same ``key`` is drawn into the same chart.

    ``layout.meta.label`` says what is to be seen, for those who do not see it; a table is made of the points.
    What ``pack`` made of a figure does as well: drawn once, it can be shown to many browsers. ``height`` in
    pixels, by default the figure's own or 450.
    """
    serve_assets()
    if isinstance(figure, go.Figure):
        height = height or figure.layout.height
        figure = pack(figure)
    _component()(data=figure, key=key, height=larger(height or 450))


def still_chart(key: str, draw: Callable[..., go.Figure], *arguments: Hashable) -> None:
    """Show the figure that ``draw`` makes of its arguments, without the buttons to zoom.

    It is drawn once for all browsers of a language; equal arguments give the same figure.
    """
    figure, height = _drawn(languages.current(), draw, *arguments)
    live_chart(figure, key, height)


@functools.lru_cache(maxsize=256)
def _drawn(language: str, draw: Callable[..., go.Figure], *arguments: Hashable) -> tuple[bytes, int | None]:
    figure = draw(*arguments)
    figure.layout.meta = {**(figure.layout.meta or {}), "still": True}
    return pack(figure), figure.layout.height


def preload_chart() -> None:
    """Let the browser fetch and read plotly.js, seconds of work, while a person still looks at a form."""
    serve_assets()
    _component()(data=None, key="preload-chart", height=1)


def pack(figure: go.Figure) -> bytes:
    """Return the figure as live_chart.js expects it: gzipped JSON, a third of its size.

    With the language in which the script tells those who do not see it what is shown.
    """
    figure.layout.meta = {**(figure.layout.meta or {}), "language": languages.current()}
    return gzip.compress(figure.to_json().encode(), compresslevel=5, mtime=0)


@functools.cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("cnnlab.live_chart", js="live_chart.js", isolate_styles=False)


def serve_assets() -> None:
    """Let this server hand out the folders; once for each runtime, and a test has a runtime of its own."""
    serve_folders("cnnlab", _ASSETS)
