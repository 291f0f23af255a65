"""The address of the Experiments page: ``?experiment=NAME``, ``?race=ID``, or ``?futures=RUN``."""

import streamlit as st

from cnnlab import experiments
from cnnlab.errors import CnnLabError
from cnnlab.experiments import Experiment
from cnnlab.languages import _
from cnnlab.runs import races
from cnnlab.runs.races import Race
from cnnlab.ui.wording import refusal

EXPERIMENT, RACE, FUTURES = "experiment", "race", "futures"
PLACE = "race"
"""Where the sentence of a refusal is kept until it is shown."""


def asked() -> Experiment | Race | None:
    """Return what the address asks for; of what does not exist nothing, and a sentence on the page."""
    try:
        if race_id := st.query_params.get(RACE):
            return races.get(race_id)
        if name := st.query_params.get(EXPERIMENT):
            return experiments.get(name)
    except CnnLabError as error:
        st.error(refusal(error))
    return None


def way_back() -> None:
    """Offer the list of all experiments."""
    st.button(_("All experiments"), icon=":material/arrow_back:", type="tertiary", on_click=go_to)


def go_to(**query: str) -> None:
    """Change the address, and with it what the page shows."""
    st.query_params.from_dict(query)
