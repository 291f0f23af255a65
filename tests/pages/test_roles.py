"""Who may do what on the pages: alone, a teacher, students; cookies are faked where they are read."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import access, runs
from cnnlab.access import Door, Role, Visitor, cookies, disk, limits, people
from cnnlab.access.disk import Usage
from cnnlab.datasets.own import collection
from cnnlab.runs.liveness import ProcessId
from cnnlab.training import recipes
from cnnlab.ui import visitors
from tests.pages.conftest import say

OpenPage = Callable[..., AppTest]
TOKEN = "a-token-of-the-teacher"
CONFIG = recipes.get("lenet5-digits").config


class Class:
    """Browsers of a teacher and of students: one of them looks at the pages, with its cookies."""

    def __init__(self) -> None:
        self.door = Door(TOKEN, is_served=True)
        access.hang(self.door)
        student, teacher = cookies.names()
        anna, ben = ({student: cookies.for_student()} for _ in range(2))
        self.jars = {
            "anna": anna,
            "ben": ben,
            "guest": {},
            "forged": {student: f"s1.{'a' * 16}.1.{'A' * 43}"},
        }
        self.jars["teacher"] = {**anna, teacher: self.door.let_in(TOKEN, "")}
        self.sent: dict[str, str] = {}

    def looks(self, name: str) -> None:
        self.sent = self.jars[name]

    def visitor(self, name: str) -> Visitor:
        return self.door.visitor(self.jars[name], {"host": "school"})

    def run_of(self, name: str, **settings: object) -> runs.Run:
        with access.acting_as(self.visitor(name)):
            return runs.create(CONFIG.changed(**settings))


@pytest.fixture
def lesson(monkeypatch: pytest.MonkeyPatch, home):
    found = Class()
    monkeypatch.setattr(visitors, "sent", lambda: (found.sent, {"host": "school"}))
    yield found
    access.hang(Door())


def works(run: runs.Run) -> None:
    say(run, "running", process=vars(ProcessId.of(os.getpid())), heartbeat=time.time())


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def texts(app: AppTest) -> str:
    return "\n".join(str(one.value) for one in (*app.markdown, *app.caption, *app.warning, *app.error))


def test_a_person_at_home_has_all_rights_and_no_ceremony(open_page: OpenPage):
    app = open_page("home")
    assert "Only this machine" in texts(app)
    assert "Sign out" not in labels(app)
    assert "eacher" not in "".join(str(one.value) for one in app.sidebar.caption)


@pytest.mark.parametrize(
    ("name", "word"),
    [("teacher", "teacher"), ("anna", "student"), ("guest", "cookies"), ("forged", "cookies")],
)
def test_home_says_who_one_is_and_offers_only_the_teacher_more(lesson, open_page: OpenPage, name, word):
    lesson.looks(name)
    app = open_page("home")
    assert not app.exception
    assert word in texts(app)
    assert ("Sign out" in labels(app)) is (name == "teacher")
    assert bool(app.number_input) is (name == "teacher")


@pytest.mark.parametrize(
    ("name", "may"), [("anna", True), ("ben", False), ("guest", False), ("teacher", True)]
)
def test_a_run_is_stopped_on_its_page_by_who_may_and_a_message_for_the_disabled_button_is_refused(
    lesson, open_page: OpenPage, name, may
):
    run = lesson.run_of("anna")
    works(run)
    lesson.looks(name)
    app = open_page("train", run=run.id)
    stop = app.button(key="stop")
    assert stop.disabled is not may
    assert bool(stop.help and "owner" in stop.help) is not may
    lesson.looks("anna")
    app = open_page("train", run=run.id)
    lesson.looks(name)
    app = app.button(key="stop").click().run()
    assert not app.exception
    assert run.stop_requested() is may
    assert bool(app.error) is not may


def test_a_cookie_that_is_deleted_midway_takes_the_rights_with_it(lesson, open_page: OpenPage):
    run = lesson.run_of("anna")
    works(run)
    lesson.looks("anna")
    app = open_page("train", run=run.id)
    lesson.looks("guest")
    app = app.button(key="stop").click().run()
    assert not run.stop_requested()
    assert app.button(key="stop").disabled


def test_a_teacher_who_signs_out_is_a_student_in_every_tab(lesson, open_page: OpenPage, monkeypatch):
    lesson.looks("teacher")
    one, other = open_page("home"), open_page("home")
    next(button for button in one.button if button.label == "Sign out").click().run()
    assert "Sign out" not in labels(one)
    monkeypatch.setattr(visitors, "KEPT_SECONDS", 0.0)
    assert "Sign out" not in labels(other.run())
    assert lesson.visitor("teacher").role is Role.STUDENT


def test_what_others_made_is_looked_at_and_not_changed_on_the_page_of_runs(lesson, open_page: OpenPage):
    mine, other = lesson.run_of("anna"), lesson.run_of("ben")
    for run in (mine, other):
        say(run, "stopped", epoch=1)
    lesson.looks("anna")
    for chosen, may in (([mine], True), ([other], False), ([mine, other], False)):
        app = open_page("runs", {"runs_chosen": [run.id for run in chosen]})
        assert not app.exception
        found = {button.label: button for button in app.button}
        assert [found[label].disabled for label in ("Star", "Delete")] == [not may] * 2
        assert len({run.id for run in chosen} & set(app.dataframe[0].value["Id"])) == len(chosen)
        lesson.looks("teacher")
        app = open_page("runs", {"runs_chosen": [run.id for run in chosen]})
        lesson.looks("anna")
        app = next(button for button in app.button if button.label == "Star").click().run()
        assert bool(app.error) is not may
    assert [run.starred for run in (mine, other)] == [True, False]


def test_the_teacher_reads_whose_a_run_is_and_students_only_which_are_theirs(lesson, open_page: OpenPage):
    people.call(lesson.visitor("ben").id, "Ben *B*")
    mine, other = lesson.run_of("anna"), lesson.run_of("ben")
    shown = {}
    for name in ("teacher", "anna"):
        lesson.looks(name)
        table = open_page("runs").dataframe[0].value
        shown[name] = dict(zip(table["Id"], table["Owner"], strict=True))
    assert shown["teacher"][other.id] == "Ben *B*"
    assert shown["teacher"][mine.id].startswith("Student ")
    assert shown["anna"] == {mine.id: "yours", other.id: ""}


def test_another_students_run_in_the_address_is_forked_into_ones_own(lesson, open_page: OpenPage):
    parent = lesson.run_of("anna")
    say(parent, "stopped", epoch=1)
    for which in ("best", "last"):
        (parent.folder / "checkpoints" / f"{which}.keras").write_bytes(b"weights")
    lesson.looks("ben")
    app = open_page("train", run=parent.id)
    assert not app.button(key="fork").disabled
    assert app.button(key="more").disabled
    app = app.button(key="fork").click().run()
    app = next(button for button in app.button if button.label == "Start training").click().run()
    assert not app.exception
    [child] = set(runs.list_runs()) - {parent}
    assert (child.owner, parent.owner) == (lesson.visitor("ben").id, lesson.visitor("anna").id)


def test_a_form_with_more_than_a_student_may_ask_for_says_so_and_starts_nothing(lesson, open_page: OpenPage):
    lesson.looks("anna")
    app = open_page("train")
    app = app.number_input(key="run_epochs").set_value(limits.read().epochs + 1).run()
    assert str(limits.read().epochs) in texts(app)
    app = next(button for button in app.button if button.label == "Start training").click().run()
    assert app.error
    assert runs.list_runs() == []
    lesson.looks("teacher")
    app = next(button for button in app.button if button.label == "Start training").click().run()
    assert len(runs.list_runs()) == 1


def test_a_network_that_is_too_large_for_students_is_refused_from_home_too(lesson, open_page: OpenPage):
    with access.acting_as(lesson.visitor("teacher")):
        limits.change({"parameters": 1_000})
    lesson.looks("anna")
    app = open_page("home").button(key="train_now").click().run()
    assert any("1,000" in error.value for error in app.error)
    assert runs.list_runs() == []


def test_the_teacher_changes_the_limits_on_the_page_and_a_bad_one_is_said(lesson, open_page: OpenPage, home):
    lesson.looks("teacher")
    app = open_page("home")
    app.number_input(key="limit-epochs").set_value(7)
    next(button for button in app.button if button.label == "Save").click().run()
    assert limits.read().epochs == 7
    (home / limits.NAME).write_text('{"epochs": 0, "more": 1}')
    assert "Epochs" in texts(open_page("home"))
    lesson.looks("anna")
    assert limits.NAME not in texts(open_page("home"))


def titles(app: AppTest) -> list[str]:
    """Return the titles of the runs in the queue, in their order."""
    found = [one.proto.label for one in app.get("page_link")]
    return [label.partition("\\. ")[2] for label in found if label[:1].isdigit()]


def test_everybody_sees_the_queue_and_the_teacher_moves_and_clears_it(lesson, open_page: OpenPage):
    first, second, third = (
        lesson.run_of(name, title=title)
        for name, title in (("anna", "One"), ("anna", "Two"), ("ben", "Three"))
    )
    lesson.looks("ben")
    app = open_page("home")
    assert titles(app) == ["One", "Three", "Two"]
    assert sum("yours" in caption.value for caption in app.caption) == 1
    assert not {"Clear the queue"} & labels(app)
    assert not [button for button in app.button if str(button.key).startswith("queue-")]
    lesson.looks("teacher")
    app = open_page("home").button(key=f"queue-first-{second.id}").click().run()
    assert titles(app) == ["Two", "One", "Three"]
    app = app.button(key=f"queue-stop-{first.id}").click().run()
    assert [run.stop_requested() for run in (first, second, third)] == [True, False, False]
    next(button for button in app.button if button.label == "Clear the queue").click().run()
    assert all(run.stop_requested() for run in (first, second, third))


def test_a_waiting_run_says_its_place_and_that_nothing_is_known_yet(lesson, open_page: OpenPage):
    works(lesson.run_of("anna"))
    waits = lesson.run_of("ben")
    lesson.looks("ben")
    said = open_page("train", run=waits.id).get("progress")[0].proto.text.replace("\\", "")
    assert said == "Queued (1 ahead), no estimate yet"


def surroundings() -> None:
    from cnnlab.ui import classroom

    classroom.disk_warning()


def test_a_disk_that_fills_up_is_said_beside_every_page(lesson, monkeypatch):
    assert not AppTest.from_function(surroundings).run().warning
    monkeypatch.setattr(disk, "usage", lambda: Usage(10**9, 2 * 10**9))
    for name in ("teacher", "anna"):
        lesson.looks(name)
        [warning] = AppTest.from_function(surroundings).run().warning
        assert "disk space" in warning.value


def test_a_dataset_of_another_is_looked_at_and_not_added_to(lesson, open_page: OpenPage):
    with access.acting_as(lesson.visitor("anna")):
        name = collection.create("Hands", ["rock", "paper"]).name
    lesson.looks("ben")
    app = open_page("collect", dataset=name)
    assert not app.exception
    assert any("add images" in info.value for info in app.info)
    assert "Add" not in labels(app)
    lesson.looks("anna")
    assert "Add" in labels(open_page("collect", dataset=name))


def test_jobs_of_others_cannot_be_cancelled(lesson, open_page: OpenPage):
    from cnnlab.runs import jobs
    from cnnlab.runs.kinds import EXPORT

    run = lesson.run_of("anna")
    say(run, "finished", epoch=1)
    with access.acting_as(lesson.visitor("anna")):
        job = jobs.ask(EXPORT, {"run": run.id})
    job.write_status(replace(job.status(), state="running", process=vars(ProcessId.of(os.getpid()))))
    lesson.looks("ben")
    app = open_page("runs", {"runs_chosen": [run.id], "runs_view_one": "Export"})
    stops = [button for button in app.button if button.key == f"stop {job.id}"]
    for stop in stops:
        assert stop.disabled
        stop.click().run()
    assert not job.stop_requested()


_opened: list[str] | None = None


def _note(event: str, given: tuple) -> None:
    if event == "open" and _opened is not None and isinstance(given[0], str | os.PathLike):
        _opened.append(os.fspath(given[0]))


def test_looking_again_reads_no_file_of_access(lesson, open_page: OpenPage, home):
    global _opened
    sys.addaudithook(_note)  # none can be taken away: it stays, and notes nothing
    run = lesson.run_of("anna")
    lesson.run_of("ben")
    for name in ("teacher", "anna"):
        lesson.looks(name)
        with access.acting_as(lesson.visitor("teacher")):
            limits.change({"epochs": 50})
        for page in ("home", "train", "runs"):
            app = open_page(page, run=run.id).run()
            _opened = []
            app.run()
            seen, _opened = [Path(path) for path in _opened], None
            private = home / "access"
            assert not [path for path in seen if private in path.parents or path == home / limits.NAME]
            assert not [path for path in seen if path.name in {"queue.json", "owner.json"}]


def test_a_code_leads_to_this_server_where_others_can_open_it(
    lesson: Class, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    """At home no other machine can: the page says so and shows no code that leads nowhere."""
    lesson.looks("teacher")
    with access.acting_as(lesson.visitor("teacher")):
        made = collection.create("Hands", ["rock", "paper"])
    app = open_page("collect", dataset=made.name)
    assert any("collect?dataset" in one.value for one in app.caption) and not app.info
    access.hang(Door())
    monkeypatch.setattr(visitors, "sent", lambda: ({}, {}))
    app = open_page("collect", dataset=made.name)
    assert not any("collect?dataset" in one.value for one in app.caption)
    assert any("--server.address" in info.value for info in app.info)
