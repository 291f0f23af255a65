"""Futures of a run: which changes, for how many epochs."""

import contextlib

import streamlit as st

from cnnlab import runs
from cnnlab.errors import AccessError, RunError
from cnnlab.experiments import futures
from cnnlab.languages import _
from cnnlab.runs import Run, races
from cnnlab.ui import visitors
from cnnlab.ui.attempt import attempt
from cnnlab.ui.engine import supervisor
from cnnlab.ui.experiments import address
from cnnlab.ui.wording import plain

EPOCHS = 5


def show(run_id: str) -> None:
    """Ask which futures a run is to have, and start them.

    Raises:
        RunNotFoundError: there is no such run.
        RunError: its settings cannot be read.
    """
    run = runs.get(run_id)
    address.way_back()
    st.title(_("Two futures of a run"), anchor=False)
    now = run.status()
    st.markdown(
        _(
            "**{run}** after epoch {epoch}. Copies of its weights train on.",
            run=plain(run.title),
            epoch=now.epoch,
        )
    )
    if not run.checkpoint("last"):
        st.info(_("The run has no weights yet; let it finish an epoch first."))
        return
    words = futures.possible(run)
    chosen = st.multiselect(
        _("Futures"), words, words[:2], format_func=_, max_selections=6, key=f"futures-{run.id}"
    )
    stop = now.is_active and _ask_to_stop(run)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        epochs = st.number_input(_("Epochs"), 1, 1000, EPOCHS, key=f"futures-epochs-{run.id}", width=140)
        st.button(
            _("Watch them"),
            type="primary",
            icon=":material/call_split:",
            disabled=len(chosen) < 2,
            on_click=attempt,
            args=(address.PLACE, _begin, run, chosen, int(epochs), stop),
        )


def _ask_to_stop(run: Run) -> bool:
    """Ask whether a run at work makes room, of who may stop it; of others it does not."""
    if visitors.of_run(run, "stop this run")["disabled"]:
        st.caption(_("The futures begin when the run is over and the device is free."))
        return False
    return st.toggle(
        _("Stop this run, so that its futures begin at once"),
        True,
        key=f"futures-stop-{run.id}",
        help=_("It can be resumed later. If it goes on, the futures wait in the queue."),
    )


def _begin(run: Run, chosen: list[str], epochs: int, stop: bool) -> None:
    race = races.futures(run, "last", futures.plan(run, chosen, epochs))
    if stop:
        with contextlib.suppress(
            RunError, AccessError
        ):  # it has ended by itself, or belongs to somebody else
            supervisor().stop(run.id)
    address.go_to(race=race.id)
