"""What surrounds every page, Home, Lessons and Before class in Chinese: no English is left but names."""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from cnnlab import access, languages, lessons, readiness, runs
from cnnlab.access import Door, Role, Visitor, disk, limits, people
from cnnlab.access.disk import Usage
from cnnlab.errors import CnnLabError
from cnnlab.lessons import reading
from cnnlab.runs.kinds import TRAIN
from cnnlab.runs.liveness import ProcessId
from cnnlab.ui import jobs, language, pulse, readiness_list, teacher_link, wording
from cnnlab.ui.lessons import overview
from tests import coroutines
from tests.languages.english import english_left
from tests.lessons.made_up import LESSON, written
from tests.pages.conftest import APP, give_weights, say
from tests.pages.test_words import shown_texts

OpenPage = Callable[..., AppTest]
RUN = "LeNet-5 on Digits, Rehearsal: one epoch"
"""What runs are called stays as it was stored."""
KEYS = "Page Down, Page Up, English"
NO_TEXT = re.compile(r"\{|http|data:|\w+=\S+$|/\*|<style")
"""What components of ours are told, addresses, arguments of links, styles."""
WORDS_OF_COMPONENTS = ("leave", "label", "hint", "try", "trying")
DATASETS = "mnist fashion-mnist cifar10 cats-and-dogs rock-paper-scissors gestures-drawn-people digits"


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "_asked", lambda: "zh")


@pytest.fixture(autouse=True)
def asked_anew() -> None:
    readiness_list._of_server.clear()


def left(app: AppTest, *names: str) -> list[str]:
    """Return the English of a page; of what components of ours are told, that of their words."""
    return english_left(texts_of(app), [RUN, DATASETS, KEYS, *names])


def texts_of(app: AppTest) -> Iterator[str]:
    for text in shown_texts(app):
        if not (text in wording.PAGES or NO_TEXT.match(text)):
            yield text
        elif text.startswith("{"):
            told = json.loads(text)
            yield from (str(said) for name, said in told.items() if name in WORDS_OF_COMPONENTS)
            yield from map(str, told.get("words", {}).values())


def at_work(run: runs.Run) -> None:
    process = {"process": vars(ProcessId.of(os.getpid())), "heartbeat": time.time()}
    say(run, "running", epoch=2, epochs=5, best_val_accuracy=0.5, started=time.time(), **process)


def test_the_frame_and_home_of_a_new_workspace_are_in_chinese():
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["language"] = "zh"
    app = app.run()
    assert not app.exception and not (found := left(app)), "\n".join(found)
    assert app.button(key="language_en").label == "English"


def test_home_with_runs_is_in_chinese(open_page: OpenPage, run: runs.Run):
    at_work(run)
    for title in ("one", "two"):
        runs.create(run.config.changed(title=title))
    app = open_page("home", lang="zh")
    assert not app.exception and not (found := left(app, "one", "two")), "\n".join(found)
    assert any("第 3/5 轮" in link.proto.label for link in app.get("page_link"))


def test_the_list_of_lessons_and_an_overview_are_in_chinese(open_page: OpenPage):
    names = [text for lesson in lessons.all_lessons().lessons for text in (lesson.title, *lesson.goals)]
    app = open_page("lessons", lang="zh")
    assert not app.exception and not (found := left(app, *names)), "\n".join(found)
    written(lessons.own_folder(), name="mine.md")
    (lessons.own_folder() / "broken.md").write_bytes(b"\xff")
    mine = lessons.get("mine")
    app = open_page("lessons", lang="zh", about="mine")
    whole = [mine.title, mine.about, *mine.goals, *mine.without.values(), *(one.title for one in mine.steps)]
    assert not app.exception and not (found := left(app, *whole)), "\n".join(found)
    [error] = open_page("lessons", lang="zh", about="no-such").error
    known = [one.name for one in lessons.all_lessons().lessons]
    assert not english_left([error.value.replace("\\", "")], ["no-such", *known])


@pytest.mark.parametrize("state", ["finished", "failed", "running"])
def test_before_class_is_in_chinese(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, state: str):
    if state == "failed":
        monkeypatch.setattr(readiness.machine, "free_bytes", lambda: 2**28)
        monkeypatch.setattr(readiness_list.teacher_link, "listens_here_alone", lambda: True)
    readiness_list.start_rehearsal()
    [run] = runs.list_runs()
    if state == "running":
        at_work(run)
    else:
        say(run, state, ended=time.time(), seconds=1.5, epoch=1, epochs=1)
    app = open_page("before_class", lang="zh")
    assert not app.exception and not (found := left(app, "Mobilenet Vgg")), "\n".join(found)


BROWSERS = (
    {"modern": True, "width": 1440, "height": 900},
    {"secure": True, "camera": "works", "across": 640, "down": 480},
    {"secure": True, "camera": "refused"},
    {"secure": True, "camera": "busy", "cameras": 1},
    {"secure": True, "cameras": 0},
    {"secure": True, "cameras": 2},
)


def test_all_that_is_said_of_a_browser_is_in_chinese(chinese: None):
    checks = [check for found in BROWSERS for check in readiness_list._conditions(found)]
    said = [text for one in checks for text in (one.name, one.message)]
    assert not english_left(map(languages.recognised, said))


@pytest.fixture
def roles(home: Path) -> Iterator[None]:
    access.hang(Door("a-token-of-the-teacher", is_served=True))
    yield
    access.hang(Door())


