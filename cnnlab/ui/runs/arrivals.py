"""A run that someone gives you: uploaded, checked in a process of its own, and then in the list."""

from pathlib import Path

import streamlit as st

from cnnlab.languages import _
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import OPEN
from cnnlab.streamlit_internals import UploadedFile
from cnnlab.ui import arriving_zip, jobs
from cnnlab.ui.attempt import attempt
from cnnlab.ui.wording import plain

PLACE = "runs"


def open_a_run() -> None:
    """Offer to open the ZIP of a run, and show how far that is."""
    with st.popover(_("Import run"), icon=":material/folder_zip:"):
        st.caption(_("A run.zip that was taken away from a Runs page like this one, up to 100 MB."))
        file = st.file_uploader("run.zip", ["zip"], key=f"arrival {_count()}", label_visibility="collapsed")
    if file is not None:
        st.session_state.arrivals = _count() + 1  # an empty uploader: the file is on its way
        attempt(PLACE, _ask_for, file)
        st.rerun()
    if (path := st.session_state.get("arrival")) and not jobs.shown(OPEN, done=_welcome, zip=path):
        Path(path).unlink(missing_ok=True)
    if title := st.session_state.pop("arrived", None):
        st.toast(_("Opened {title}.", title=plain(title)), icon=":material/check_circle:")


def _ask_for(file: UploadedFile) -> None:
    st.session_state.arrival = arriving_zip.ask_to_open(OPEN, file)


def _welcome(job: Job) -> None:
    Path(st.session_state.pop("arrival")).unlink(missing_ok=True)
    opened = job.outcome()
    st.session_state.arrived = str(opened.get("title", ""))
    st.session_state.runs_chosen = [str(opened.get("run_id", ""))]
    st.rerun()


def _count() -> int:
    return st.session_state.get("arrivals", 0)
