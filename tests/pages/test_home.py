"""Home says what to do next and what the machine is doing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import runs
from cnnlab.training import devices
from tests.pages.conftest import say

OpenPage = Callable[..., AppTest]


def texts(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in (*app.markdown, *app.caption))


def links(app: AppTest) -> list[str]:
    return [element.proto.label for element in app.get("page_link")]


def test_home_shows_the_device_and_the_next_steps(open_page: OpenPage):
    app = open_page("home")
    assert not app.exception
    assert str(devices.describe()) in texts(app)
    assert {"**Look at data**", "**Open a network**", "**Start training**", "**Classify a picture**"} <= set(
        links(app)
    )


def test_home_lists_runs_at_work_before_those_that_are_over(open_page: OpenPage, run: runs.Run):
    over = runs.create(run.config | {"title": "Over"})
    say(over, "finished", epoch=20)
    say(run, "queued")
    app = open_page("home")
    listed = [label for label in links(app) if "finished" in label or "queued" in label]
    assert "queued" in listed[0] and "Over" in listed[1]


def test_a_title_made_of_markdown_is_shown_as_text(open_page: OpenPage, run: runs.Run):
    runs.create(run.config | {"title": "![x](http://example.com/x.png)"})
    assert any(r"\!\[x\]" in label for label in links(open_page("home")))


def test_a_workspace_that_cannot_be_written_gives_one_sentence_and_the_rest_of_the_page(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "file" / "home"))
    app = open_page("home")
    assert not app.exception
    assert all("CNNLAB_HOME" in error.value.replace("\\", "") for error in app.error)
    assert "**Start training**" in links(app)
