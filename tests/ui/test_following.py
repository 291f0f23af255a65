"""Watch with me and presentation mode, as far as the server knows of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import access, runs
from cnnlab.access import Role, Visitor, people
from cnnlab.datasets.own import collection
from cnnlab.errors import AccessError
from cnnlab.training import recipes
from cnnlab.ui import presenting, shared_screen

STUDENT = Visitor("a" * 16, Role.STUDENT)
FOLLOWER = Visitor("a" * 16, Role.STUDENT, is_following=True)


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


def page() -> None:
    """The parts of app.py that concern both modes, around a page called "concepts"."""
    import streamlit as st

    from cnnlab import access
    from cnnlab.ui import following, presenting, state

    state.begin_session()
    presenting.begin()
    following.begin()
    following.keep_up("concepts")
    presenting.switch()
    following.bar()
    st.text(f"changes nothing: {access.current().is_following}")


def opened(**query: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def said(app: AppTest, name: str) -> str:
    """Return a parameter of the address; AppTest has a list where there may be several."""
    found = app.query_params[name]
    return found if isinstance(found, str) else found[0]


def test_a_follower_takes_the_address_of_the_teacher_and_changes_nothing_until_leaving():
    token = shared_screen.share("concepts?concept=softmax&present=1&follow=0").token
    app = opened(follow="1")
    assert not app.exception
    assert said(app, "concept") == "softmax" and said(app, "follow") == "1"
    assert "present" not in app.query_params
    assert app.text[0].value == "changes nothing: True"

    assert shared_screen.move(token, "concepts?concept=pooling")
    app = app.run()
    assert said(app, "concept") == "pooling"

    app = app.button(key="follow_leave").click().run()
    assert app.text[0].value == "changes nothing: False"
    shared_screen.move(token, "concepts?concept=channels")
    app = app.run()
    assert said(app, "concept") == "pooling" and "follow" not in app.query_params


def test_presentation_mode_is_kept_by_the_session_and_ends_with_its_word_in_the_address():
    app = opened(present="1")
    assert not app.button
    app.query_params.clear()
    app = app.run()
    assert not app.button
    app.query_params["present"] = "0"
    app = app.run()
    assert "present" not in app.query_params
    app = app.button(key="present").click().run()
    assert said(app, "present") == "1" and not app.button


def test_a_part_is_left_out_by_its_name_and_nothing_else_gets_into_the_style(monkeypatch: pytest.MonkeyPatch):
    styles: list[str] = []
    monkeypatch.setattr(presenting.st, "html", lambda body: styles.append(str(body)))
    app = opened(hide="others,<script>,a{},Runs")
    assert not app.exception
    assert [style.count("part_") for style in styles] == [1]
    assert ".st-key-part_others" in styles[0]
