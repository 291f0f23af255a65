"""The table of all runs, and what tells two of them apart."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st

from cnnlab import runs
from cnnlab.architectures.definition import Definition
from cnnlab.errors import RunError
from cnnlab.inference import accuracy_in_words, validation_pictures
from cnnlab.runs import Run
from cnnlab.ui.wording import created, duration

FEW = 4
"""So many runs are found without a filter."""
STAR = "★"
_SEARCH = {"label_visibility": "collapsed", "persist_state": "session", "width": 260}
_CHOICE = {"label_visibility": "collapsed", "persist_state": "session", "width": 180}
_NOT_A_DIFFERENCE = {"title", "recipe"}


def filtered(some: Iterable[Run]) -> list[Run]:
    """Show what runs can be found by; return those that match, a damaged run folder left out."""
    known: dict[Run, dict[str, Any]] = {}
    for run in some:
        with suppress(RunError):
            known[run] = _row(run)
    if len(known) < FEW:
        return list(known)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Find",
            key="runs_text",
            placeholder="name, network, dataset …",
            icon=":material/search:",
            **_SEARCH,
        )
        chosen = {}
        for name in ("Network", "Dataset", "State"):
            values = sorted({row[name] for row in known.values()})
            chosen[name] = st.multiselect(name, values, key=f"runs_{name}", placeholder=name, **_CHOICE)
        starred = st.toggle("Starred", key="runs_starred", persist_state="session")
    found = [run for run, row in known.items() if matches(row, text, chosen, starred)]
    if not found:
        st.caption("No run matches; take some of these words away.")
    return found


def matches(row: dict[str, Any], text: str, chosen: dict[str, list[str]], starred: bool) -> bool:
    """Whether a row has all words of the text, one of the values chosen for each column, and its star."""
    everything = " ".join(str(row[name]) for name in ("Run", "Network", "Dataset", "State")).lower()
    return (
        all(word in everything for word in text.lower().split())
        and all(not values or row[name] in values for name, values in chosen.items())
        and (bool(row[STAR]) or not starred)
    )


def run_table(some: list[Run]) -> list[Run]:
    """Show runs as rows and return those that a person has ticked, whatever the filter did meanwhile."""
    rows = {run: _row(run) for run in some}
    ids = [run.id for run in some]
    before = st.session_state.get("runs_chosen", [])
    number = st.column_config.NumberColumn(format="localized")
    table = st.dataframe(
        list(rows.values()),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(name) for name in before if name in ids]}},
        column_config={"Parameters": number, STAR: st.column_config.TextColumn(width=36)},
        key=f"run_table {hash(tuple(ids))}",  # another list, another table: no tick moves to another run
    )
    chosen = [some[index] for index in table.selection.rows if index < len(some)]
    st.session_state.runs_chosen = [run.id for run in chosen]
    return chosen


def told_apart(some: list[Run]) -> list[str]:
    """Return the runs' titles, with the end of the id where two are alike, and a mark of data leakage."""
    titles = [run.title for run in some]
    return [
        (title if titles.count(title) == 1 else f"{title} ({run.id[-6:]})") + _leak(run)
        for title, run in zip(titles, some, strict=True)
    ]


def _leak(run: Run) -> str:
    pictures = validation_pictures(run)
    return " (data leakage)" if pictures and pictures.leaked else ""


def differences(some: list[Run]) -> dict[str, list[str]]:
    """Return the settings in which runs differ: name to each run's value, in their order."""
    configs = [run.config for run in some]
    names = dict.fromkeys(name for config in configs for name in config if name not in _NOT_A_DIFFERENCE)
    values = {name: [_setting(name, config.get(name)) for config in configs] for name in names}
    return {name.replace("_", " "): said for name, said in values.items() if len(set(said)) > 1}


def _row(run: Run) -> dict[str, Any]:
    status, config = run.status(), run.config
    return {
        STAR: "★" if run.starred else "",
        "Run": run.title,
        "State": f"{status.state}, imported" if run.imported else status.state,
        "Best validation accuracy": _accuracy(run, status),
        "Network": config["architecture"],
        "Dataset": Path(str(config["dataset"])).name,
        "Parameters": _params(run),
        "Epochs": f"{status.epoch} of {status.epochs}",
        "Best epoch": status.best_epoch,
        "Training time": duration(status.seconds),
        "Device": status.device,
        "Asked for": created(status),
        "Id": run.id,
    }


def _params(run: Run) -> int | None:
    """Return how many parameters the network has, where its worker wrote it down."""
    with suppress(RunError):
        return run.model_facts.get("params")
    return None


def _accuracy(run: Run, status: runs.Status) -> str | None:
    """Say the best accuracy with its 95 % interval: on few pictures it is wide."""
    if status.best_val_accuracy is None:
        return None
    return accuracy_in_words(status.best_val_accuracy, validation_pictures(run))


def settings(run: Run) -> dict[str, str]:
    """Return every setting of a run that says something, in words."""
    return {
        name.replace("_", " "): _setting(name, value)
        for name, value in run.config.items()
        if value not in (None, "", [], {}) and name not in _NOT_A_DIFFERENCE
    }


def _setting(name: str, value: Any) -> str:
    """Say the value of a setting; a network of somebody's own is told by its layers or its edits."""
    if name != "network" or not value:
        return _said(value)
    return "; ".join(Definition.from_dict(value).lines)


def _said(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {inner}" for name, inner in value.items()) or "–"
    return "–" if value is None else str(value)
