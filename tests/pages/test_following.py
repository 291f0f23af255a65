"""Watch with me and presentation mode, as far as the server knows of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from cnnlab import access, runs
from cnnlab.access import Role, Visitor, people
from cnnlab.datasets.own import collection
from cnnlab.errors import AccessError
from cnnlab.training import recipes
from cnnlab.ui import following, shared_screen

OpenPage = Callable[..., AppTest]
STUDENT = Visitor("a" * 16, Role.STUDENT)
FOLLOWER = Visitor("a" * 16, Role.STUDENT, is_following=True)


@pytest.fixture(autouse=True)
def _app_runs_around_its_pages(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(PagesManager, "uses_pages_directory", False)


def texts(app: AppTest) -> str:
    return "\n".join(str(one.value) for one in (*app.markdown, *app.error, *app.title))


def test_a_follower_is_where_the_teacher_is_and_goes_along(open_page: OpenPage):
    token = shared_screen.share("concepts?concept=softmax&present=1&follow=0").token
    app = open_page("home", follow="1")
    assert not app.exception
    assert [one.value for one in app.title] == ["Concepts"]
    assert app.query_params["concept"] == ["softmax"] and app.query_params["follow"] == ["1"]
    assert "present" not in app.query_params
    assert shared_screen.move(token, "concepts?concept=pooling")
    app = app.run()
    assert app.query_params["concept"] == ["pooling"]
    shared_screen.move(token, "data")
    app = app.run()
    assert [one.value for one in app.title] == ["Data"]


def test_a_page_that_changes_its_address_by_itself_is_followed_once(open_page: OpenPage):
    shared_screen.share("train?run=no-such-run-000000")
    app = open_page("home", follow="1").run().run()
    assert not app.exception and [one.value for one in app.title] == ["Train"]


def test_who_leaves_stays_where_they_are(open_page: OpenPage):
    token = shared_screen.share("concepts?concept=softmax").token
    app = open_page("home", follow="1")
    app = app.button(key="follow_leave").click().run()
    shared_screen.move(token, "data")
    app = app.run()
    assert [one.value for one in app.title] == ["Concepts"]
    assert "follow" not in app.query_params and not app.session_state[following._ON]


def test_a_follower_changes_nothing_even_by_a_button_that_is_hidden(open_page: OpenPage):
    shared_screen.share("home")
    app = open_page("home", follow="1")
    app = app.button(key="train_now").click().run()
    assert not app.exception and not runs.list_runs()
    assert "leave it" in texts(app)


@pytest.mark.parametrize(
    "change",
    [
        lambda run: runs.create(recipes.get("lenet5-digits").config),
        lambda run: run.request_stop(),
        lambda run: run.rename("Other"),
        lambda run: people.call(FOLLOWER.id, "Anna"),
        lambda run: collection.create("hands", ("a", "b")),
        lambda run: shared_screen.share("home"),
    ],
)
def test_the_library_refuses_a_follower_what_its_owner_may(change: Callable[[runs.Run], object]):
    with access.acting_as(STUDENT):
        run = runs.create(recipes.get("lenet5-digits").config)
    with access.acting_as(FOLLOWER), pytest.raises(AccessError):
        change(run)
    assert not FOLLOWER.may_change(FOLLOWER.id)
    assert not Visitor("teacher", Role.TEACHER, is_following=True).has_all_rights


def test_only_the_teacher_shares_and_only_the_tab_that_is_shared_moves_on():
    with access.acting_as(STUDENT), pytest.raises(AccessError):
        shared_screen.share("home")
    token = shared_screen.share("home").token
    with access.acting_as(STUDENT), pytest.raises(AccessError):
        shared_screen.move(token, "data")
    assert not shared_screen.move("0" * 16, "data")
    assert not shared_screen.move("ü", "data")
    assert shared_screen.word() == "home?"
    shared_screen.stop()
    assert not shared_screen.move(token, "data") and shared_screen.word() == ""


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example/data",
        "https://evil.example",
        "../app",
        "admin",
        "data?run=a%00b",
        "data?run=%E2%80%AEa",
        "data?run=%ff",
        "data?<b>=1",
        "data?run=" + "a" * 6_000,
        "data?" + "&".join(f"a{n}=1" for n in range(100)),
    ],
)
def test_an_address_that_is_none_of_a_page_is_not_shared(address: str):
    token = shared_screen.share("train?run=a&run=b").token
    with pytest.raises(AccessError):
        shared_screen.move(token, address)
    assert shared_screen.word() == "train?run=a&run=b"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ('{"page": "data", "query": "run=a", "token": "0123456789abcdef"}', "data?run=a"),
        ('{"page": "//evil", "query": "", "token": "0123456789abcdef"}', ""),
        ('{"page": "data", "query": 5, "token": "x"}', ""),
        ('{"page": ["data"]}', ""),
        ("[1]", ""),
        ("5", ""),
        ("{" * 9_000, ""),
    ],
)
def test_what_is_kept_on_the_disk_is_checked_when_the_server_starts_again(
    home: Path, content: str, word: str
):
    home.mkdir(exist_ok=True)
    (home / shared_screen.NAME).write_text(content)
    assert shared_screen.word() == word


def test_presentation_mode_is_kept_while_pages_change_and_ends_with_its_word_in_the_address(
    open_page: OpenPage,
):
    app = open_page("home", present="1")
    assert not any(button.key == "present" for button in app.button)
    app.switch_page("pages/data.py")
    app.query_params.clear()
    app = app.run()
    assert not any(button.key == "present" for button in app.button)
    app.query_params["present"] = "0"
    app = app.run()
    assert "present" not in app.query_params
    app = app.button(key="present").click().run()
    assert app.query_params["present"] == ["1"]


def test_a_part_is_left_out_by_its_name_and_nothing_else_gets_into_the_style(open_page: OpenPage):
    app = open_page("home", hide="machine,<script>,a{},Runs")
    styles = [one.proto.body for one in app.get("html") if "part_" in one.proto.body]
    assert len(styles) == 1 and styles[0].count("part_") == 1
    assert ".st-key-part_machine" in styles[0]
