"""The layer list of a network: a row to click for each layer, stage and block; what is folded is one row."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnlab.inspection.figures import LayerRow
from cnnlab.inspection.stages import Group, Part, around, groups, short_name
from cnnlab.ui.architecture.inspected import Shown
from cnnlab.ui.architecture.scroll import scroll_to_row
from cnnlab.ui.architecture.sizes import short, times, wider_than

KEY, LEFT, OPENED_KEY = "layer_table", "layer_left", "opened_blocks"
ECHO_SECONDS = 2.0
ROW_PIXELS, NAME_PIXELS = 35, 112
MOST_ROWS = 16
WIDER = " ↔"
FOLDED, OPENED, INSIDE = "▸ ", "▾ ", "\u2003"


@dataclass(frozen=True)
class Line:
    """A row of the list: a layer, or a group, ``opened`` where its parts follow."""

    row: LayerRow
    mark: str = ""
    opened: bool = False
    label: str = ""
    """What to write in place of the layer's name."""


def chosen_in(network: Shown, name: str | None, instead: str = "") -> tuple[LayerRow, LayerRow]:
    """Return what a name stands for, and the layer to look at: of a group the one at its end.

    A name that nothing has stands for the layer called ``instead``, else for the first part that learns.
    """
    parts: dict[str, Part] = {row.name: row for row in network.rows}
    parts |= {group.name: group for group in groups(network.tree)}
    found = parts.get(name or "") or parts.get(instead) or _first_that_learns(network)
    return (found.as_row(), found.end) if isinstance(found, Group) else (found, found)


def _first_that_learns(network: Shown) -> Part:
    """Return a layer, or in a deep network a stage: so nothing is unfolded at first."""
    parts = (part for part in network.tree if (part.as_row() if isinstance(part, Group) else part).params)
    return next(parts, network.rows[0])


def opened_around(network: Shown, chosen: str) -> frozenset[str]:
    """Return the groups that are unfolded: those that a person opened, and those around what is chosen."""
    known = {group.name for group in groups(network.tree)}
    opened = st.session_state.setdefault(OPENED_KEY, set()) & known
    parents = {name for name in opened if around(network.tree, name) <= opened}
    return frozenset(parents | around(network.tree, chosen))


def toggle(network: Shown, name: str, opened: Collection[str]) -> None:
    """Open a group that is folded, or fold it."""
    st.session_state[OPENED_KEY] = set(opened) ^ ({name} & {group.name for group in groups(network.tree)})


def layer_table(
    network: Shown, chosen: str, opened: frozenset[str], choose: Callable[[str, bool], None]
) -> None:
    """Show the layers with ``chosen`` marked; a click anywhere in a row calls ``choose`` with its name.

    A click on a group opens it, another one folds it: ``choose`` is told so.
    """
    lines = list(_lines(network.tree, opened))
    names = [line.row.name for line in lines]
    st.session_state[KEY] = {"selection": {"rows": [names.index(chosen)], "columns": [], "cells": []}}
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    st.dataframe(
        _columns(lines, network.rows[0].output_shape[:2]),
        key=KEY,
        hide_index=True,
        placeholder="",
        height=ROW_PIXELS * (min(len(lines), MOST_ROWS) + 1) + 3,
        on_select=lambda: _take_click(lines, chosen, choose),
        selection_mode=["single-row-required", "single-cell"],
        column_config={
            "Layer": text(pinned=True, width=NAME_PIXELS),
            "Parameters": number(format="localized"),
            "MACs": number(format="localized", help="Multiply-accumulate operations for one image"),
            "Receptive field": text(help=f"Pixels that a unit can see;{WIDER} where larger than the image"),
            "Stride (jump)": text(help="Pixels between the receptive fields of neighbouring units"),
        },
    )
    if len(lines) > MOST_ROWS:
        scroll_to_row(names.index(chosen), ROW_PIXELS, key="layer_scroll")


def _lines(parts: Sequence[Part], opened: Collection[str], depth: int = 0, group: str = "") -> Iterator[Line]:
    for part in parts:
        inside = INSIDE * depth
        label = short_name(part.name, group)
        if not isinstance(part, Group):
            yield Line(part, inside, label=label)
            continue
        is_open = part.name in opened
        yield Line(part.as_row(), inside + (OPENED if is_open else FOLDED), is_open, label)
        if is_open:
            yield from _lines(part.parts, opened, depth + 1, part.name)


def _columns(lines: Sequence[Line], image: Sequence[int]) -> dict[str, list[Any]]:
    """Return the cells; an opened group leaves its sums to its parts, so that columns add up."""
    rows = [line.row for line in lines]
    return {
        "Layer": [line.mark + (line.label or line.row.name) for line in lines],
        "Output": [times(row.output_shape) for row in rows],
        "Parameters": [None if line.opened else line.row.params or None for line in lines],
        "Receptive field": [times(row.receptive_field) + WIDER * wider_than(row, image) for row in rows],
        "Kernel": [times(row.kernel_size) for row in rows],
        "Stride": [short(row.strides) for row in rows],
        "Padding": [row.padding or "" for row in rows],
        "Stride (jump)": [short(row.effective_stride) for row in rows],
        "MACs": [None if line.opened else line.row.macs or None for line in lines],
        "Type": [row.type for row in rows],
    }


def _take_click(lines: Sequence[Line], before: str, choose: Callable[[str, bool], None]) -> None:
    """A cell that was clicked counts as its row; a group that was clicked opens or folds."""
    selection = st.session_state[KEY]["selection"]
    cells = [row for row, _ in selection["cells"]]
    rows = cells or selection["rows"]
    if not rows or (not cells and _is_echo(lines[rows[0]].row.name)):
        choose(before, False)
        return
    line = lines[rows[0]]
    if cells:
        st.session_state[LEFT] = before, time.monotonic()
    choose(line.row.name, line.mark.endswith((FOLDED, OPENED)))


def _is_echo(name: str) -> bool:
    """Whether a row is the one that a click on a cell has just left.

    A browser that gives up its cell before it has heard of the new row reports the old one once more.
    """
    left, moment = st.session_state.pop(LEFT, (None, 0.0))
    return name == left and time.monotonic() - moment < ECHO_SECONDS
