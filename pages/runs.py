"""Runs: everything that was trained: found, compared, measured, exported, brought back."""

import streamlit as st

from cnnlab import runs
from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.ui import engine, presenting, state
from cnnlab.ui.attempt import complain
from cnnlab.ui.runs import arrivals, table
from cnnlab.ui.runs.actions import PLACE, act_on, offer_undo
from cnnlab.ui.runs.address import follow_address, write_address
from cnnlab.ui.runs.deleted_runs import deleted_runs
from cnnlab.ui.runs.end_of_lesson import end_of_lesson
from cnnlab.ui.runs.views import VIEWS
from cnnlab.ui.screen import screen_size
from cnnlab.ui.wording import plain, refusal


def import_and_restore() -> None:
    imported = st.session_state.get("arrived")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        arrivals.open_a_run()
        deleted_runs(PLACE)
        end_of_lesson(runs.overview(), PLACE)
    if imported:
        said = _("Imported {title}; it is selected below.", title=plain(imported))
        st.success(said, icon=":material/check_circle:")


def list_of_runs(everything: tuple[runs.Overview, ...], size: str) -> None:
    for run_id in follow_address({seen.run.id for seen in everything}, VIEWS)[:1]:
        asked = plain(run_id[:40])
        st.warning(_("There is no run {run} here; it was deleted, or the address is wrong.", run=asked))
    if chosen := table.run_table(table.filtered(everything, size), size):
        act_on(chosen)
    else:
        write_address([], None)
        st.caption(_("Select a run to evaluate, or several to compare."))


state.lab()
st.title(_("Runs"))
try:
    room = screen_size()
    for trouble in engine.supervisor().troubles[-1:]:
        st.caption(f":material/build: {refusal(trouble)}")
    with presenting.part("import"):
        import_and_restore()
    complain(PLACE)
    offer_undo()
    if everything := runs.overview(0):
        list_of_runs(everything, room)
    else:
        st.info(_("No runs yet: the first one takes seconds."))
        st.page_link("pages/train.py", label=_("Train"), icon=":material/trending_up:")
except CnnLabError as error:
    st.error(refusal(error))
