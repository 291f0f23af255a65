"""The stage on which a scene of ``frontend/concepts`` plays, in the browser alone."""

import functools
from typing import Any

import streamlit as st

from cnnlab import languages
from cnnlab.streamlit_internals import ComponentRenderer
from cnnlab.ui.concepts import address
from cnnlab.ui.live_chart import serve_assets


def stage(scene: str, data: dict[str, Any]) -> None:
    """Show a scene by the name of its script; ``data`` is JSON that it begins with.

    In another language it begins anew: its state stands in the address.
    """
    serve_assets()
    language = languages.current()
    _component()(
        data={"scene": scene, "language": language, **data},
        key=f"concept-{scene}-{address.turn()}-{language}",
    )


@functools.cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "cnnlab.concepts", js="concepts/stage.js", css="concepts/stage.css", isolate_styles=False
    )