@pytest.mark.parametrize("who", ["teacher", "student", "guest"])
def test_what_a_role_sees_is_in_chinese(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, home: Path, roles: None, run: runs.Run, who: str
):
    somebody = {
        "teacher": Visitor("teacher", Role.TEACHER),
        "student": Visitor("a" * 16, Role.STUDENT),
        "guest": access.GUEST,
    }[who]
    monkeypatch.setattr(access.visitor, "_sources", [lambda: somebody])
    monkeypatch.setattr(disk, "usage", lambda: Usage(10**12, 10**8))
    (home / limits.NAME).write_text('{"epochs": "many"}')
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["language"] = "zh"
    app = app.run()
    assert not app.exception and not (found := left(app, "many")), "\n".join(found)


def refused(do: Callable[[], object]) -> str:
    with pytest.raises(CnnLabError) as error:
        do()
    return languages.recognised(str(error.value))


def test_what_a_student_may_not_is_said_in_chinese(
    chinese: None, monkeypatch: pytest.MonkeyPatch, run: runs.Run
):
    monkeypatch.setattr(disk, "usage", lambda: Usage(10**12, 10**8))
    with access.acting_as(Visitor("a" * 16, Role.STUDENT)):
        said = [
            refused(lambda: limits.check_settings(epochs=1000)),
            refused(lambda: limits.check_settings(image_size=1000)),
            refused(lambda: limits.check_settings(parameters=10**9)),
            refused(lambda: limits.check_queue(3, 3)),
            refused(lambda: limits.check_queue(0, 1000)),
            refused(lambda: limits.check_jobs(3)),
            refused(lambda: limits.check_upload(10**9)),
            refused(lambda: limits.change({})),
            refused(disk.check),
            refused(run.request_stop),
            refused(lambda: access.require("b" * 16, "add a lesson")),
            refused(lambda: people.call("", "A")),
        ]
    assert not (found := english_left(said)), "\n".join(found)
    assert said[9].startswith("只有教师可以停止")


def test_what_is_wrong_with_a_lesson_is_said_in_chinese(chinese: None, tmp_path: Path):
    faulty = {
        "bytes": b"\xff",
        "front": LESSON.replace("+++", "", 1),
        "minutes": re.sub(r"minutes = \d+", "minutes = 0", LESSON),
        "image": f"{LESSON}\n![a](b)\n",
        "address": LESSON.replace("page: ", "page: nowhere", 1),
        "long": b"a" * (reading.MOST_BYTES + 1),
    }
    said = []
    for name, content in faulty.items():
        path = tmp_path / f"{name}.md"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        said.append(refused(lambda path=path: reading.read(path)))
    pages = " ".join(reading.addresses.ARGUMENTS)
    found = english_left(said, ["md UTF-8", *faulty, "title minutes needs goals", pages, "nowhereconcepts'"])
    assert not found, "\n".join(found)


def test_a_job_says_in_chinese_how_far_it_is(chinese: None, run: runs.Run):
    now = run.status()
    for state in wording.STATES:
        say(run, state, epoch=1, epochs=4, step=3, steps_per_epoch=10)
        told = [wording.progress(run.status()), jobs.told(run, run.status())[1], wording.created(now)]
        assert not english_left(told), told
    assert run.kind is TRAIN


def test_a_pulse_has_one_word_in_every_language(monkeypatch: pytest.MonkeyPatch, run: runs.Run):
    at_work(run)
    give_weights(run)
    words = set()
    for name in languages.LANGUAGES:
        monkeypatch.setattr(languages, "_asked", lambda name=name: name)
        pulse._words._kept.clear()
        words |= {pulse.word(pulse.MACHINE)}
    assert len(words) == 1


def test_the_page_of_the_teachers_link_speaks_the_language_of_its_browser():
    said = teachers_page("zh-CN,zh;q=0.9,en;q=0.8")
    words = re.sub(r"<(style|script)>.*?</\1>|<[^>]*>", " ", said, flags=re.DOTALL)
    assert 'lang="zh-Hans"' in said and not english_left([words])
    assert "Sign in" in teachers_page("de,en")
    assert "Sign in" not in teachers_page("en", b"lang=zh")


def test_the_switch_changes_nothing_but_words(open_page: OpenPage, run: runs.Run):
    give_weights(run)
    say(run, "finished", epoch=5, epochs=5)
    name = lessons.all_lessons().lessons[0].name
    app = open_page("lessons", state={"hand_on": True}, about=name)
    app = app.multiselect(key=f"hand_on_{name}").set_value([run.id]).run()
    app.session_state["language"] = "zh"
    app = app.run()
    assert not app.exception
    assert app.multiselect(key=f"hand_on_{name}").value == [run.id]
    assert app.multiselect(key=f"hand_on_{name}").label == "附带的训练任务"


def test_facts_of_a_lesson_are_said_in_chinese(chinese: None):
    for lesson in lessons.all_lessons().lessons:
        assert not english_left([overview.facts(lesson)])


def asked(header: str, query: bytes = b"") -> Request:
    headers = [(b"accept-language", header.encode())]
    return Request({"type": "http", "method": "GET", "headers": headers, "query_string": query})


def teachers_page(header: str, query: bytes = b"") -> str:
    return bytes(coroutines.run(teacher_link.teacher(asked(header, query))).body).decode()


@pytest.mark.parametrize(
    ("header", "wanted"), [("zh-TW,en", "zh"), ("en-GB,zh", "en"), ("fr", "en"), ("", "en"), ("*;q=0", "en")]
)
def test_a_request_asks_for_a_language(header: str, wanted: str):
    assert language.of_request(asked(header)) == wanted
