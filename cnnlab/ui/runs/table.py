"""The table of all runs, and what tells two of them apart."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from cnnlab.architectures.definition import Definition
from cnnlab.inference import Pictures, accuracy_in_words, validation_pictures
from cnnlab.runs import Overview, Run
from cnnlab.runs.reading import showable
from cnnlab.ui.wording import created, duration

FEW = 4
"""So many runs are found without a filter."""
MOST_ROWS = 200
"""So many runs are shown at once: more take seconds in the browser."""
STAR = "★"
_SEARCH = {"label_visibility": "collapsed", "persist_state": "session", "width": 260}
_CHOICE = {"label_visibility": "collapsed", "persist_state": "session", "width": 180}
_NOT_A_DIFFERENCE = {"title", "recipe"}


def filtered(some: Iterable[Overview]) -> list[Overview]:
    """Show what runs can be found by; return those that match."""
    known = [(seen, _row(seen)) for seen in some]
    if len(known) < FEW:
        return [seen for seen, _ in known]
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
            values = sorted({row[name] for _, row in known} - {""})
            chosen[name] = st.multiselect(name, values, key=f"runs_{name}", placeholder=name, **_CHOICE)
        starred = st.toggle("Starred", key="runs_starred", persist_state="session")
    found = [seen for seen, row in known if matches(row, text, chosen, starred)]
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


def run_table(some: Sequence[Overview]) -> list[Overview]:
    """Show runs as rows and return those that a person has ticked, whatever the filter did meanwhile.

    Of many runs the first ones are shown, and those that were ticked before.
    """
    before = st.session_state.get("runs_chosen", [])
    shown = [*some[:MOST_ROWS], *(seen for seen in some[MOST_ROWS:] if seen.run.id in before)]
    ids = [seen.run.id for seen in shown]
    number = st.column_config.NumberColumn(format="localized")
    table = st.dataframe(
        [_row(seen) for seen in shown],
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(name) for name in before if name in ids]}},
        column_config={"Parameters": number, STAR: st.column_config.TextColumn(width=36)},
        key=f"run_table {hash(tuple(ids))}",  # another list, another table: no tick moves to another run
    )
    if len(shown) < len(some):
        st.caption(
            f"The newest {len(shown):,} of {len(some):,} runs; find the others by their name or network."
        )
    chosen = [shown[index] for index in table.selection.rows if index < len(shown)]
    st.session_state.runs_chosen = [seen.run.id for seen in chosen]
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


def _row(seen: Overview) -> dict[str, Any]:
    status = seen.status
    best = status.best_val_accuracy
    row = {
        STAR: STAR if seen.starred else "",
        "Run": seen.title,
        "State": f"{seen.state}, imported" if seen.imported else seen.state,
        "Best validation accuracy": None if best is None else accuracy_in_words(best, Pictures.of(seen)),
        "Network": seen.architecture,
        "Dataset": Path(seen.dataset).name,
        "Parameters": seen.params,
        "Epochs": f"{status.epoch} of {status.epochs}",
        "Best epoch": status.best_epoch,
        "Training time": duration(status.seconds),
        "Device": status.device,
        "Asked for": created(status),
        "Id": seen.run.id,
    }
    return {name: showable(said) if isinstance(said, str) else said for name, said in row.items()}


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
