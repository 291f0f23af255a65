"""The language of a session: ``?lang=zh`` in the address of any page, the switch, or that of the browser."""

import streamlit as st
from starlette.requests import Request

from cnnlab import languages
from cnnlab.languages import ENGLISH, LANGUAGES
from cnnlab.streamlit_internals import kept_in_session, keys_of_worded_widgets

LANG = "lang"
_KEY = "language"


def begin() -> None:
    """Find the language of this session, once for each run of a page."""
    asked = st.query_params.get(LANG)
    if asked in LANGUAGES:
        st.session_state[_KEY] = asked
    elif asked is not None:
        st.query_params.pop(LANG)
    if _KEY not in st.session_state:
        st.session_state[_KEY] = of_browser()
    languages.ask(of_session)


def of_session() -> str:
    """Return the language of the session that runs in this thread; English where none does."""
    return str(kept_in_session(_KEY) or ENGLISH)


def of_browser() -> str:
    """Return the language that the browser prefers, if the pages speak it."""
    preferred = (st.context.locale or "").partition("-")[0].lower()
    return preferred if preferred in LANGUAGES else ENGLISH


def of_request(request: Request) -> str:
    """Return the language of whoever asks one of our routes: in its address, else that of the browser."""
    asked = request.query_params.get(LANG, "")
    header = request.headers.get("accept-language", "")
    wishes = [
        asked,
        *(wish.partition(";")[0].strip().partition("-")[0].lower() for wish in header.split(",")),
    ]
    return next((name for name in wishes if name in LANGUAGES), ENGLISH)


def kept() -> dict[str, str]:
    """Return what stays in the address of every page: the language, unless it is that of the browser."""
    now = of_session()
    return {} if now == of_browser() else {LANG: now}


def switch() -> None:
    """Show a button for each other language, by its own name."""
    for name, own in LANGUAGES.items():
        if name != of_session():
            st.button(own, key=f"language_{name}", icon=":material/translate:", on_click=_set, args=(name,))


def _set(name: str) -> None:
    for key in keys_of_worded_widgets():
        if key in st.session_state and st.session_state[key] is not None:
            st.session_state[key] = st.session_state[key]  # the browser hears it in the new words
    st.session_state[_KEY] = name
    st.query_params[LANG] = name
