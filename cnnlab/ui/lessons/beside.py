"""The step of the open lesson, beside every page: at its right, on a smaller screen above it.

Nothing is drawn where no lesson is open. The place is decided by ``frontend/lesson.css`` alone.
"""

import time

import streamlit as st

from cnnlab.errors import LessonError
from cnnlab.languages import _
from cnnlab.lessons import addresses
from cnnlab.ui.concepts.address import begin_anew
from cnnlab.ui.lessons import standing
from cnnlab.ui.lessons.markdown import lesson_markdown
from cnnlab.ui.lessons.standing import Standing
from cnnlab.ui.own_component import FRONTEND, own_component
from cnnlab.ui.wording import plain, refusal

PANEL = "lesson_panel"


def show(now: Standing | None) -> None:
    """Show the step, with Back, Next and Leave; nothing without a lesson."""
    if now is None:
        if problem := standing.problem():
            st.error(refusal(problem))
        return
    st.html(FRONTEND / "lesson.css")
    with st.container(key=PANEL, gap="small"):
        with st.container(key="lesson_head", gap="small"):
            count = _("Step {n} of {steps}", n=now.number, steps=len(now.lesson.steps))
            st.markdown(f":small[:gray[{count}]] **{plain(now.step.title)}**", width="stretch")
            _clock(now)
            with st.container(horizontal=True, gap="xsmall", key="lesson_buttons"):
                _buttons(now)
        with st.container(key="lesson_text", gap="small"):
            _text(now)


def _buttons(now: Standing) -> None:
    if st.button(_("Back"), key="lesson_back", icon=":material/arrow_back:", disabled=now.number == 1):
        standing.go_to(now.lesson, now.number - 1)
    if now.is_last:
        if st.button(_("Finish"), key="lesson_next", icon=":material/check:"):
            standing.finish(now.lesson)
    elif st.button(_("Next"), key="lesson_next", icon=":material/arrow_forward:", icon_position="right"):
        standing.go_to(now.lesson, now.number + 1)


def _clock(now: Standing) -> None:
    """Show the minutes so far against the plan; links in the text are opened in this very tab."""
    planned = now.lesson.planned(now.number) + now.step.minutes
    since = max(0.0, time.time() - now.place.at)
    data = {
        "seconds": now.place.seconds + since,
        "planned": planned,
        "minutes": now.lesson.minutes,
        "step": f"{now.lesson.name}/{now.number}",
        "words": {
            "fold": _("Text"),
            "time": _("{passed} min so far · plan {planned} of {minutes} min"),
            "help": _(
                "Minutes since the lesson began, without breaks; planned to the end of this step; planned "
                "for the whole lesson"
            ),
        },
    }
    heard = own_component("cnnlab_lesson", "lesson_clock")(
        data=data, key="lesson_clock", on_opened_change=lambda: None, height="content"
    )
    if asked := getattr(heard, "opened", None):
        _open(str(asked), now)


def _open(text: str, now: Standing) -> None:
    """Open a page that the text of a lesson links to; the lesson stays where it is."""
    try:
        address = addresses.parse(text)
    except LessonError as error:
        st.error(refusal(error))
        return
    begin_anew()
    st.switch_page(f"pages/{address.page}.py", query_params={**address.query, **now.address()})


def _text(now: Standing) -> None:
    step, name = now.step, f"{now.lesson.name}-{now.number}"
    lesson_markdown(step.text)
    for number, question in enumerate(step.questions, start=1):
        with st.container(border=True, gap="xsmall", key=f"lesson_question_{number}"):
            lesson_markdown(question.text)
            with st.expander(_("Show the answer"), key=f"lesson_answer_{name}_{number}"):
                lesson_markdown(question.answer)
    st.button(
        _("Leave the lesson: {title}", title=plain(now.lesson.title)),
        key="lesson_leave",
        type="tertiary",
        icon=":material/close:",
        on_click=standing.leave,
    )
