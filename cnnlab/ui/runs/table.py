"""The table of all runs, the filter above it, and what tells two of them apart."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from cnnlab import access, runs
from cnnlab.access import Role
from cnnlab.inference import ImageCount, ends_in_words, validation_count
from cnnlab.languages import _, _p, recognised, texts
from cnnlab.runs import Overview, Run
from cnnlab.runs.reading import showable
from cnnlab.settings import NOTHING
from cnnlab.training.titles import architecture_title, dataset_title
from cnnlab.ui.visitors import whose

FEW = 4
"""So many runs are found without a filter."""
MOST_ROWS = 200
"""So many runs are shown at once: more take seconds in the browser."""
LONGEST_SECONDS, LATEST_SECONDS = 1e9, 7e9
"""Thirty years, and the year 2191: a damaged status may say more than a table can hold."""
STAR, LEAK = "★", "⚠"
ACCURACY, INTERVAL, OWNER = texts(("Validation accuracy", "95 % CI", "Owner"))
FOUND_BY = texts(("Network", "Dataset", "State"))
COLUMNS = {
    "wide": (*(STAR, "Run", "State", ACCURACY, INTERVAL, "Network", "Dataset", "Epochs", "Created"),),
    "medium": ("Run", "State", ACCURACY, INTERVAL, "Epochs", "Created"),
    "narrow": ("Run", "State", ACCURACY),
}
"""What is shown in a window of each size; the others can be switched on in the table's own menu."""
texts(("Run", "Epochs", "Created", "Parameters", "Best epoch", "Training time", "Device", "Id", "damaged"))
CHOSEN, TABLE = "runs_chosen", "run_table_key"
_SEARCH: dict[str, Any] = {"label_visibility": "collapsed", "persist_state": "session", "width": 260}
_CHOICE: dict[str, Any] = {"label_visibility": "collapsed", "persist_state": "session", "width": 180}
Row = dict[str, Any]
Titled = Callable[[str], str]


def filtered(some: Iterable[Overview], size: str = "wide") -> list[Overview]:
    """Show what runs can be found by, behind a button where room is short; return those that match."""
    known = [(seen, row) for seen, row in zip(some, _rows(some), strict=True)]
    if len(known) < FEW:
        return [seen for seen, _ in known]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            _("Find"),
            key="runs_text",
            placeholder=_("name, network, notes …"),
            icon=":material/search:",
            **_SEARCH,
        )
        if size == "wide":
            chosen, starred = _choices(known)
        else:
            with st.popover(_("Filter"), icon=":material/filter_list:"):
                chosen, starred = _choices(known)
    found = [seen for seen, row in known if matches(row | {"Notes": seen.notes}, text or "", chosen, starred)]
    if not found:
        st.caption(_("No run matches; remove some words or filters."))
    return found


def _choices(known: list[tuple[Overview, Row]]) -> tuple[dict[str, list[str]], bool]:
    chosen = {}
    for name in FOUND_BY:
        values = sorted({row[name] for _, row in known} - {NOTHING})
        shown, key = _(name), f"runs_{name}"
        chosen[name] = st.multiselect(
            shown, values, format_func=_in_words, key=key, placeholder=shown, **_CHOICE
        )
    return chosen, st.toggle(_("Starred"), key="runs_starred", persist_state="session")


def matches(row: Mapping[str, Any], text: str, chosen: dict[str, list[str]], starred: bool) -> bool:
    """Whether a row has all words of the text, one of the values chosen for each column, and its star."""
    said = [str(row.get(name, "")) for name in ("Run", *FOUND_BY, "Notes")]
    everything = " ".join([*said, *(_in_words(str(row.get(name, ""))) for name in FOUND_BY)]).lower()
    return (
        all(word in everything for word in text.lower().split())
        and all(not values or row[name] in values for name, values in chosen.items())
        and (bool(row[STAR]) or not starred)
    )


def run_table(some: Sequence[Overview], size: str = "wide") -> list[Overview]:
    """Show runs as rows and return those that a person has selected, whatever the filter did meanwhile.

    Of many runs the first ones are shown, and those that were selected before.
    """
    before = st.session_state.get(CHOSEN, [])
    shown = [*some[:MOST_ROWS], *(seen for seen in some[MOST_ROWS:] if seen.run.id in before)]
    ids = [seen.run.id for seen in shown]
    # another list, another table: no selection moves to another run
    st.session_state[TABLE] = f"run_table {hash(tuple(ids))} {st.session_state.get('runs_opened', 0)}"
    table = st.dataframe(
        _marked(_as_shown(_rows(shown)), shown) if size == "narrow" else _as_shown(_rows(shown)),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(name) for name in before if name in ids]}},
        column_order=[_(name) for name in _order(size)],
        column_config={_(name): column for name, column in _columns(size).items()},
        placeholder=NOTHING,
        alt=_("Runs: name, state, validation accuracy with its 95 % confidence interval, settings"),
        key=st.session_state[TABLE],
    )
    if size == "narrow" and any(seen.leaked for seen in shown):
        st.caption(_("{mark}: over-optimistic accuracy (data leakage).", mark=LEAK))
    if len(shown) < len(some):
        few = {"n": f"{len(shown):,}", "all": f"{len(some):,}"}
        st.caption(_("The newest {n} of {all} runs; find the others by their name or network.", **few))
    chosen = [shown[index] for index in table.selection.rows if index < len(shown)]
    st.session_state[CHOSEN] = [seen.run.id for seen in chosen]
    return chosen


