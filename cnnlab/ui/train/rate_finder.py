"""The learning-rate finder on the form: start it, watch it, stop it, take its suggestion over."""

import contextlib

import streamlit as st

from cnnlab import charts, workspace
from cnnlab.errors import CnnLabError, RunError
from cnnlab.runs import Run, Status, overview
from cnnlab.runs.status import WORKING
from cnnlab.training import rate_finder as finder
from cnnlab.ui.live_chart import live_chart
from cnnlab.ui.train.form_state import chosen
from cnnlab.ui.wording import plain

POLL_SECONDS = 0.5


def offer_range_test() -> None:
    """Show the button that starts a range test; one at a time for each browser."""
    why = f"Trains a copy for up to {finder.STEPS} steps, each at a higher learning rate (Smith 2017)."
    name = st.session_state.get("rate_sweep")
    busy = name is not None and _sweep(name).status().is_active
    label = "Run the range test again" if name else "Run the range test"
    if st.button(label, icon=":material/search:", help=why, key="find_rate", disabled=busy) and not busy:
        try:
            st.session_state.rate_sweep = finder.begin(chosen()).folder.name
        except CnnLabError as error:
            st.error(plain(str(error)))


def range_test(height: int) -> None:
    """Show the range test that this browser has started, if any, with a chart of so many pixels."""
    if name := st.session_state.get("rate_sweep"):
        sweep = _sweep(name)
        active = sweep.status().is_active
        st.fragment(_live, run_every=POLL_SECONDS if active else None)(sweep, active, height)


def _sweep(name: str) -> Run:
    return Run(workspace.home() / "rate_finder" / name)


def _live(sweep: Run, was_active: bool, height: int) -> None:
    if st.session_state.pop("run_rate_taken", False):
        st.rerun(scope="app")  # the field stands above, outside of this part of the page
    if was_active:
        finder.still_wanted(sweep)
        try:
            finder.advance()
        except CnnLabError as error:
            st.error(plain(str(error)))
    status = sweep.status()
    if was_active and not status.is_active:
        st.rerun()
    seen = finder.read(sweep)
    if status.is_active:
        _at_work(sweep, status, len(seen.rates))
    elif status.state in {"failed", "interrupted"}:
        st.error(plain(status.message))
    else:
        _outcome(seen)
    if len(seen.rates) > 1:
        figure = charts.rate_sweep(seen.rates, seen.losses, seen.smoothed, seen.suggestion)
        live_chart(figure, key="rate-sweep", height=height)


def _at_work(sweep: Run, status: Status, steps: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(1.0, steps / (status.steps_per_epoch or finder.STEPS)), plain(status.message))
        if st.button("Stop", icon=":material/stop:", key="stop_rate_finder"):
            with contextlib.suppress(RunError):  # it ended by itself this very moment
                sweep.request_stop()
    if any(seen.status.state in WORKING for seen in overview()):
        st.caption(":material/info: A run is in progress: both are slower, and share the memory.")


def _outcome(seen: finder.Sweep) -> None:
    suggestion = seen.suggestion
    if suggestion is None:
        st.info(plain(seen.why_none))
        return
    st.button(
        f"Use the suggested maximum LR: {suggestion:g}",
        icon=":material/check:",
        help=finder.RULE,
        on_click=_use,
        args=(suggestion,),
        key="use_rate",
    )


def _use(rate: float) -> None:
    st.session_state.run_learning_rate = rate
    st.session_state.run_rate_taken = True
