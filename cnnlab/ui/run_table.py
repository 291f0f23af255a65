"""The table of all runs, and what tells two of them apart."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import streamlit as st

from cnnlab import runs
from cnnlab.errors import RunError
from cnnlab.inference import accuracy_in_words, validation_pictures
from cnnlab.runs import Run
from cnnlab.ui.wording import created, duration

_NOT_A_DIFFERENCE = {"title", "recipe"}


def run_table(some: Iterable[Run]) -> list[Run]:
    """Show runs as rows and return those that a person has ticked; a damaged run folder is left out."""
    rows: dict[Run, dict[str, Any]] = {}
    for run in some:
        with suppress(RunError):
            rows[run] = _row(run)
    table = st.dataframe(
        list(rows.values()),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key="run_table",
    )
    known = list(rows)
    return [known[index] for index in table.selection.rows if index < len(known)]


def told_apart(some: list[Run]) -> list[str]:
    """Return the runs' titles, with the end of the id where two are alike."""
    titles = [run.title for run in some]
    return [
        title if titles.count(title) == 1 else f"{title} ({run.id[-6:]})"
        for title, run in zip(titles, some, strict=True)
    ]


def differences(some: list[Run]) -> dict[str, list[str]]:
    """Return the settings in which runs differ: name to each run's value, in their order."""
    configs = [run.config for run in some]
    names = dict.fromkeys(name for config in configs for name in config if name not in _NOT_A_DIFFERENCE)
    values = {name: [_said(config.get(name)) for config in configs] for name in names}
    return {name.replace("_", " "): said for name, said in values.items() if len(set(said)) > 1}


def _row(run: Run) -> dict[str, Any]:
    status, config = run.status(), run.config
    return {
        "Run": run.title,
        "State": status.state,
        "Best validation accuracy": _accuracy(run, status),
        "Best epoch": status.best_epoch,
        "Epochs": f"{status.epoch} of {status.epochs}",
        "Training time": duration(status.seconds),
        "Network": config["architecture"],
        "Dataset": config["dataset"],
        "Device": status.device,
        "Asked for": created(status),
        "Id": run.id,
    }


def _accuracy(run: Run, status: runs.Status) -> str | None:
    """Say the best accuracy with its 95 % interval: on few pictures it is wide."""
    if status.best_val_accuracy is None:
        return None
    return accuracy_in_words(status.best_val_accuracy, validation_pictures(run))


def _said(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "–" if value is None else str(value)
