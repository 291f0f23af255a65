"""The settings that a run was trained with, as they applied."""

import contextlib
from typing import Any

import streamlit as st

from cnnlab.errors import RunError
from cnnlab.runs import Run, Status
from cnnlab.training import terms
from cnnlab.ui.tables import table


def run_settings(run: Run, status: Status) -> None:
    """Show every setting that had an effect; the learning rates that somebody set by hand among them."""
    facts: dict[str, Any] = {}
    with contextlib.suppress(RunError):
        facts = dict(run.model_facts)
    rows = terms.applied(run.config, facts | {"epochs": status.epochs})
    rates = run.metrics().rates
    for epoch, rate in zip(rates["epoch"], rates["learning_rate"], strict=True):
        rows[f"Learning rate set in epoch {epoch:.0f}"] = f"{rate:.6g}"
    table([{"Setting": name, "Value": said} for name, said in rows.items()])
    st.caption("Settings without an effect on this run are left out.")
