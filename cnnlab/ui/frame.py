"""What surrounds every page: margins, the contrast of small text, a sidebar folded on a small screen."""

import functools

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from cnnlab.ui.live_chart import serve_assets

STYLE = """<style>
@media (min-width: 48rem) {
  [data-testid="stMainBlockContainer"] { padding: 3.5rem clamp(1.5rem, 3vw, 3.5rem) 4rem; }
}
[data-testid="stSidebarUserContent"] [data-testid="stPageLink"] p {
  white-space: normal; overflow-wrap: anywhere; line-height: 1.3;
}
[data-testid="stSidebarUserContent"] [data-testid="stPageLink"] a { height: auto; }
[data-testid="stCaptionContainer"] { color: inherit; opacity: 0.78; }
</style>"""


def frame() -> None:
    """Style the page, and fold the sidebar on a small screen when the app is opened."""
    serve_assets()
    st.html(STYLE)
    with st.sidebar:
        _component()(data=None, key="frame", height=1)


@functools.cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("cnnlab.frame", js="frame.js", isolate_styles=False)
