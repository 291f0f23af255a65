"""Lessons on the pages: the list, an overview, the step beside every page, Home's next step.

``AppTest`` runs a page that was switched to without app.py around it: what stands beside every page is run by
itself here, and where a button leads is written down. A browser test walks a whole lesson.
"""

from collections.abc import Callable, Mapping
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cnnlab import lessons
from cnnlab.lessons import places
from cnnlab.lessons.places import Place
from cnnlab.runs import jobs
from cnnlab.runs.kinds import EXPORT_LESSON
from cnnlab.ui.lessons import next_lesson, standing
from cnnlab.ui.wording import plain
from tests.lessons.made_up import LESSON, written
from tests.pages.test_addresses import VALUES, run_with

OpenPage = Callable[..., AppTest]
Opened = list[tuple[str, dict[str, str]]]
FIRST = lessons.all_lessons().lessons[0]
BESIDE = """
import streamlit as st

from cnnlab.ui.lessons import beside, standing

beside.show(standing.now())
st.title("A page")
"""


@pytest.fixture
def mine() -> lessons.Lesson:
    """A lesson of a teacher's own."""
    written(lessons.own_folder(), name="mine.md")
    return lessons.get("mine")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """The pages that were switched to, with their addresses."""
    found: Opened = []

    def switch(page: str, query_params: Mapping[str, str] | None = None) -> None:
        found.append((page, dict(query_params or {})))
        st.stop()

    monkeypatch.setattr(st, "switch_page", switch)
    return found


def beside(**query: str) -> AppTest:
    """Open what stands beside a page."""
    return run_with(AppTest.from_string(BESIDE, default_timeout=60).run(), **query)


def texts(app: AppTest) -> str:
    return "\n".join(str(part.value) for part in (*app.markdown, *app.caption, *app.error))


def keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


def page_of(app: AppTest) -> str:
    return next(title.value for title in app.title)


def test_the_list_shows_every_lesson_with_its_minutes_goals_and_what_it_needs(
    open_page: OpenPage, mine: lessons.Lesson
):
    written(lessons.own_folder(), "no lesson", "broken.md")
    app = open_page("lessons")
    assert not app.exception
    for lesson in lessons.all_lessons().lessons:
        assert plain(lesson.title) in [header.value for header in app.header]
        assert f"begin-{lesson.name}" in keys(app)
    assert f"{mine.minutes} min" in texts(app) and "say what a pixel is" in texts(app)
    assert "broken" in texts(app)


def test_an_overview_shows_the_steps_and_what_to_do_without(open_page: OpenPage, mine: lessons.Lesson):
    app = open_page("lessons", about="mine")
    assert not app.exception and page_of(app) == plain(mine.title)
    assert "Look at a run that is there." in texts(app)
    links = [link.proto for link in app.get("page_link")]
    assert any(
        "Zoom into the pixels" in link.label and "lesson_step=1" in link.query_string for link in links
    )
    assert not open_page("lessons", about="../nothing").exception


def test_a_lesson_begins_on_the_page_of_its_first_step(
    open_page: OpenPage, opened: Opened, mine: lessons.Lesson
):
    app = open_page("lessons").button(key="begin-mine").click().run()
    assert not app.exception
    page, query = opened[-1]
    assert page == "pages/concepts.py" and query["concept"] == "image"
    assert (query["lesson"], query["lesson_step"]) == ("mine", "1")


def test_next_and_back_open_pages_in_their_scenes(opened: Opened, mine: lessons.Lesson):
    app = beside(lesson="mine", lesson_step="1")
    assert "Step 1 of 4" in texts(app) and "Drag the window" in texts(app)
    assert app.button(key="lesson_back").disabled
    app = app.button(key="lesson_next").click().run()
    page, query = opened[-1]
    assert page == "pages/concepts.py" and query["concept"] == "convolution" and query["lesson_step"] == "2"
    app = run_with(app, **query)
    assert "Step 2 of 4" in texts(app)
    app = app.button(key="lesson_next").click().run()
    assert opened[-1] == (
        "pages/concepts.py",
        {"lesson": "mine", "lesson_step": "3"},
    )  # that of the step before
    app = run_with(app, **opened[-1][1])
    assert "No page belongs to this" in texts(app)
    app = app.button(key="lesson_back").click().run()
    assert opened[-1][1]["lesson_step"] == "2"
    app = run_with(app, lesson="mine", lesson_step="2", present="1")
    app.button(key="lesson_next").click().run()
    assert places.all_places()["mine"].step == 3


