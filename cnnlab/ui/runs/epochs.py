"""Which epoch of a run is looked at: one choice for all its views, and the address keeps it."""

import time
from collections.abc import Callable, Collection
from typing import Literal

import streamlit as st

from cnnlab.languages import _, texts
from cnnlab.runs import Run, snapshots

BEST = "best"
WIDE = 460
LONGEST_NUMBER = 7
PLAY_SECONDS = 1.5
"""For which an epoch is looked at while they are played."""
LATE_SECONDS = 1.3 * PLAY_SECONDS
"""A timer that comes later has waited for a page that took long to draw: it is looked at from then on."""
HELP = texts(
    "Up to eight epochs keep their weights (1, 2, 4, 8 … and the last ones); the best epoch always does, and "
    "it is what is asked unless another one is chosen."
)


def epoch_in_address(kept: Collection[int]) -> int | None:
    """Return the epoch that the address names, if it is one of those that are kept."""
    asked = st.query_params.get("epoch", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= LONGEST_NUMBER
    return int(asked) if is_number and int(asked) in kept else None


def write_epoch(epoch: int | None) -> None:
    """Put an epoch into the address; None takes it out."""
    if epoch is None:
        st.query_params.pop("epoch", None)
    else:
        st.query_params["epoch"] = str(epoch)


def choose_network(run: Run, key: str) -> int | None:
    """Show a slider over the epochs whose network can be asked, with play and pause; None is the best one's.

    Where the address names an epoch without weights, the best network is asked, and that is said.
    """
    kept = snapshots.epochs_with_weights(run)
    if len(kept) < 2:
        return None
    epoch = epoch_in_address(kept)
    st.session_state[key] = BEST if epoch is None else epoch
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _slider(run, kept, key, WIDE, lambda: write_epoch(_number(st.session_state[key])))
        _play(kept, key)
    other = epoch_in_address(snapshots.epochs(run)) if epoch is None else None
    if other is not None:
        said = _("Epoch {n} kept no weights, so the network of the best epoch is asked.", n=other)
        st.caption(said)
    return epoch


def choose_network_here(run: Run, key: str, first: int | None) -> int | None:
    """Show the same slider for one part of the page only, with ``first`` chosen at first."""
    kept = snapshots.epochs_with_weights(run)
    if len(kept) < 2:
        return None
    if st.session_state.get(key) not in (*kept, BEST):
        st.session_state[key] = first if first in kept else BEST
    _slider(run, kept, key)
    return _number(st.session_state[key])


def _play(kept: list[int], key: str) -> None:
    """Show the button that goes through the epochs by itself, and pauses."""
    plays = st.session_state.get(f"{key}-plays", False)
    st.session_state[f"{key}-drawn"] = time.monotonic()
    st.fragment(_step, run_every=PLAY_SECONDS if plays else None)(kept, key, plays)


def _step(kept: list[int], key: str, plays: bool) -> None:
    if plays and _is_over(key):
        now = epoch_in_address(kept)
        later = [epoch for epoch in kept if now is not None and epoch > now]
        write_epoch(later[0] if later else None)
        st.session_state[f"{key}-plays"] = bool(later)
        st.rerun()
    toggled = st.button(
        _("Pause") if plays else _("Play"),
        icon=":material/pause:" if plays else ":material/play_arrow:",
        key=f"{key}-toggle",
        on_click=_toggle,
        args=(kept, key),
    )
    if toggled:
        st.rerun()


def _is_over(key: str) -> bool:
    """Whether the time of an epoch is over; it begins when the page is drawn, or a timer comes late."""
    now = time.monotonic()
    drawn = st.session_state.pop(f"{key}-drawn", None)
    since = st.session_state.get(f"{key}-since", now)
    if drawn is None and now - since <= LATE_SECONDS:
        return True
    st.session_state[f"{key}-since"] = drawn or now
    return False


def _toggle(kept: list[int], key: str) -> None:
    plays = st.session_state[f"{key}-plays"] = not st.session_state.get(f"{key}-plays", False)
    st.session_state[f"{key}-drawn"] = time.monotonic()
    if plays and epoch_in_address(kept) in (None, kept[-1]):
        write_epoch(kept[0])


def _slider(
    run: Run,
    kept: list[int],
    key: str,
    width: int | Literal["stretch"] = "stretch",
    on_change: Callable[[], None] | None = None,
) -> None:
    best = run.status().best_epoch
    st.select_slider(
        _("Network of epoch"),
        [*kept, BEST],
        key=key,
        format_func=lambda epoch: _("best ({epoch})", epoch=best) if epoch == BEST else f"{epoch}",
        help=_(HELP),
        width=width,
        on_change=on_change,
    )


def _number(chosen: int | str) -> int | None:
    return chosen if isinstance(chosen, int) else None
