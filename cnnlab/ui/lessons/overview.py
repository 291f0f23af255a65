"""The list of lessons, and one of them: its goals, its steps, what it needs and what to do without."""

from itertools import islice
from typing import Literal

import streamlit as st

from cnnlab import lessons
from cnnlab.languages import _, _n, _p, texts
from cnnlab.lessons import Lesson
from cnnlab.lessons.places import Place
from cnnlab.ui.lessons import handing_on, standing
from cnnlab.ui.lessons.markdown import lesson_markdown
from cnnlab.ui.lessons.standing import Standing
from cnnlab.ui.wording import page_title, plain, refusal

NEEDED = texts(
    {
        "camera": ":material/photo_camera: camera",
        "training": ":material/trending_up: training",
        "download": ":material/cloud_download: download",
    }
)
WITHOUT = texts(
    {
        "camera": "Without a camera",
        "training": "Without training",
        "download": "Without a download",
        "time": "Without time for all of it",
    }
)
COLUMNS = 2


def everything() -> None:
    """Show a card for each lesson, and a line for each file that is none."""
    shelf, places = lessons.all_lessons(), standing.all_places()
    st.markdown(
        _("Steps that open a page, say what to do there, and ask questions. One shows beside every page.")
    )
    handing_on.open_lesson()
    waiting = iter(shelf.lessons)
    while row := list(islice(waiting, COLUMNS)):
        for column, lesson in zip(st.columns(COLUMNS), row, strict=False):
            with column.container(border=True, height="stretch", gap="small"):
                _card(lesson, places.get(lesson.name))
    for fault in shelf.faults:
        st.caption(f":material/error: {refusal(fault)}")


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
            label=_("Overview"),
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
    st.page_link("pages/lessons.py", label=_("All lessons"), icon=":material/arrow_back:")
    st.caption(facts(lesson))
    if place and place.is_over:
        said = _("You reached the end, after {duration}.", duration=_minutes(place))
        st.success(said, icon=":material/check_circle:")
        if following := standing.following(lesson):
            label = _("Next lesson: {title}", title=following.title)
            begin(following, None, key="next-", label=label, type="primary")
    elif place:
        st.markdown(f":material/bookmark: {where(lesson, place)}")
    begin(lesson, place, type="secondary" if place and place.is_over else "primary")
    lesson_markdown(lesson.about)
    left, right = st.columns(2, gap="large")
    with left:
        st.header(_("Goals"), anchor=False)
        st.markdown("\n".join(f"- {plain(goal)}" for goal in lesson.goals))
    with right:
        if lesson.without:
            st.header(_("If something is missing"), anchor=False)
            for key, text in lesson.without.items():
                lesson_markdown(_("**{case}.** {text}", case=_(WITHOUT[key]), text=text))
    st.header(_p("of a lesson", "Steps"), anchor=False)
    with st.container(gap="xsmall"):
        for number in range(1, len(lesson.steps) + 1):
            _step(Standing(lesson, number, place or Place()))
    handing_on.export_lesson(lesson)


def _step(at: Standing) -> None:
    """Link to a step on its page: a teacher begins in the middle, or skips what there is no time for."""
    step, address = at.step, at.page
    said = [_("{n} min", n=step.minutes), page_title(address.page)]
    if step.questions:
        said.append(_n("{n} question", "{n} questions", len(step.questions)))
    if step.bet:
        said.append(_("a bet"))
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
    said = label or (_("Go on with step {n}", n=place.step) if place and goes_on else _("Start"))
    icon = ":material/play_arrow:"
    if st.button(plain(said), icon=icon, key=f"begin-{key}{lesson.name}", type=type, width="content"):
        standing.go_to(lesson, min(place.step, len(lesson.steps)) if place and goes_on else 1)


def facts(lesson: Lesson) -> str:
    """Say how long a lesson is, how many steps and questions it has, and what it needs."""
    said = [
        _("{n} min", n=lesson.minutes),
        _n("{n} step", "{n} steps", len(lesson.steps)),
        _n("{n} question", "{n} questions", lesson.questions),
    ]
    if any(step.bet for step in lesson.steps):
        said.append(_("1 bet"))
    if lesson.is_own:
        said.append(_p("of a lesson", "your own"))
    if lesson.needs:
        said.append(_("needs {things}", things=" · ".join(_(NEEDED[need]) for need in lesson.needs)))
    else:
        said.append(_("works offline, without a camera"))
    return " · ".join(said)


def where(lesson: Lesson, place: Place) -> str:
    """Say where somebody stands in a lesson."""
    if place.is_over:
        return _("done, in {duration}", duration=_minutes(place))
    number = min(place.step, len(lesson.steps))
    title = plain(lesson.steps[number - 1].title)
    return _("step {n} of {steps}: {title}", n=number, steps=len(lesson.steps), title=title)


def _minutes(place: Place) -> str:
    return _("{n} min", n=max(1, round(place.seconds / 60)))
