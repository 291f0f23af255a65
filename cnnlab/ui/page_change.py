"""Opening another page from a button, safe beside parts of a page that poll.

Streamlit's own ``switch_page`` may leave the new page empty: a poll of the old page that is on its way at
that moment is answered in the name of the old page, and the browser clears what does not belong to it. So the
app runs once without any page first, at which the browser ends its polls, and switches then.
"""

import time
from typing import NoReturn

import streamlit as st

DESTINATION, QUERY = "page_to_open", "query_of_page_to_open"
LAST_POLLS_SECONDS = 0.2
"""Until the browser has heard of the run without a page, and the polls it sent before have arrived."""


def open_page(page: str, **query: str) -> NoReturn:
    """Leave this page for that of a file such as ``pages/train.py``, with query parameters."""
    st.session_state[DESTINATION], st.session_state[QUERY] = page, query
    st.rerun(scope="app")


def follow() -> None:
    """Switch to the page that was asked for; app.py calls this before anything that polls."""
    if page := st.session_state.pop(DESTINATION, None):
        time.sleep(LAST_POLLS_SECONDS)
        st.switch_page(page, query_params=st.session_state.pop(QUERY, {}))
