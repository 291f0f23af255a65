"""The layer table of a network: a row to click for each layer, and one for each block that is not opened."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnlab import inspection
from cnnlab.charts.architecture import KINDS, kind_of
from cnnlab.inspection.blocks import Block
from cnnlab.inspection.figures import LayerRow
from cnnlab.ui.architecture.scroll import scroll_to_row

KEY, LEFT = "layer_table", "layer_left"
ECHO_SECONDS = 2.0
MAIN_KINDS = list(KINDS)[:-1]
ROW_PIXELS = 35
MOST_ROWS = 16
WIDER = " ↔"
FOLDED, OPENED, INSIDE = "▸ ", "▾ ", "\u2003"


@dataclass(frozen=True)
class Line:
    """A row of the table: a layer, or a block, ``opened`` where its layers follow."""

    row: LayerRow
    mark: str = ""
    opened: bool = False
    label: str = ""
    """What to write in place of the layer's name."""


def chosen_in(rows: Sequence[LayerRow], name: str | None) -> tuple[LayerRow, LayerRow]:
    """Return what a name stands for, and the layer to look at: of a block the one at its end.

    A name that nothing has stands for the first layer that learns.
    """
    if block := next((b for b in inspection.find_blocks(rows) if b.name == name), None):
        return block.as_row(), block.end
    learns = next((row for row in rows if row.params), rows[0])
    found = next((row for row in rows if row.name == name), learns)
    return found, found


def layer_table(rows: Sequence[LayerRow], chosen: str, choose: Callable[[str], None]) -> None:
    """Show the rows with ``chosen`` marked; a click anywhere in a row calls ``choose`` with its name.

    A click on a block opens it, another one folds it. A deep network can be read without the layers that only
    normalise, activate or pass on.
    """
    blocks = inspection.find_blocks(rows)
    opened = st.session_state.setdefault("opened_blocks", set()) | {
        block.name for block in blocks if chosen in block.members
    }
    lines = _lines(rows, blocks, opened)
    main = [line for line in lines if line.mark.strip() or line.row.name == chosen or _is_main(line.row)]
    if len(_lines(rows, blocks, set())) > MOST_ROWS and st.toggle(
        "Hide layers that only normalise, activate or pass on", True, key="fold"
    ):
        lines = main
    names = [line.row.name for line in lines]
    st.session_state[KEY] = {"selection": {"rows": [names.index(chosen)], "columns": [], "cells": []}}
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    st.dataframe(
        _columns(lines, rows[0].output_shape[:2]),
        key=KEY,
        hide_index=True,
        placeholder="",
        height=ROW_PIXELS * (min(len(lines), MOST_ROWS) + 1) + 3,
        on_select=lambda: _take_click(lines, opened, chosen, choose),
        selection_mode=["single-row-required", "single-cell"],
        column_config={
            "Layer": text(pinned=True),
            "Parameters": number(format="localized"),
            "MACs": number(format="localized", help="Multiply-accumulates for one picture"),
            "Receptive field": text(help=f"Pixels that a unit can see;{WIDER} where wider than the picture"),
            "Effective stride": text(help="Pixels between the fields of neighbouring units"),
        },
    )
    if len(lines) > MOST_ROWS:
        scroll_to_row(names.index(chosen), ROW_PIXELS, key="layer_scroll")


def times(sizes: Sequence[int] | None) -> str:
    """Write sizes as people do, ``5×5×16``; nothing for None."""
    return "×".join(f"{n:,}" for n in sizes or ())


def short(pair: Sequence[int] | None) -> str:
    """Write ``2`` for 2 rows and 2 columns, else ``2×1``."""
    return times(pair[:1] if pair and pair[0] == pair[1] else pair)


def wider_than(row: LayerRow, picture: Sequence[int]) -> bool:
    """Return whether a unit sees further than the picture reaches, on rows or on columns."""
    return any(seen > size for seen, size in zip(row.receptive_field or (), picture, strict=False))


def _is_main(row: LayerRow) -> bool:
    return kind_of(row) in MAIN_KINDS


def _lines(rows: Sequence[LayerRow], blocks: Sequence[Block], opened: set[str]) -> list[Line]:
    block_of = {name: block for block in blocks for name in block.members}
    found: list[Line] = []
    for row in rows:
        block = block_of.get(row.name)
        if block is None:
            found.append(Line(row))
            continue
        is_open = block.name in opened
        if row.name == block.members[0]:
            found.append(Line(block.as_row(), OPENED if is_open else FOLDED, is_open))
        if is_open:
            found.append(Line(row, INSIDE, label=row.name.removeprefix(block.name).lstrip("_-./")))
    return found


def _columns(lines: Sequence[Line], picture: Sequence[int]) -> dict[str, list[Any]]:
    """Return the cells; an opened block leaves its sums to its layers, so that columns add up."""
    rows = [line.row for line in lines]
    return {
        "Layer": [line.mark + (line.label or line.row.name) for line in lines],
        "Output": [times(row.output_shape) for row in rows],
        "Kernel": [times(row.kernel_size) for row in rows],
        "Stride": [short(row.strides) for row in rows],
        "Padding": [row.padding or "" for row in rows],
        "Parameters": [None if line.opened else line.row.params or None for line in lines],
        "Receptive field": [times(row.receptive_field) + WIDER * wider_than(row, picture) for row in rows],
        "Effective stride": [short(row.effective_stride) for row in rows],
        "MACs": [None if line.opened else line.row.macs or None for line in lines],
        "Type": [row.type for row in rows],
    }


def _take_click(lines: Sequence[Line], opened: set[str], before: str, choose: Callable[[str], None]) -> None:
    """A cell that was clicked counts as its row; a block that was clicked opens or folds."""
    selection = st.session_state[KEY]["selection"]
    cells = [row for row, _ in selection["cells"]]
    rows = cells or selection["rows"]
    if not rows or (not cells and _is_echo(lines[rows[0]].row.name)):
        choose(before)
        return
    line = lines[rows[0]]
    if cells:
        st.session_state[LEFT] = before, time.monotonic()
    if line.mark in (FOLDED, OPENED):
        st.session_state.opened_blocks = opened ^ {line.row.name}
    choose(line.row.name)


def _is_echo(name: str) -> bool:
    """Whether a row is the one that a click on a cell has just left.

    A browser that gives up its cell before it has heard of the new row reports the old one once more.
    """
    left, moment = st.session_state.pop(LEFT, (None, 0.0))
    return name == left and time.monotonic() - moment < ECHO_SECONDS
