"""Lessons: what there is to teach with, where one stands, and one lesson in overview."""

import streamlit as st

from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.ui import state
from cnnlab.ui.lessons import overview
from cnnlab.ui.wording import refusal

state.lab()
try:
    if name := st.query_params.get("about"):
        overview.about(name)
    else:
        st.title(_("Lessons"))
        overview.everything()
except CnnLabError as error:
    st.error(refusal(error))
    st.page_link("pages/lessons.py", label=_("All lessons"), icon=":material/arrow_back:")
