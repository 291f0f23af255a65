"""The language of a session: ``?lang=zh`` in the address of any page, the switch, or that of the browser."""

import streamlit as st

from cnnlab import languages
from cnnlab.languages import ENGLISH, LANGUAGES
from cnnlab.streamlit_internals import chosen, is_in_a_session

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
    return str(st.session_state.get(_KEY, ENGLISH)) if is_in_a_session() else ENGLISH


def of_browser() -> str:
    """Return the language that the browser prefers, if the pages speak it."""
    preferred = (st.context.locale or "").partition("-")[0].lower()
    return preferred if preferred in LANGUAGES else ENGLISH


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
    choices = chosen()  # while they are known by the words of the language before
    st.session_state[_KEY] = name
    st.query_params[LANG] = name
    for key, choice in choices.items():
        st.session_state[key] = choice