def _order(size: str) -> tuple[str, ...]:
    """Return the columns to show: with people of several roles also whose a run is, where there is room."""
    if size != "wide" or access.current().role is Role.ALONE:
        return COLUMNS[size]
    return (*COLUMNS[size][:2], OWNER, *COLUMNS[size][2:])


def _as_shown(rows: list[Row]) -> list[Row]:
    """Return rows with headings, and what filters look for, in the language of the page."""
    told = cache(_in_words)
    return [
        {_(name): told(value) if name in FOUND_BY else value for name, value in row.items()} for row in rows
    ]


def _in_words(value: str) -> str:
    """Return the title of a network or dataset, or a state, in the language of the page."""
    state, comma, imported = value.partition(", imported")
    return _("{state}, imported", state=_(state)) if comma and not imported else recognised(value)


def _marked(rows: list[Row], some: Sequence[Overview]) -> list[Row]:
    """Mark the state of runs whose data leaked: a phone has no room for the words beside the accuracy."""
    state = _("State")
    return [
        row | {state: f"{LEAK} {row[state]}"} if seen.leaked else row
        for row, seen in zip(rows, some, strict=True)
    ]


def _columns(size: str) -> dict[str, Any]:
    column = st.column_config
    return {
        STAR: column.TextColumn(width=30),
        "Run": column.TextColumn(width=172 if size == "narrow" else 265 - 25 * (OWNER in _order(size))),
        OWNER: column.TextColumn(width=85),
        "State": column.TextColumn(width=75 if size == "narrow" else 80),
        ACCURACY: column.NumberColumn(
            _("Val. acc."),
            format="%.1f %%",
            width=75,
            help=_("Best validation accuracy; the weights of that epoch are kept."),
        ),
        INTERVAL: column.TextColumn(
            width=138,
            help=_("95 % confidence interval (Wilson score) of the accuracy, and n, the validation images."),
        ),
        "Network": column.TextColumn(width=150),
        "Dataset": column.TextColumn(width=110),
        "Parameters": column.NumberColumn(format="localized"),
        "Epochs": column.NumberColumn(
            _p("a column", "Epochs"), format="%d", width=60, help=_("Epochs trained so far.")
        ),
        "Best epoch": column.NumberColumn(format="%d"),
        "Training time": column.NumberColumn(format="localized"),
        "Created": column.DatetimeColumn(format=_p("a date", "D MMM, HH:mm"), width=105),
    }


def told_apart(some: Iterable[Run]) -> list[str]:
    """Return the runs' names as every table and legend has them, with a mark of data leakage.

    A title that several runs have, shown or not, is followed by the end of the run's id.
    """
    names = _names(runs.overview())
    return [names.get(run.id) or run.title + _leak(validation_count(run)) for run in some]


def _names(some: Iterable[Overview]) -> dict[str, str]:
    """Return a name for each run by its id."""
    some = list(some)
    common = Counter(seen.title for seen in some)
    return {
        seen.run.id: seen.title
        + (f" ({seen.run.id[-6:]})" if common[seen.title] > 1 else "")
        + _leak(ImageCount.of(seen))
        for seen in some
    }


def _leak(images: ImageCount | None) -> str:
    return _(" (data leakage)") if images and images.leaked else ""


def _rows(some: Iterable[Overview]) -> list[Row]:
    names, owner = _names(runs.overview()), cache(whose)
    titles = cache(architecture_title), cache(dataset_title)
    rows = [_row(seen, names.get(seen.run.id, seen.title), *titles) for seen in some]
    return [row | {OWNER: showable(owner(seen.owner))} for seen, row in zip(some, rows, strict=True)]


def _row(seen: Overview, name: str, network: Titled, dataset: Titled) -> Row:
    status, best, images = seen.status, seen.status.best_val_accuracy, ImageCount.of(seen)
    row = {
        STAR: STAR if seen.starred else "",
        "Run": name,
        "State": f"{seen.state}, imported" if seen.imported else seen.state,  # English: filters hold it
        ACCURACY: None if best is None else best * 100,
        INTERVAL: _interval(best, images),
        "Network": network(seen.architecture) if seen.architecture else NOTHING,
        "Dataset": _dataset(seen.dataset, dataset) if seen.dataset else NOTHING,
        "Parameters": seen.params,
        "Epochs": status.epoch or None,
        "Best epoch": status.best_epoch,
        "Training time": _time_span(status.seconds),
        "Created": _moment(status.created),
        "Device": status.device or NOTHING,
        "Id": seen.run.id,
    }
    return {key: showable(value) if isinstance(value, str) else value for key, value in row.items()}


def _time_span(seconds: float) -> timedelta | None:
    return timedelta(seconds=round(seconds)) if 0 < seconds < LONGEST_SECONDS else None


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds) if 0 < seconds < LATEST_SECONDS else None


def _dataset(name: str, title: Titled) -> str:
    """Return a dataset's title; of a path the last part, without a look at the disk for every row."""
    return title(name) if Path(name).name == name else Path(name).name


def _interval(best: float | None, images: ImageCount | None) -> str:
    """Say ``95.7–98.9, n = 359``, and that data leaked."""
    if best is None or not images:
        return NOTHING
    return ends_in_words(best, images)
