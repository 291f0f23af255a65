"""Forks on the training form: which run the new one goes on from."""

import streamlit as st

from cnnlab import datasets, runs
from cnnlab.errors import CnnLabError
from cnnlab.runs import Run
from cnnlab.training import RunConfig
from cnnlab.ui.train.recipes import begin_with
from cnnlab.ui.wording import plain

WEIGHTS = {"best": "its best epoch", "last": "its last epoch"}


def begin_fork(run: Run) -> None:
    """Fill the form with a run's settings, to change them and go on from its weights.

    Raises:
        RunError: the settings of the run cannot be read.
    """
    begin_with(RunConfig.from_dict(run.config).validated())
    st.session_state.run_fork = run.id


def fork_note() -> None:
    """Say which run the form goes on from, and let a person choose its weights, where it does."""
    parent = _parent()
    if parent is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="bottom"):
        kept = [which for which in WEIGHTS if parent.checkpoint(which)]
        st.markdown(f":material/fork_right: Goes on from **{plain(parent.title)}**, which stays as it is.")
        st.segmented_control(
            "With the weights of",
            kept,
            format_func=WEIGHTS.get,
            default=kept[0],
            required=True,
            help="The optimizer begins anew, and so do layers that do not fit the new settings.",
            key="run_fork_weights",
            persist_state="session",
        )
        st.button("Begin with new weights instead", icon=":material/close:", on_click=_forget)
    if parent.config.get("dataset") not in {info.name for info in datasets.catalogue()}:
        st.warning("The dataset of that run is not in the list any more; choose another one.")


def forked(config: RunConfig) -> Run | None:
    """Put a fork with these settings into the queue, or return None when the form goes on from no run.

    Raises:
        RunError: the weights are gone.
    """
    parent = _parent()
    if parent is None:
        return None
    child = runs.fork(parent, config.to_dict(), st.session_state.get("run_fork_weights") or "best")
    _forget()
    return child


def _parent() -> Run | None:
    try:
        run = runs.get(st.session_state["run_fork"])
    except (KeyError, CnnLabError):  # nobody asked, or somebody deleted it meanwhile
        return None
    return run if run.weights() else None


def _forget() -> None:
    st.session_state.pop("run_fork", None)
