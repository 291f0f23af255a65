"""The kernels of a run's first convolution, as its newest snapshot has them."""

from typing import Any

import numpy as np
import streamlit as st

from cnnlab import runs
from cnnlab.errors import CnnLabError
from cnnlab.languages import _
from cnnlab.runs import snapshots
from cnnlab.ui.concepts import address
from cnnlab.ui.state import lab

MOST_RUNS = 20
MOST_LOOKED_AT = 100
MOST_KERNELS = 16
LARGEST = 11


def choose_kernels() -> dict[str, Any]:
    """Ask for a run that has kernels; return its id and them as a scene takes them, none without a run."""
    offered = _offered()
    if not offered:
        return {"run": None, "kernels": []}
    asked = st.query_params.get(address.RUN)
    known = {seen.run.id: seen for seen in offered}
    chosen = next((name for name in (asked, lab().run_id) if name in known), next(iter(known)))
    key = f"concept_run_{address.turn()}"
    st.session_state[key] = chosen
    chosen = st.selectbox(
        _("Kernels of the run"),
        known,
        format_func=lambda name: known[name].title,
        key=key,
        label_visibility="collapsed",
        width=230,
        on_change=lambda: address.put(run=st.session_state[key]),
    )
    return {"run": chosen, "kernels": as_plain(known[chosen].run)}


def _offered() -> list[runs.Overview]:
    found = []
    for seen in runs.overview()[:MOST_LOOKED_AT]:
        if not seen.damage and snapshots.epochs(seen.run):
            found.append(seen)
        if len(found) == MOST_RUNS:
            break
    return found


def as_plain(run: runs.Run) -> list[dict[str, Any]]:
    """Return ``{size, values}`` for each kernel, in order; those over RGB are summed over their channels.

    On a gray image, whose channels are equal, the sum of a kernel over its channels gives the same output.
    """
    try:
        epoch = snapshots.epochs(run)[-1]
        return _kernels(run.id, epoch, snapshots.version(run, epoch))
    except (CnnLabError, IndexError):
        return []


@st.cache_resource(max_entries=32, show_spinner=False)
def _kernels(run_id: str, epoch: int, version: int) -> list[dict[str, Any]]:
    filters = snapshots.read(runs.get(run_id), epoch).filters
    if filters is None or filters.shape[1] != filters.shape[2] or filters.shape[1] > LARGEST:
        return []
    summed = np.asarray(filters[:MOST_KERNELS], np.float64).sum(-1)
    return [{"size": int(kernel.shape[0]), "values": kernel.ravel().round(4).tolist()} for kernel in summed]
