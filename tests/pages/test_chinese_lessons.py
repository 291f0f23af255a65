"""Lessons on Chinese pages: the list, an overview and a step are the Chinese ones, at the same place."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from cnnlab import lessons
from cnnlab.ui.wording import plain
from tests.lessons.made_up import written
from tests.pages.test_addresses import run_with
from tests.pages.test_lessons import BESIDE, texts

OpenPage = Callable[..., AppTest]
FIRST = lessons.all_lessons("zh").lessons[0]
IN_A_LANGUAGE = "from cnnlab.ui import language\nlanguage.begin()\n"


def test_the_list_has_every_lesson_in_chinese_and_a_teachers_own_as_it_was_written(open_page: OpenPage):
    written(lessons.own_folder(), name="mine.md")
    app = open_page("lessons", lang="zh")
    assert not app.exception
    shown = [header.value for header in app.header]
    assert [plain(lesson.title) for lesson in lessons.all_lessons("zh").lessons] == shown
    assert "A short lesson" in shown
    assert plain(FIRST.goals[0]) in texts(app)


def test_an_overview_and_a_step_change_their_language_and_keep_their_place(open_page: OpenPage):
    app = open_page("lessons", about=FIRST.name, lang="zh")
    assert not app.exception and FIRST.about in texts(app)
    english = lessons.get(FIRST.name, "en")
    app.session_state["language"] = "en"
    assert english.about in texts(app.run())
    app = AppTest.from_string(IN_A_LANGUAGE + BESIDE, default_timeout=60).run()
    app = run_with(app, lesson=FIRST.name, lesson_step="2", lang="zh")
    assert FIRST.steps[1].text in texts(app)
    app = run_with(app, lesson=FIRST.name, lesson_step="2", lang="en")
    assert english.steps[1].text in texts(app) and FIRST.steps[1].title not in texts(app)
