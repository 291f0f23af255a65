"""The diagram of a network and its layer list: where they stand, and the part of the page that works them.

A click in one of them shows at once in both, and runs only the part of the page that calls ``diagram``: their
places, and all that stands beside them, stay as they are.
"""

import functools
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from cnnlab import languages
from cnnlab.inspection.drawing import draw
from cnnlab.languages import _n
from cnnlab.streamlit_internals import ComponentRenderer
from cnnlab.ui.architecture.inspected import Shown
from cnnlab.ui.architecture.layer_table import layer_list
from cnnlab.ui.live_chart import serve_assets

FRONTEND = Path(__file__).parents[1] / "frontend"
STYLES = ("diagram.css", "layer_list.css")
KEY, TURN = "diagram", "diagram_turn"
LONGEST_NAME = 200


def diagram_place() -> None:
    """Reserve the place of the diagram."""
    serve_assets()
    _component()(data={"place": "diagram", "language": languages.current()}, key="diagram_place")


def list_place() -> None:
    """Reserve the place of the layer list."""
    _component()(
        data={"place": "list", "language": languages.current()}, key="layer_list_place", height="content"
    )


def diagram(
    network: Shown,
    title: str,
    chosen: str,
    opened: frozenset[str],
    choose: Callable[[str, bool], None],
    broken: str = "",
    said: str = "",
) -> None:
    """Show a network, in its diagram and its list, with a layer or group chosen and groups unfolded.

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
            "language": languages.current(),
            "drawing": _drawn(network, opened, languages.current()),
            "layers": _listed(network, opened, languages.current()),
            "chosen": chosen,
            "turn": st.session_state.get(TURN, 0),
            "broken": broken,
            "said": said,
            "label": _n(
                "Diagram of {title}: {n} layer from the image to the classes. "
                "Arrow keys choose a layer, Enter unfolds a stage; the layer list holds the same as a table.",
                "Diagram of {title}: {n} layers from the image to the classes. "
                "Arrow keys choose a layer, Enter unfolds a stage; the layer list holds the same as a table.",
                len(network.rows),
                title=title,
            ),
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
def _drawn(network: Shown, opened: frozenset[str], language: str) -> dict[str, Any]:
    """Draw once for all browsers of a language; ``network`` is the one object of its kind."""
    return draw(network.tree, opened).as_plain()


@lru_cache(maxsize=128)
def _listed(network: Shown, opened: frozenset[str], language: str) -> dict[str, Any]:
    return layer_list(network, opened)


@functools.cache
def _component() -> ComponentRenderer:
    css = "".join((FRONTEND / style).read_text("utf-8") for style in STYLES)
    return st.components.v2.component("cnnlab.diagram", js="diagram.js", css=css, isolate_styles=False)
