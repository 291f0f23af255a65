"""Train: choose and start, or watch a run. A run has an address: whoever opens it watches the same run."""

from itertools import islice

import streamlit as st

from cnnlab import runs
from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.ui import live_chart, presenting, run_links, state, warm_up
from cnnlab.ui.runs import watch
from cnnlab.ui.train import forks, run_form
from cnnlab.ui.train.recipes import RECIPE
from cnnlab.ui.train.submitting import submit
from cnnlab.ui.wording import refusal

RECENT = 8


def opened_run() -> runs.Run | None:
    """Return the run of the page's address, else this browser's last one while it is at work."""
    try:
        last = runs.get(lab.run_id) if lab.run_id else None
        is_asked_for = "run" in st.query_params or (
            RECIPE not in st.query_params and last and last.status().is_active
        )
        return last if last and is_asked_for else None
    except CnnLabError as error:
        st.error(refusal(error))
        close_run()
        return None


def open_run(run: runs.Run) -> None:
    lab.run_id = st.query_params["run"] = st.session_state.run_watched = run.id
    st.query_params.pop(RECIPE, None)


def close_run() -> None:
    lab.run_id = None
    st.query_params.clear()


def start() -> None:
    config, refused = run_form.ask()
    live_chart.preload_chart()
    if not config:
        return
    warm_up.need_tensorflow()
    try:
        config = run_form.checked(config)
        open_run(forks.forked(config) or submit(config))
    except CnnLabError as error:
        refused.error(refusal(error), icon=":material/warning:")
    else:
        st.rerun()


def watch_or_start() -> None:
    if run:
        open_run(run)
        watch.show(run)
    else:
        start()


def list_others() -> None:
    known = (seen for seen in runs.overview() if seen.run != run and not seen.damage)
    if others := list(islice(known, RECENT)):
        with presenting.part("others"):
            st.subheader(_("Other runs") if run else _("Recent runs"), anchor=False)
            run_links.show(others)


lab = state.lab()
run = opened_run()
if not run:
    st.title(_("Train"))
for part in (watch_or_start, list_others):
    try:
        part()
    except CnnLabError as error:
        st.error(refusal(error))