def test_a_step_without_a_page_leaves_the_page_as_it_is(
    opened: Opened, mine: lessons.Lesson, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("cnnlab.ui.lessons.standing._page_that_is_open", lambda: "concepts")
    app = beside(lesson="mine", lesson_step="2", concept="convolution", step="17")
    app = app.button(key="lesson_next").click().run()
    assert not opened and "No page belongs to this" in texts(app)
    assert app.query_params["step"] in ("17", ["17"])


def test_presenting_stays_on_when_a_step_opens_another_page(opened: Opened, mine: lessons.Lesson):
    beside(lesson="mine", lesson_step="1", present="1").button(key="lesson_next").click().run()
    assert opened[-1][1]["present"] == "1"


def test_a_lesson_stays_open_on_other_pages_until_it_is_left(mine: lessons.Lesson):
    app = run_with(beside(lesson="mine", lesson_step="2"))
    assert "Step 2 of 4" in texts(app) and "lesson" not in app.query_params
    app = run_with(app, lesson="mine", lesson_step="2")
    app = app.button(key="lesson_leave").click().run()
    assert not app.exception and "lesson_next" not in keys(app) and "lesson" not in app.query_params
    assert "lesson_next" not in keys(app.run())
    assert places.all_places()["mine"].step == 2


def test_an_older_address_does_not_open_a_lesson_again_that_was_just_left(
    mine: lessons.Lesson, monkeypatch: pytest.MonkeyPatch
):
    app = beside(lesson="mine", lesson_step="2").button(key="lesson_leave").click().run()
    app = run_with(app, lesson="mine", lesson_step="2")  # the browser has not heard of it yet
    assert "lesson_next" not in keys(app) and "lesson" not in app.query_params
    other = run_with(app, lesson=FIRST.name, lesson_step="1")
    assert "lesson_next" in keys(other)
    left = other.button(key="lesson_leave").click().run()
    monkeypatch.setattr(standing, "CLOSING_SECONDS", 0.0)
    assert "lesson_next" in keys(run_with(left, lesson=FIRST.name, lesson_step="1"))  # somebody goes back


def test_the_end_of_a_lesson_shows_its_overview_and_the_next_one(open_page: OpenPage, opened: Opened):
    app = beside(lesson=FIRST.name, lesson_step=str(len(FIRST.steps)))
    app.button(key="lesson_next").click().run()
    assert opened == [("pages/lessons.py", {"about": FIRST.name})]
    assert places.all_places()[FIRST.name].is_over
    following = lessons.all_lessons().lessons[1]
    app = open_page("lessons", about=FIRST.name)
    assert not app.exception and f"begin-next-{following.name}" in keys(app)
    home = open_page("home")
    assert f"begin-{following.name}" in keys(home) and plain(FIRST.title) in texts(home)


def test_answers_are_hidden_until_they_are_asked_for(mine: lessons.Lesson):
    app = beside(lesson="mine", lesson_step="1")
    [answer] = [fold for fold in app.expander if "answer" in fold.label]
    assert not answer.proto.expanded and "64" in answer.markdown[0].value


def test_an_address_opens_a_step_whatever_it_says(open_page: OpenPage, mine: lessons.Lesson):
    app = beside()
    for name, value in VALUES.items():
        app = run_with(app, lesson=value, lesson_step=value)
        assert not app.exception, name
        app = run_with(app, lesson="mine", lesson_step=value)
        assert not app.exception and "of 4" in texts(app), name
    app = run_with(app, lesson="mine", lesson_step="99")
    assert "Step 4 of 4" in texts(app)
    assert not run_with(open_page("lessons"), about="a" * 9999).exception


def test_texts_of_a_lesson_are_shown_and_not_obeyed(open_page: OpenPage):
    odd = "<b>:material/home: [x](http://a.b) -> `"
    written(lessons.own_folder(), LESSON.replace("A short lesson", odd), "odd.md")
    app = open_page("lessons", about="odd")
    assert not app.exception and page_of(app) == plain(odd)
    app = beside(lesson="odd", lesson_step="1")
    assert not app.exception and plain(odd) in app.button(key="lesson_leave").label


def test_a_lesson_that_is_deleted_meanwhile_is_said_once(mine: lessons.Lesson):
    app = beside(lesson="mine", lesson_step="2")
    mine.path.unlink()
    app = run_with(app)
    assert not app.exception and "mine" in texts(app) and "lesson_next" not in keys(app)
    assert not app.run().error


def test_home_leads_a_new_visitor_into_a_scene_that_moves_with_its_one_filled_button(
    open_page: OpenPage, opened: Opened
):
    app = open_page("home")
    [filled] = [button for button in app.button if button.proto.type == "primary"]
    moving = next_lesson.first_to_show(lessons.all_lessons().lessons)
    assert filled.key == f"begin-{moving.name}"
    filled.click().run()
    page, query = opened[-1]
    assert page == "pages/concepts.py" and "play" in query and query["lesson"] == moving.name


def test_home_goes_on_where_the_visitor_stands(open_page: OpenPage, opened: Opened, mine: lessons.Lesson):
    places.keep("mine", Place(2, 60.0, 1.0))
    app = open_page("home")
    [filled] = [button for button in app.button if button.proto.type == "primary"]
    assert filled.key == "begin-mine" and "step 2 of 4" in texts(app)
    filled.click().run()
    assert opened[-1][1]["concept"] == "convolution"


def test_a_recipe_and_a_dataset_are_opened_by_their_addresses(open_page: OpenPage):
    app = open_page("train", recipe="baseline-gestures-drawn")
    assert app.selectbox(key="run_recipe").value == "baseline-gestures-drawn"
    app = app.number_input(key="run_epochs").set_value(2).run()
    assert app.number_input(key="run_epochs").value == 2
    app = open_page("data", dataset="digits")
    app = run_with(app, dataset="fashion_mnist")
    assert app.selectbox(key="data_dataset").value == "fashion_mnist"
    app = app.selectbox(key="data_dataset").select("digits").run()
    assert app.selectbox(key="data_dataset").value == "digits"


def test_nothing_is_drawn_where_no_lesson_is_open():
    app = beside()
    assert len(app.main.children) == 1  # the title of the page


def test_one_who_has_not_all_rights_may_not_add_a_lesson(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    asked = []
    monkeypatch.setattr(
        "cnnlab.access.refusal", lambda owner, action: asked.append(action) or "Only the teacher."
    )
    assert not open_page("lessons").exception
    assert "add a lesson" in asked


def test_time_on_a_step_is_counted_and_a_break_is_not(mine: lessons.Lesson, monkeypatch: pytest.MonkeyPatch):
    now = 1e9
    clock = SimpleNamespace(time=lambda: now)
    for module in ("ui.lessons.standing", "ui.lessons.beside", "lessons.places"):
        monkeypatch.setattr(f"cnnlab.{module}.time", clock)
    app = beside(lesson="mine", lesson_step="1")
    for passed in (120, 120, 3 * 24 * 3600, 120):
        now += passed
        app = app.run()
    assert not app.exception and places.all_places()["mine"].seconds == 360


def test_a_lesson_is_handed_on_behind_a_fold(open_page: OpenPage):
    assert "make_capsule" not in keys(open_page("lessons", about=FIRST.name))
    app = open_page("lessons", {"hand_on": True}, about=FIRST.name)
    app = app.button(key="make_capsule").click().run()
    assert not app.exception
    job = jobs.find(EXPORT_LESSON, {"lesson": FIRST.name, "runs": []})
    assert job is not None and job.status().is_active
