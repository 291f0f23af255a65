"""Lessons on the pages: the list, an overview, the step beside every page, Home's next step."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import lessons
from cnnlab.lessons import places
from cnnlab.lessons.places import Place
from cnnlab.ui.lessons import next_lesson
from tests.lessons.made_up import LESSON, written
from tests.pages.test_addresses import VALUES, run_with

OpenPage = Callable[..., AppTest]
FIRST = lessons.all_lessons().lessons[0]


@pytest.fixture
def mine() -> lessons.Lesson:
    """A lesson of a teacher's own."""
    written(lessons.own_folder(), name="mine.md")
    return lessons.get("mine")


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
        assert lesson.title in [header.value for header in app.header]
        assert f"begin-{lesson.name}" in keys(app)
    assert f"{mine.minutes} min" in texts(app) and "say what a pixel is" in texts(app)
    assert "broken" in texts(app)


def test_an_overview_shows_the_steps_and_what_to_do_without(open_page: OpenPage, mine: lessons.Lesson):
    app = open_page("lessons", about="mine")
    assert not app.exception and page_of(app) == mine.title
    assert "Look at a run that is there." in texts(app)
    links = [link.proto for link in app.get("page_link")]
    assert any(
        "Zoom into the pixels" in link.label and "lesson_step=1" in link.query_string for link in links
    )
    assert not open_page("lessons", about="../nothing").exception


def test_a_lesson_begins_on_the_page_of_its_first_step_and_goes_on_and_back(
    open_page: OpenPage, mine: lessons.Lesson
):
    app = open_page("lessons").button(key="begin-mine").click().run()
    assert not app.exception and page_of(app) == "Concepts"
    assert app.query_params["concept"] == ["image"] and app.query_params["lesson_step"] == ["1"]
    assert "Step 1 of 4" in texts(app) and "Drag the window" in texts(app)
    assert app.button(key="lesson_back").disabled
    app = app.button(key="lesson_next").click().run()
    assert app.query_params["concept"] == ["convolution"] and "Step 2 of 4" in texts(app)
    app = app.button(key="lesson_next").click().run()
    assert "No page belongs to this" in texts(app) and page_of(app) == "Concepts"
    app = app.button(key="lesson_back").click().run()
    assert "Step 2 of 4" in texts(app) and app.query_params["kernel"] == ["laplacian"]


def test_a_lesson_stays_beside_other_pages_until_it_is_left(open_page: OpenPage, mine: lessons.Lesson):
    app = open_page("lessons").button(key="begin-mine").click().run()
    app.query_params.clear()
    app = app.switch_page("pages/data.py").run()
    assert page_of(app) == "Data" and "Step 1 of 4" in texts(app)
    app = app.button(key="lesson_leave").click().run()
    assert page_of(app) == "Data" and "lesson_next" not in keys(app) and "lesson" not in app.query_params
    assert not app.exception


def test_the_end_of_a_lesson_shows_its_overview_and_the_next_one(open_page: OpenPage):
    count = len(FIRST.steps)
    app = open_page("train", lesson=FIRST.name, lesson_step=str(count))
    app = app.button(key="lesson_next").click().run()
    assert not app.exception and page_of(app) == FIRST.title
    assert places.all_places()[FIRST.name].is_over
    following = lessons.all_lessons().lessons[1]
    assert f"begin-next-{following.name}" in keys(app)
    home = open_page("home")
    assert f"begin-{following.name}" in keys(home) and FIRST.title in texts(home)


def test_answers_are_hidden_until_they_are_asked_for(open_page: OpenPage, mine: lessons.Lesson):
    app = open_page("concepts", lesson="mine", lesson_step="1")
    [answer] = [fold for fold in app.expander if "answer" in fold.label]
    assert not answer.proto.expanded and "64" in answer.markdown[0].value


def test_an_address_opens_a_step_whatever_it_says(open_page: OpenPage, mine: lessons.Lesson):
    app = open_page("home")
    for name, value in VALUES.items():
        app = run_with(app, lesson=value, lesson_step=value)
        assert not app.exception, name
        app = run_with(app, lesson="mine", lesson_step=value)
        assert not app.exception and "of 4" in texts(app), name
    app = run_with(app, lesson="mine", lesson_step="99")
    assert "Step 4 of 4" in texts(app)
    assert not run_with(open_page("lessons"), about="a" * 9999).exception


def test_texts_of_a_lesson_are_shown_and_not_obeyed(open_page: OpenPage):
    odd = "<b>:material/home: [x](http://a.b) -> \\`"
    written(lessons.own_folder(), LESSON.replace("A short lesson", odd.replace("\\", "")), "odd.md")
    app = open_page("lessons", about="odd")
    assert not app.exception
    assert r"\<b\>" in page_of(app)
    app = open_page("train", lesson="odd", lesson_step="1")
    assert not app.exception and r"\<b\>" in app.button(key="lesson_leave").label


def test_a_lesson_that_is_deleted_meanwhile_is_said_once(open_page: OpenPage, mine: lessons.Lesson):
    app = open_page("lessons").button(key="begin-mine").click().run()
    mine.path.unlink()
    app = app.run()
    assert not app.exception and "mine" in texts(app) and "lesson_next" not in keys(app)


def test_home_leads_a_new_visitor_into_a_scene_that_moves_with_its_one_filled_button(open_page: OpenPage):
    app = open_page("home")
    [filled] = [button for button in app.button if button.proto.type == "primary"]
    moving = next_lesson.first_to_show(lessons.all_lessons().lessons)
    assert filled.key == f"begin-{moving.name}"
    assert moving.steps[0].address and "play" in moving.steps[0].address.query
    app = filled.click().run()
    assert page_of(app) == "Concepts" and f"Step 1 of {len(moving.steps)}" in texts(app)


def test_home_goes_on_where_the_visitor_stands(open_page: OpenPage, mine: lessons.Lesson):
    places.keep("mine", Place(2, 60.0, 1.0))
    app = open_page("home")
    [filled] = [button for button in app.button if button.proto.type == "primary"]
    assert filled.key == "begin-mine" and "step 2 of 4" in texts(app)
    app = filled.click().run()
    assert app.query_params["concept"] == ["convolution"]


def test_a_recipe_and_a_dataset_are_opened_by_their_addresses(open_page: OpenPage):
    app = open_page("train", recipe="baseline-gestures-drawn")
    assert app.selectbox(key="run_recipe").value == "baseline-gestures-drawn"
    app = app.number_input(key="run_epochs").set_value(2).run()
    assert app.number_input(key="run_epochs").value == 2
    app = open_page("data", dataset="gestures_drawn")
    assert app.selectbox(key="data_dataset").value == "gestures_drawn"
    app = app.selectbox(key="data_dataset").select("digits").run()
    assert app.selectbox(key="data_dataset").value == "digits"


def test_nothing_is_drawn_where_no_lesson_is_open(open_page: OpenPage):
    app = open_page("train")
    assert "lesson_next" not in keys(app) and "lesson" not in app.query_params
