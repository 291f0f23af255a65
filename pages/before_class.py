"""Before class: whether everything works that a lesson needs, and what to do about what does not."""

import streamlit as st

from cnnlab import access
from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.ui import readiness_list, state
from cnnlab.ui.wording import refusal

state.lab()
st.title(_("Before class"))
try:
    may = access.current().has_all_rights  # what is found on the server tells of its folders
    checks = readiness_list.of_server(st.session_state.pop("check_again", False)) if may else []
    summary = st.container()
    left, right = st.columns([3, 2], gap="medium")
    with left:
        if may:
            st.header(_("This server"), anchor=False)
            readiness_list.show(checks)
            st.button(
                _("Check again"),
                key="check_readiness",
                icon=":material/refresh:",
                on_click=lambda: st.session_state.update(check_again=True),
            )
        st.header(_("This browser"), anchor=False)
        found = st.container()
        conditions = readiness_list.of_browser()
        with found:
            readiness_list.show(conditions)
    with right:
        if may:
            st.header(_("Rehearsal"), anchor=False)
            readiness_list.rehearsal()
            st.markdown(_("Where training cannot run, show a recorded race."))
            recorded = _("Recorded experiments")
            st.page_link("pages/experiments.py", label=recorded, icon=":material/science:")
            readiness_list.join()
    with summary:
        readiness_list.verdict([*checks, *conditions])
except CnnLabError as error:
    st.error(refusal(error))
