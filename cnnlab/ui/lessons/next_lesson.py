"""What Home offers: the step of a lesson that comes next for whoever looks at it."""

import streamlit as st

from cnnlab import lessons
from cnnlab.languages import _
from cnnlab.lessons import Lesson
from cnnlab.lessons.addresses import PLAY
from cnnlab.lessons.places import Place
from cnnlab.ui.lessons import overview, standing
from cnnlab.ui.wording import plain


def offer() -> None:
    """Offer, with the page's one filled button, to start a lesson, to go on, or to take the next one."""
    known = {lesson.name: lesson for lesson in lessons.all_lessons().lessons}
    if not known:
        return
    begun = [(known[name], place) for name, place in standing.all_places().items() if name in known]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if not begun:
            _first(first_to_show(tuple(known.values())))
        else:
            _next(*begun[-1])
        st.page_link("pages/lessons.py", label=_("All lessons"), icon=":material/menu_book:", width="content")


def first_to_show(known: tuple[Lesson, ...]) -> Lesson:
    """Return the lesson for somebody who was never here: the first that begins with a scene that moves."""
    moving = (one for one in known if one.steps[0].address and PLAY in one.steps[0].address.query)
    return next(moving, known[0])


def _first(lesson: Lesson) -> None:
    overview.begin(lesson, None, label=_("Start a lesson: {title}", title=lesson.title), type="primary")
    steps = len(lesson.steps)
    said = _("{minutes} min, {steps} steps, each on its page.", minutes=lesson.minutes, steps=steps)
    st.markdown(said, width="content")


def _next(lesson: Lesson, place: Place) -> None:
    """Offer what follows the step that was looked at last."""
    if not place.is_over:
        overview.begin(lesson, place, label=_("Go on: {title}", title=lesson.title), type="primary")
        st.markdown(_("You stand at {place}.", place=overview.where(lesson, place)), width="content")
    elif after := standing.following(lesson):
        label = _("Next lesson: {title}", title=after.title)
        overview.begin(after, standing.all_places().get(after.name), label=label, type="primary")
        was = overview.where(lesson, place)
        st.markdown(_("Last: {title}, {place}.", title=plain(lesson.title), place=was), width="content")
    else:
        overview.begin(lesson, place, label=_("Again: {title}", title=lesson.title), type="primary")
        st.markdown(_("You reached the end of the last lesson."), width="content")
