"""What one browser has chosen, kept while its pages change."""

from dataclasses import dataclass

import streamlit as st


@dataclass
class Lab:
    """The choices that pages hand to each other; the defaults make the shortest lesson work at once."""

    dataset: str = "digits"
    architecture: str = "lenet5"
    run_id: str | None = None


def lab() -> Lab:
    """Return this browser session's choices; a run id in the page's address wins over the remembered one.

    The address is typed by people: whoever uses ``run_id`` passes it through ``runs.get``, which refuses
    anything that is not the id of a run.
    """
    state = st.session_state.setdefault("lab", Lab())
    state.run_id = st.query_params.get("run") or state.run_id
    return state
