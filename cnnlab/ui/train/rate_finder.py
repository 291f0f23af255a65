"""The learning-rate finder on the form: start it, watch it, stop it, take its suggestion over."""

import streamlit as st

from cnnlab import charts
from cnnlab.errors import CnnLabError, RunError
from cnnlab.languages import _
from cnnlab.runs import jobs
from cnnlab.runs.job import Job
from cnnlab.runs.kinds import RATE_SWEEP
from cnnlab.training import rate_finder as finder
from cnnlab.ui.engine import supervisor
from cnnlab.ui.jobs import bar, complain
from cnnlab.ui.live_chart import live_chart
from cnnlab.ui.train.form_state import chosen
from cnnlab.ui.wording import plain, refusal

POLL_SECONDS = 0.5
MINE = "rate_sweep"
"""The key in a browser's session of the range test that it has started."""


def offer_range_test() -> None:
    """Show the button that starts a range test; one at a time for each browser."""
    why = _(
        "Trains a copy for up to {steps} steps, each at a higher learning rate (Smith 2017).",
        steps=finder.STEPS,
    )
    mine = _mine()
    busy = mine is not None and mine.status().is_active
    label = _("Run the range test again") if mine and not busy else _("Run the range test")
    if st.button(label, icon=":material/search:", help=why, key="find_rate", disabled=busy) and not busy:
        try:
            request = {"config": chosen().validated().to_dict()}
            st.session_state[MINE] = supervisor().ask(RATE_SWEEP, request).id
        except CnnLabError as error:
            st.error(refusal(error))
        else:
            st.rerun()  # the button stands above: it must not be pressed again


def range_test(height: int) -> None:
    """Show the range test that this browser has started, if any, with a chart of so many pixels."""
    if mine := _mine():
        active = mine.status().is_active
        st.fragment(_live, run_every=POLL_SECONDS if active else None)(mine, active, height)


def _mine() -> Job | None:
    """Return the range test of this browser, or None: there is none, or it has gone since."""
    try:
        return jobs.get(st.session_state[MINE]) if MINE in st.session_state else None
    except RunError:
        return None


def _live(sweep: Job, was_active: bool, height: int) -> None:
    if st.session_state.pop("run_rate_taken", False):
        st.rerun(scope="app")  # the field stands above, outside of this part of the page
    if was_active:
        sweep.still_wanted()
    status = sweep.status()
    if was_active and not status.is_active:
        st.rerun()
    seen = finder.read(sweep)
    if status.is_active:
        bar(sweep, status)
        if status.state == "queued":
            st.caption(_("The range test needs the device for itself: it waits for its turn as a run does."))
    elif status.state in {"failed", "interrupted"} or not len(seen.rates):
        complain(sweep, status)
    else:
        _outcome(seen)
    if len(seen.rates) > 1:
        figure = charts.rate_sweep(seen.rates, seen.losses, seen.smoothed, seen.suggestion)
        live_chart(figure, key="rate-sweep", height=height)


def _outcome(seen: finder.Sweep) -> None:
    suggestion = seen.suggestion
    if suggestion is None:
        st.info(plain(seen.why_none))
        return
    st.button(
        _("Use the suggested maximum LR: {rate}", rate=f"{suggestion:g}"),
        icon=":material/check:",
        help=_(finder.RULE),
        on_click=_use,
        args=(suggestion,),
        key="use_rate",
    )


def _use(rate: float) -> None:
    st.session_state.run_learning_rate = rate
    st.session_state.run_rate_taken = True
