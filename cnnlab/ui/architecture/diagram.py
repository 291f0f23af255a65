"""The diagram of a network on the page: where it stands, and the part of the page that works it.

A click shows at once in the browser, and runs only the part of the page that calls ``diagram``: the place
itself, and all that stands beside it, stay as they are.
"""

import functools
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from cnnlab.inspection.drawing import draw
from cnnlab.streamlit_internals import ComponentRenderer
from cnnlab.ui.architecture.inspected import Shown
from cnnlab.ui.live_chart import serve_assets

STYLE = Path(__file__).parents[1] / "frontend" / "diagram.css"
KEY, TURN = "diagram", "diagram_turn"
LONGEST_NAME = 200


def diagram_place() -> None:
    """Reserve the place of the diagram."""
    serve_assets()
    _component()(data={"place": True}, key="diagram_place")


def diagram(
    network: Shown,
    title: str,
    chosen: str,
    opened: frozenset[str],
    choose: Callable[[str, bool], None],
    broken: str = "",
    said: str = "",
) -> None:
    """Show a network with a layer or group chosen and groups unfolded.

    Args:
        network: what to draw.
        title: of the network, for its label.
        chosen: the name that is marked.
        opened: the names of the groups that are unfolded.
        choose: called with the name that a person picks, and whether its group opens or folds.
        broken: the layer that does not fit, if one is known.
        said: what to say above a diagram that is not the network asked for; empty for one that is.
    """
    serve_assets()
    _component()(
        data={
            "drawing": _drawn(network, opened),
            "chosen": chosen,
            "turn": st.session_state.get(TURN, 0),
            "broken": broken,
            "said": said,
            "label": f"Diagram of {title}: {len(network.rows)} layers from the image to the classes. "
            "Arrow keys choose a layer, Enter unfolds a stage; the layer list holds the same as a table.",
        },
        key=KEY,
        height=1,
        on_picked_change=functools.partial(_take, choose),
    )


def _take(choose: Callable[[str, bool], None]) -> None:
    """Hand on what was picked, as far as it is what diagram.js sends."""
    match st.session_state[KEY].get("picked"):
        case {"name": str(name), "toggle": bool(toggle), "turn": int(turn)} if len(name) <= LONGEST_NAME:
            st.session_state[TURN] = turn
            choose(name, toggle)


@lru_cache(maxsize=128)
def _drawn(network: Shown, opened: frozenset[str]) -> dict[str, Any]:
    """Draw once for all browsers; ``network`` is the one object of its kind."""
    return draw(network.tree, opened).as_plain()


@functools.cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "cnnlab.diagram", js="diagram.js", css=STYLE.read_text("utf-8"), isolate_styles=False
    )
