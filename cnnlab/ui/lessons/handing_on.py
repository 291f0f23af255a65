"""A lesson to hand on as one ZIP with its runs, and one that somebody hands over."""

from pathlib import Path

import streamlit as st

from cnnlab import access, runs
from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.lessons import Lesson
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import CAPSULE, EXPORT_LESSON, OPEN_LESSON
from cnnlab.streamlit_internals import UploadedFile
from cnnlab.ui import arriving_zip, jobs
from cnnlab.ui.attempt import attempt, complain
from cnnlab.ui.visitors import allowed
from cnnlab.ui.wording import described, plain, refusal

PLACE = "lessons"
MOST_RUNS = 8


@st.fragment
def export_lesson(lesson: Lesson) -> None:
    """Offer, behind a fold, to pack a lesson and runs into one ZIP."""
    label = _("Hand on this lesson")
    fold = st.expander(label, icon=":material/folder_zip:", on_change="rerun", key="hand_on")
    if not fold.open:
        return
    with fold:
        st.markdown(
            _(
                "One ZIP with the lesson and the runs that you choose, to open under *Open a lesson* on any "
                "machine with CNN Lab. A run takes along its weights, its history and its snapshots; of the "
                "dataset only the few images that its snapshots show. Of an experiment in the lesson that "
                "has no recorded result, the last race that was run here goes along."
            )
        )
        try:
            _export(lesson)
        except CnnLabError as error:
            st.error(refusal(error))
        complain(PLACE)


def _export(lesson: Lesson) -> None:
    known = {seen.run.id: seen for seen in runs.overview() if seen.has_weights and not seen.damage}
    chosen = st.multiselect(
        _("Runs to take along"),
        list(known),
        format_func=lambda run_id: described(known[run_id]),
        max_selections=MOST_RUNS,
        key=f"hand_on_{lesson.name}",
    )
    request = {"lesson": lesson.name, "runs": chosen}
    if not jobs.shown(EXPORT_LESSON, done=_download, **request):
        st.button(
            _("Make the ZIP"),
            icon=":material/package_2:",
            key="make_capsule",
            on_click=attempt,
            args=(PLACE, _ask_to_export, request),
        )


def _ask_to_export(request: dict) -> None:
    jobs.ask(EXPORT_LESSON, **request)


def _download(job: Job) -> None:
    path = job.folder / CAPSULE
    if path.is_file():
        name = f"{job.request['lesson']}.zip"
        st.download_button(
            _("Download"),
            path.read_bytes,
            name,
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
            key="download_capsule",
        )
        st.caption(f"{path.stat().st_size / 1e6:,.1f} MB")


def open_lesson() -> None:
    """Offer to open the ZIP of a lesson, and show how far that is."""
    may = allowed("", "add a lesson")
    with st.popover(_("Open a lesson"), icon=":material/folder_zip:", **may):
        st.caption(_("The ZIP of a lesson that was handed on from a page like this one, up to 100 MB."))
        file = st.file_uploader(
            "lesson.zip", ["zip"], key=f"lesson arrival {_count()}", label_visibility="collapsed"
        )
    if file is not None:
        st.session_state.lesson_arrivals = _count() + 1  # an empty uploader: the file is on its way
        attempt(PLACE, _ask_to_open, file)
        st.rerun()
    if (path := st.session_state.get("lesson_arrival")) and not jobs.shown(
        OPEN_LESSON, done=_welcome, zip=path
    ):
        Path(path).unlink(missing_ok=True)
    complain(PLACE)
    if title := st.session_state.get("lesson_arrived"):
        said = _("Imported {title}; it is the last one below.", title=plain(title))
        st.success(said, icon=":material/check_circle:")


def _ask_to_open(file: UploadedFile) -> None:
    access.require("", "add a lesson")
    st.session_state.lesson_arrival = arriving_zip.ask_to_open(OPEN_LESSON, file)


def _welcome(job: Job) -> None:
    Path(st.session_state.pop("lesson_arrival")).unlink(missing_ok=True)
    st.session_state.lesson_arrived = str(job.outcome().get("title", ""))
    st.rerun()


def _count() -> int:
    return st.session_state.get("lesson_arrivals", 0)
