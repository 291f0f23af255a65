"""Inside a network while it learns, and afterwards at any epoch that was kept: one slider moves it all."""

import time

import streamlit as st

from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.runs import Run, snapshots
from cnnlab.ui.runs.epochs import epoch_in_address, write_epoch
from cnnlab.ui.runs.inside_views import Shown, inside_views, shown_at, snapshot_of
from cnnlab.ui.wording import refusal

PLAY_SECONDS = 0.8
LEAST_SECONDS = 0.5 * PLAY_SECONDS
"""For which an epoch stands once it is drawn, however long that took."""
NEWEST = "newest"


def inside(run: Run) -> None:
    """Show the inside of a run's network; while it trains, the newest state."""
    plays = st.session_state.get(f"inside-epoch-{run.id}-plays", False)
    st.fragment(_inside, run_every=PLAY_SECONDS if plays else None)(run)


def _inside(run: Run) -> None:
    try:
        kept = snapshots.epochs(run)
        moment = _moment(run, kept)
        if moment is None:
            _nothing_yet(run)
            return
        inside_views(moment, len(kept))
        _remember_drawn(run, kept)
    except CnnLabError as error:
        st.error(refusal(error))


def _nothing_yet(run: Run) -> None:
    if run.status().is_active:
        st.info(_("The first snapshot comes within seconds of the first training step."))
    else:
        said = _("This run has no snapshots: it is older than they are, or ended before its first step.")
        st.info(said)


def _moment(run: Run, kept: list[int]) -> Shown | None:
    """Ask for an epoch, and return the network's state after it; within the first epoch the newest one."""
    within = snapshots.within(run) if run.status().is_active else None
    if not kept:
        return shown_at(run, within) if within else None
    epoch = _choose_epoch(run, kept)
    if within and epoch is None:
        return shown_at(run, within)
    return shown_at(run, snapshot_of(run, kept[-1] if epoch is None else epoch))


def _choose_epoch(run: Run, kept: list[int]) -> int | None:
    """Show the slider over the kept epochs, with play and pause; None is the newest.

    The address keeps the epoch, for the other views of the run, too.
    """
    key = f"inside-epoch-{run.id}"
    playing = st.session_state.get(f"{key}-plays", False)
    if playing and not _step(key, kept):
        st.rerun()  # the whole page: this part is not drawn again by itself any more
    options: list[int | str] = [*kept, NEWEST]
    st.session_state[key] = epoch_in_address(kept) or NEWEST
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.select_slider(
            _("Epoch"),
            options,
            key=key,
            format_func=lambda epoch: _("newest") if epoch == NEWEST else f"{epoch}",
            on_change=_go,
            args=(key,),
        )
        toggled = st.button(
            _("Pause") if playing else _("Play"),
            icon=":material/pause:" if playing else ":material/play_arrow:",
            key=f"{key}-toggle",
            on_click=_toggle,
            args=(key, kept),
        )
    if toggled:
        st.rerun()
    return chosen if isinstance(chosen, int) else None


def _go(key: str) -> None:
    chosen = st.session_state[key]
    write_epoch(chosen if isinstance(chosen, int) else None)


def _toggle(key: str, kept: list[int]) -> None:
    plays = st.session_state[f"{key}-plays"] = not st.session_state.get(f"{key}-plays", False)
    if plays and epoch_in_address(kept) in (None, kept[-1]):
        write_epoch(kept[0])
    st.session_state.pop(f"{key}-drawn", None)


def _remember_drawn(run: Run, kept: list[int]) -> None:
    """Note since when the epoch of the address has been drawn."""
    key = f"inside-epoch-{run.id}-drawn"
    now = epoch_in_address(kept)
    if st.session_state.get(key, (None, 0.0))[0] != now:
        st.session_state[key] = now, time.monotonic()


def _step(key: str, kept: list[int]) -> bool:
    """Go on to the next kept epoch; stop behind the last one, and return whether it still plays.

    Where drawing takes longer than an epoch stands, runs of the page follow each other without a pause: an
    epoch that was drawn only just now stays.
    """
    now = epoch_in_address(kept)
    drawn, since = st.session_state.get(f"{key}-drawn", (None, 0.0))
    if drawn != now or time.monotonic() - since < LEAST_SECONDS:
        return True
    later = [epoch for epoch in kept if now is not None and epoch > now]
    if later:
        write_epoch(later[0])
    else:
        st.session_state[f"{key}-plays"] = False
    return bool(later)
