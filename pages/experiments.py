"""Experiments: claims of papers and courses as races between networks, with bets and uncertainty."""

import streamlit as st

from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.runs.races import Race
from cnnlab.ui import presenting, state
from cnnlab.ui.attempt import complain
from cnnlab.ui.experiments import address, claim, futures, gallery, own_race, watch
from cnnlab.ui.wording import refusal


def everything() -> None:
    st.title(_("Experiments"))
    st.markdown(_("A claim, networks that differ in one thing, and how sure the result is."))
    gallery.gallery()
    with presenting.part("own"):
        own_race.form()
    with presenting.part("recent"):
        gallery.recent_races()


state.lab()
complain(address.PLACE)
try:
    asked = address.asked()
    if run_id := st.query_params.get(address.FUTURES):
        futures.show(run_id)
    elif isinstance(asked, Race):
        watch.show(asked)
    elif asked:
        claim.show(asked)
    else:
        everything()
except CnnLabError as error:
    st.error(refusal(error))
