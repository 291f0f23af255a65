"""Which lesson is open in a browser, and at which step: ``?lesson=NAME&lesson_step=K`` on every page.

The session remembers it while its pages change, the browser keeps it in each address (``frontend/frame.js``),
so a reload and a link show the same. ``step`` alone is the step of a scene of Concepts.
"""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

from cnnlab import access, lessons
from cnnlab.errors import LessonError
from cnnlab.lessons import Address, Lesson, Step, places
from cnnlab.lessons.places import Place
from cnnlab.ui.concepts.address import begin_anew

LESSON, STEP = "lesson", "lesson_step"
COUNTED_SECONDS = 60.0
"""The time on a step is counted once in so many seconds, while somebody works on its page."""
KEPT = ("present",)
"""What stays in the address when a step opens another page."""
CLOSING_SECONDS = 10.0
"""So long after a lesson was closed an address that names it is an older one: the browser sends it once more
when it runs the page before it has heard that the lesson is closed."""
_OPEN, _PROBLEM, _PLACES, _CLOSED = "lesson_open", "lesson_problem", "lesson_places", "lesson_closed"


@dataclass(frozen=True)
class Standing:
    """An open lesson, its step counted from 1, and the place with the time spent so far."""

    lesson: Lesson
    number: int
    place: Place

    @property
    def step(self) -> Step:
        """The step that is shown."""
        return self.lesson.steps[self.number - 1]

    @property
    def is_last(self) -> bool:
        """Whether no step follows."""
        return self.number == len(self.lesson.steps)

    @property
    def page(self) -> Address:
        """The page that the step opens; of one that stays where the class is, the page of the step before."""
        before = self.lesson.steps[: self.number]
        found = next((step.address for step in reversed(before) if step.address), Address("lessons"))
        return found if self.step.address else Address(found.page)

    def address(self) -> dict[str, str]:
        """Return what of the address names the step."""
        return {LESSON: self.lesson.name, STEP: str(self.number)}


def now() -> Standing | None:
    """Return the lesson that is open: by the address, else as this session left it."""
    asked = st.query_params.get(LESSON)
    if asked is not None and _was_just_closed(asked):
        _take_out()
        asked = None
    known: tuple[str, int] | None = st.session_state.get(_OPEN)
    if asked is None and known is None:
        return None
    name, number = (asked, _number(st.query_params.get(STEP, ""))) if asked is not None else known or ("", 1)
    try:
        lesson = lessons.get(name)
    except LessonError as error:
        st.session_state.pop(_OPEN, None)
        st.session_state[_PROBLEM] = str(error)
        return None
    place = all_places().get(lesson.name, Place())
    number = min(number or place.step, len(lesson.steps))
    is_late = time.time() - place.at > COUNTED_SECONDS
    if (lesson.name, number) != known or place.step != number or is_late:
        place = _move(lesson, number)
    return Standing(lesson, number, place)


def problem() -> str:
    """Return, once, why the lesson that the address asked for is not open."""
    return st.session_state.pop(_PROBLEM, "")


def go_to(lesson: Lesson, number: int) -> None:
    """Open a step on its page, in its scene; this run of the page ends.

    A step without a page of its own leaves the page as it is, where it is the one of the step before.
    """
    standing = Standing(lesson, number, _move(lesson, number))
    begin_anew()
    kept = {name: st.query_params[name] for name in KEPT if name in st.query_params}
    address = standing.page
    if standing.step.address is None and address.page == _page_that_is_open():
        st.query_params.update(standing.address())
        st.rerun()
    query = {**address.query, **kept, **standing.address()}
    st.switch_page(f"pages/{address.page}.py", query_params=query)


def _page_that_is_open() -> str:
    return urlsplit(st.context.url or "").path.rpartition("/")[2]


def finish(lesson: Lesson) -> None:
    """Close a lesson at its end, and show its overview; this run of the page ends."""
    _move(lesson, len(lesson.steps), is_over=True)
    _close()
    st.switch_page("pages/lessons.py", query_params={"about": lesson.name})


def leave() -> None:
    """Close the lesson; the page stays, and so does the place in the lesson."""
    _close()


def follow(name: str | None) -> None:
    """Have the lesson open that the teacher's page has, by its name, and no other."""
    if name is None:
        _close()
    else:
        st.session_state.pop(_CLOSED, None)


def all_places() -> dict[str, Place]:
    """Return where this visitor stands in each lesson, the latest last; without cookies, this session."""
    known: dict[str, Place] = places.all_places() | st.session_state.get(_PLACES, {})
    return dict(sorted(known.items(), key=lambda item: item[1].at))


def following(lesson: Lesson) -> Lesson | None:
    """Return the first lesson after this one, in their order, whose end was not reached yet."""
    known, reached = lessons.all_lessons().lessons, all_places()
    at = next((number for number, one in enumerate(known) if one.name == lesson.name), -1)
    ahead = (one for one in known[at + 1 :] if not (one.name in reached and reached[one.name].is_over))
    return next(ahead, None)


def _close() -> None:
    if known := st.session_state.pop(_OPEN, None):
        st.session_state[_CLOSED] = known[0], time.monotonic()
    _take_out()


def _take_out() -> None:
    for name in (LESSON, STEP):
        st.query_params.pop(name, None)


def _was_just_closed(lesson: str) -> bool:
    name, at = st.session_state.get(_CLOSED, ("", 0.0))
    return name == lesson and time.monotonic() - at < CLOSING_SECONDS


def _move(lesson: Lesson, number: int, is_over: bool = False) -> Place:
    before = all_places().get(lesson.name, Place())
    if before.is_over and not is_over:
        before = Place()  # begun once more
    place = before.moved(number, is_over)
    st.session_state[_OPEN] = lesson.name, number
    st.session_state.pop(_CLOSED, None)
    st.session_state.setdefault(_PLACES, {})[lesson.name] = place
    if not access.current().is_following:
        places.keep(lesson.name, place)
    return place


def _number(text: str) -> int:
    """Return a step of the address, which people may have typed; 0 where there is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
