"""What the address of the Concepts page says: ``?concept=convolution&image=digits-3&hide=bias&step=17``.

``concept``, ``image``, ``run``, ``hide`` and what the quiz asks about are read and written here. All the rest
is the state of a scene: its script in the browser reads it when it begins and keeps it up to date, without
asking the server.
"""

import streamlit as st

CONCEPT, IMAGE, RUN, HIDE = "concept", "image", "run", "hide"
MOST_HIDDEN = 40
_TURN = "scene_turn"


def hidden() -> list[str]:
    """Return the names of what a lesson does not want to see."""
    names = st.query_params.get(HIDE, "").split(",")[:MOST_HIDDEN]
    return [name.strip()[:30] for name in names if name.strip()]


def go_to(concept: str) -> None:
    """Put another concept into the address; what is hidden stays hidden, the state of the scene goes."""
    kept = {name: st.query_params[name] for name in (HIDE, IMAGE, RUN) if name in st.query_params}
    st.query_params.from_dict({CONCEPT: concept, **kept})


def begin_anew() -> None:
    """Have the scene that is shown next begin with what the address says, and know nothing of the one before.

    Widgets of the page are named by the turn too: a browser may send what one of them shows before it hears
    what the next scene shows, and that would count as a choice of the person.
    """
    st.session_state[_TURN] = turn() + 1


def turn() -> int:
    """Return how often a scene has begun anew in this session."""
    return st.session_state.get(_TURN, 0)


def put(**values: str) -> None:
    """Put values into the address beside what stands there."""
    st.query_params.update(values)
