"""The learning rate of a run at work: shown, and changed after the batch in hand."""

import streamlit as st

from cnnlab import runs
from cnnlab.errors import CnnLabError
from cnnlab.languages import _, _p
from cnnlab.runs import Run
from cnnlab.training import schedules
from cnnlab.ui.visitors import of_run
from cnnlab.ui.wording import refusal


def rate_control(run: Run) -> None:
    """Let a person change the rate in mid-run."""
    now = schedules.current(run.config.validated(), run.metrics())
    with st.popover(_("Learning rate"), icon=":material/speed:"):
        st.caption(_("Now {rate}.", rate=f"{now:.3g}"))
        st.number_input(
            _("New learning rate"),
            value=None,
            step=0.0001,
            format="%.6g",
            placeholder=_("such as {example}", example="0.0001"),
            help=_("Holds from the next batch on; what the schedule says later is scaled by the same ratio."),
            key=f"rate_{run.id}",
        )
        may = of_run(run, "change the learning rate of this run")
        st.button(_p("a button", "Set"), key=f"set_rate_{run.id}", on_click=_set, args=(run,), **may)
        if message := st.session_state.pop("rate_answer", None):
            st.caption(refusal(message))


def _set(run: Run) -> None:
    rate = st.session_state[f"rate_{run.id}"]
    try:
        runs.learning_rate.ask(run, 0.0 if rate is None else rate)
        said = _("{rate} from the next batch on; the chart marks where.", rate=f"{rate:g}")
        st.session_state.rate_answer = said
    except CnnLabError as error:
        st.session_state.rate_answer = str(error)
