"""What one browser has chosen, kept while its pages change."""

from dataclasses import dataclass, field

import streamlit as st

from cnnlab.streamlit_internals import run_app_around_pages


@dataclass
class Lab:
    """The choices that pages hand to each other; the defaults make the shortest lesson work at once."""

    dataset: str = "digits"
    architecture: str = "lenet5"
    run_id: str | None = None
    augmentation: dict[str, float | str] = field(default_factory=dict)


def begin_session() -> None:
    """Give a new browser session its choices; app.py calls this, whatever the page."""
    st.session_state.setdefault("lab", Lab())


def lab() -> Lab:
    """Return this browser session's choices; a run id in the page's address wins over the remembered one.

    The address is typed by people: whoever uses ``run_id`` passes it through ``runs.get``, which refuses
    anything that is not the id of a run.
    """
    if "lab" not in st.session_state:
        _run_app()
    state = st.session_state.lab
    state.run_id = st.query_params.get("run") or state.run_id
    return state


def _run_app() -> None:
    """Run app.py around this page.

    Until app.py has run once, Streamlit answers the address of a page by running its file alone: so it does
    to every open tab when a server starts again.
    """
    begin_session()
    run_app_around_pages()
    st.rerun()
