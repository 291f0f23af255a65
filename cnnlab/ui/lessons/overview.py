"""The list of lessons, and one of them: its goals, its steps, what it needs and what to do without."""

from itertools import islice
from typing import Literal

import streamlit as st

from cnnlab import lessons
from cnnlab.lessons import Lesson
from cnnlab.lessons.places import Place
from cnnlab.ui.lessons import handing_on, standing
from cnnlab.ui.lessons.markdown import lesson_markdown
from cnnlab.ui.lessons.standing import Standing
from cnnlab.ui.wording import plain

NEEDED = {
    "camera": ":material/photo_camera: camera",
    "training": ":material/trending_up: training",
    "download": ":material/cloud_download: download",
}
WITHOUT = {
    "camera": "Without a camera",
    "training": "Without training",
    "download": "Without a download",
    "time": "Without time for all of it",
}
COLUMNS = 2


def everything() -> None:
    """Show a card for each lesson, and a line for each file that is none."""
    shelf, places = lessons.all_lessons(), standing.all_places()
    st.markdown(
        "Steps that open a page, say what to do there, and ask questions. One shows beside every page."
    )
    handing_on.open_lesson()
    waiting = iter(shelf.lessons)
    while row := list(islice(waiting, COLUMNS)):
        for column, lesson in zip(st.columns(COLUMNS), row, strict=False):
            with column.container(border=True, height="stretch", gap="small"):
                _card(lesson, places.get(lesson.name))
    for fault in shelf.faults:
        st.caption(f":material/error: {plain(fault)}")


def _card(lesson: Lesson, place: Place | None) -> None:
    st.header(plain(lesson.title), anchor=False)
    st.caption(facts(lesson))
    st.markdown("\n".join(f"- {plain(goal)}" for goal in lesson.goals))
    if place:
        st.markdown(f":material/bookmark: {where(lesson, place)}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        begin(lesson, place)
        st.page_link(
            "pages/lessons.py",
            label="Overview",
            icon=":material/list:",
            query_params={"about": lesson.name},
        )


def about(name: str) -> None:
    """Show one lesson.

    Raises:
        LessonError: there is none of this name.
    """
    lesson, place = lessons.get(name), standing.all_places().get(name)
    st.title(plain(lesson.title), anchor=False)
    st.page_link("pages/lessons.py", label="All lessons", icon=":material/arrow_back:")
    st.caption(facts(lesson))
    if place and place.is_over:
        st.success(f"You reached the end, after {_minutes(place)}.", icon=":material/check_circle:")
        if following := standing.following(lesson):
            begin(following, None, key="next-", label=f"Next lesson: {following.title}", type="primary")
    elif place:
        st.markdown(f":material/bookmark: {where(lesson, place)}")
    begin(lesson, place, type="secondary" if place and place.is_over else "primary")
    lesson_markdown(lesson.about)
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Goals", anchor=False)
        st.markdown("\n".join(f"- {plain(goal)}" for goal in lesson.goals))
    with right:
        if lesson.without:
            st.header("If something is missing", anchor=False)
            for key, text in lesson.without.items():
                lesson_markdown(f"**{WITHOUT[key]}.** {text}")
    st.header("Steps", anchor=False)
    with st.container(gap="xsmall"):
        for number in range(1, len(lesson.steps) + 1):
            _step(Standing(lesson, number, place or Place()))
    handing_on.export_lesson(lesson)


def _step(at: Standing) -> None:
    """Link to a step on its page: a teacher begins in the middle, or skips what there is no time for."""
    step, address = at.step, at.page
    said = [f"{step.minutes} min", address.page.replace("_", " ").capitalize()]
    if step.questions:
        said.append("1 question" if len(step.questions) == 1 else f"{len(step.questions)} questions")
    if step.bet:
        said.append("a bet")
    st.page_link(
        f"pages/{address.page}.py",
        label=f"**{at.number}. {plain(step.title)}**  :gray[{' · '.join(said)}]",
        query_params={**address.query, **at.address()},
    )


def begin(
    lesson: Lesson,
    place: Place | None,
    key: str = "",
    label: str = "",
    type: Literal["primary", "secondary"] = "secondary",
) -> None:
    """Offer to start a lesson, or to go on with it where one stands; ``label`` says so in other words."""
    goes_on = place is not None and not place.is_over
    said = label or (f"Go on with step {place.step}" if place and goes_on else "Start")
    icon = ":material/play_arrow:"
    if st.button(plain(said), icon=icon, key=f"begin-{key}{lesson.name}", type=type, width="content"):
        standing.go_to(lesson, min(place.step, len(lesson.steps)) if place and goes_on else 1)


def facts(lesson: Lesson) -> str:
    """Say how long a lesson is, how many steps and questions it has, and what it needs."""
    needs = " · ".join(NEEDED[need] for need in lesson.needs)
    bets = " · 1 bet" if any(step.bet for step in lesson.steps) else ""
    own = " · your own" if lesson.is_own else ""
    said = f"{lesson.minutes} min · {len(lesson.steps)} steps · {lesson.questions} questions{bets}{own}"
    return f"{said} · needs {needs}" if needs else f"{said} · works offline, without a camera"


def where(lesson: Lesson, place: Place) -> str:
    """Say where somebody stands in a lesson."""
    if place.is_over:
        return f"done, in {_minutes(place)}"
    number = min(place.step, len(lesson.steps))
    return f"step {number} of {len(lesson.steps)}: {plain(lesson.steps[number - 1].title)}"


def _minutes(place: Place) -> str:
    return f"{max(1, round(place.seconds / 60))} min"
