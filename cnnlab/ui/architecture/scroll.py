"""Scrolls the dataframe above to a row: the browser alone can."""

import functools
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

SCRIPT = Path(__file__).parents[1] / "frontend" / "scroll_to_row.js"


def scroll_to_row(row: int, pixels: int, key: str) -> None:
    """Bring a row of the dataframe above into view, if it is not; ``pixels`` is the height of each row."""
    _component()(data={"row": row, "pixels": pixels}, key=key, height=1)


@functools.cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("cnnlab_scroll", js=SCRIPT.read_text("utf-8"), isolate_styles=False)
