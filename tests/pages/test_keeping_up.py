"""What changes while a page is drawn is news to it: nothing stays on it that is over."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import runs
from cnnlab.datasets.own import collection
from cnnlab.runs.liveness import ProcessId
from cnnlab.ui import pulse
from cnnlab.ui.collect import collecting
from cnnlab.ui.runs import heading
from tests.pages.conftest import say

OpenPage = Callable[..., AppTest]
IMAGE = cv2.imencode(".png", np.full((8, 8, 3), 90, np.uint8))[1].tobytes()


@pytest.fixture
def drawn_with(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the words that the parts of a page were drawn with, by what they are of."""
    found: dict[str, str] = {}

    def component(data: dict[str, Any], **_: Any) -> None:
        found[data["of"]] = data["word"]

    monkeypatch.setattr(pulse, "_component", lambda: component)
    monkeypatch.setattr(pulse, "SHORT_SECONDS", 0.0)
    return found


def after(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, then: Callable[[], object]) -> None:
    """Let something happen once a function of a page has run."""
    known = getattr(where, name)

    def both(*arguments: Any, **named: Any) -> Any:
        said = known(*arguments, **named)
        then()
        return said

    monkeypatch.setattr(where, name, both)


def test_a_run_that_ends_while_its_page_is_drawn_is_shown_as_ended(
    open_page: OpenPage, run: runs.Run, drawn_with: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    say(run, "running", process=vars(ProcessId.of(os.getpid())), epochs=9)
    after(monkeypatch, heading, "state", lambda: say(run, "finished", epochs=9))
    assert not open_page("train", run=run.id).exception
    assert drawn_with[pulse.RUN + run.id] != pulse.word(pulse.RUN + run.id)


def test_an_image_that_comes_while_a_collection_is_drawn_is_shown(
    open_page: OpenPage, drawn_with: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    found = collection.create("Hands", ["paper", "rock"])
    add = partial(collection.add_images, found.name, "rock", [IMAGE])
    after(monkeypatch, collecting, "_camera", add)
    assert not open_page("collect", dataset=found.name).exception
    assert drawn_with[pulse.DATASET + found.name] != pulse.word(pulse.DATASET + found.name)
