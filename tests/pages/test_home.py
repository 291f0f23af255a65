"""Home says what to do next and what the machine is doing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import machine, runs
from cnnlab.training import recipes
from tests.pages.conftest import say

OpenPage = Callable[..., AppTest]
RECIPE = recipes.get("lenet5-digits")


def texts(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in (*app.markdown, *app.caption))


def links(app: AppTest) -> list[str]:
    return [element.proto.label for element in app.get("page_link")]


def test_home_shows_the_device_and_the_next_steps(open_page: OpenPage):
    app = open_page("home")
    assert not app.exception
    assert str(machine.describe()) in texts(app)
    pages = {element.proto.page for element in app.get("page_link")}
    assert len(pages) >= 5


def test_home_starts_the_recipe_that_needs_no_download_and_goes_to_it(open_page: OpenPage):
    app = open_page("home").button(key="train_now").click().run()
    assert not app.exception
    [run] = runs.list_runs()
    assert run.config.changed(title="") == RECIPE.config.changed(recipe=RECIPE.name)
    assert app.session_state["lab"].run_id == run.id


def test_home_has_one_filled_button(open_page: OpenPage):
    filled = [button for button in open_page("home").button if button.proto.type == "primary"]
    assert len(filled) == 1


def test_home_lists_runs_at_work_before_those_that_are_over(open_page: OpenPage, run: runs.Run):
    over = runs.create(run.config.changed(title="Over"))
    say(over, "finished", epoch=20)
    say(run, "queued")
    app = open_page("home")
    listed = [label for label in links(app) if "finished" in label or "1\\. " in label]
    assert "1\\. " in listed[0] and "Over" in listed[1]


def test_a_title_made_of_markdown_is_shown_as_text(open_page: OpenPage, run: runs.Run):
    runs.create(run.config.changed(title="![x](http://example.com/x.png)"))
    assert any(r"\!\[x\]" in label for label in links(open_page("home")))


def test_a_workspace_that_cannot_be_written_gives_one_sentence_and_the_rest_of_the_page(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "file" / "home"))
    app = open_page("home")
    assert not app.exception
    assert all("CNNLAB_HOME" in error.value.replace("\\", "") for error in app.error)
    assert "**Set up training**" in links(app)
