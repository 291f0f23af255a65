"""Every page speaks the words of the field: what it shows, tool tips and charts included."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from cnnlab import runs
from tests.pages.test_runs import evaluated
from tests.words import avoidable

OpenPage = Callable[..., AppTest]
NOT_SHOWN = {
    *("id", "key", "form_id", "url", "page_script_hash", "icon", "type", "element_id", "user_key"),
    *("mime_type", "component_name", "js_content", "css_content", "html_content", "language"),
}
"""Fields of Streamlit's messages that nobody sees."""
OF_CHARTS = {"text", "title", "name", "hovertemplate", "ticktext", "label", "labels"}


def shown_texts(app: AppTest) -> Iterator[str]:
    """Yield all texts of a page: labels, bodies, tool tips, choices, cells, and those within charts."""
    for element in app._tree:
        proto = getattr(element, "proto", None)
        if isinstance(proto, Message):
            yield from _texts(proto)
        if element.type in {"dataframe", "table"}:
            frame = element.value
            yield from map(str, frame.columns)
            yield from (cell for row in frame.values.tolist() for cell in row if isinstance(cell, str))


def _texts(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.name in NOT_SHOWN:
            continue
        for one in _each(value):
            if isinstance(one, Message):
                yield from _texts(one)
            elif field.type == FieldDescriptor.TYPE_STRING:
                yield one
            elif field.type == FieldDescriptor.TYPE_BYTES:
                yield from _of_chart(one)


def _each(value: Any) -> Iterator[Any]:
    """Yield the values of a field, which may be one, a list or a map."""
    if isinstance(value, str | bytes | int | float | Message):
        yield value
    else:
        yield from [*(value.values() if hasattr(value, "values") else value)]


def _of_chart(packed: bytes) -> Iterator[str]:
    """Yield what a figure says, where the bytes are one that ``live_chart.pack`` made."""
    try:
        waiting = [("", json.loads(gzip.decompress(packed)))]
    except (OSError, ValueError, EOFError, zlib.error):
        return
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.items()
        elif isinstance(value, list):
            waiting += [(name, inner) for inner in value]
        elif isinstance(value, str) and name in OF_CHARTS:
            yield value


@pytest.mark.slow
@pytest.mark.parametrize("name", ["home", "data", "collect", "architecture", "train", "runs"])
def test_a_page_of_a_new_workspace_speaks_the_words_of_the_field(open_page: OpenPage, name: str):
    app = open_page(name)
    assert not app.exception and not (found := avoidable(shown_texts(app))), "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["home", "train", "classify"])
def test_a_page_about_a_run_speaks_the_words_of_the_field(open_page: OpenPage, run: runs.Run, name: str):
    evaluated(run)
    app = open_page(name, run=run.id)
    assert not app.exception and not (found := avoidable(shown_texts(app))), "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("view", ["evaluation", "curves", "settings", "downloads"])
def test_the_views_of_a_run_speak_the_words_of_the_field(open_page: OpenPage, run: runs.Run, view: str):
    evaluated(run)
    app = open_page("runs", run=run.id, view=view)
    assert not app.exception and not (found := avoidable(shown_texts(app))), "\n".join(found)


PAGE = """
import numpy as np
import streamlit as st

from cnnlab import charts
from cnnlab.ui.live_chart import live_chart

st.button("Go", help="a picture")
st.selectbox("Which", ["one", "near twins"])
st.dataframe([{"In truth": "taken for"}])
st.metric("Accuracy", "97%")
epochs = {name: np.array([1.0]) for name in ("epoch", "step", "seconds", "val_accuracy")}
live_chart(charts.overlay([charts.Curve("by heart", epochs)]), key="chart")
"""


def test_words_are_found_wherever_they_stand():
    app = AppTest.from_string(PAGE).run()
    assert not app.exception
    found = "\n".join(avoidable(shown_texts(app)))
    for word in ("picture", "near twins", "In truth", "taken for", "7%", "by heart"):
        assert f"'{word}'" in found
