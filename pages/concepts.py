"""Concepts: what a layer computes, with numbers that a person changes by hand and sees at once."""

import streamlit as st

from cnnlab.errors import CnnLabError
from cnnlab.languages import _, texts
from cnnlab.ui import state
from cnnlab.ui.concepts import address
from cnnlab.ui.concepts.header import asked_concept, header
from cnnlab.ui.concepts.notes import notes
from cnnlab.ui.concepts.stage import stage
from cnnlab.ui.screen import is_projected
from cnnlab.ui.wording import refusal

HELP = texts(
    "Space plays, arrow keys step. The address of this page keeps what you see: send it to the class. "
    "`&hide=notes,player` in it leaves parts out: `concepts`, `image`, `run`, `notes`, `player`, or a "
    "control by its name in the address, such as `bias`."
)

state.lab()
concept, problem = asked_concept()
hide = address.hidden()
try:
    data = header(concept, hide)
except CnnLabError as error:
    st.error(refusal(error))
    st.stop()
if problem:
    st.error(refusal(problem))
st.markdown(_(concept.idea), help=_(HELP))
if "notes" in hide or is_projected():
    stage(concept.name, data)
else:
    scene, beside = st.columns([7, 3], gap="medium")
    with scene:
        stage(concept.name, data)
    with beside.container(key="concept_notes"):
        notes(concept)
