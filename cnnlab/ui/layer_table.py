"""The layer table of a network: a row to click for each layer."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from cnnlab.charts.architecture import KINDS, kind_of

if TYPE_CHECKING:
    from cnnlab.inspection.table import LayerRow

KEY = "layer_table"
MAIN_KINDS = list(KINDS)[:-1]
ROW_PIXELS = 35
MOST_ROWS = 16
WIDER = " ↔"


def layer_table(rows: Sequence["LayerRow"], chosen: str, choose: Callable[[str], None]) -> None:
    """Show the rows with ``chosen`` marked; a click anywhere in a row calls ``choose`` with its name.

    A deep network can be read without the layers that only normalise, activate or pass on.
    """
    main = [row for row in rows if row.name == chosen or kind_of(row) in MAIN_KINDS]
    if len(rows) > MOST_ROWS and st.toggle(
        f"Hide {len(rows) - len(main)} layers that only normalise, activate or pass on", True, key="fold"
    ):
        rows = main
    names = [row.name for row in rows]
    st.session_state[KEY] = {"selection": {"rows": [names.index(chosen)], "columns": [], "cells": []}}
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    st.dataframe(
        _columns(rows),
        key=KEY,
        hide_index=True,
        placeholder="",
        height=ROW_PIXELS * (min(len(rows), MOST_ROWS) + 1) + 3,
        on_select=lambda: _take_click(names, chosen, choose),
        selection_mode=["single-row-required", "single-cell"],
        column_config={
            "Layer": text(pinned=True),
            "Parameters": number(format="localized"),
            "MACs": number(format="localized", help="Multiply-accumulates for one picture"),
            "Receptive field": text(help=f"Pixels that a unit can see;{WIDER} where wider than the picture"),
            "Effective stride": text(help="Pixels between the fields of neighbouring units"),
        },
    )


def times(sizes: Sequence[int] | None) -> str:
    """Write sizes as people do, ``5×5×16``; nothing for None."""
    return "×".join(f"{n:,}" for n in sizes or ())


def short(pair: Sequence[int] | None) -> str:
    """Write ``2`` for 2 rows and 2 columns, else ``2×1``."""
    return times(pair[:1] if pair and pair[0] == pair[1] else pair)


def wider_than(row: "LayerRow", picture: Sequence[int]) -> bool:
    """Return whether a unit sees further than the picture reaches, on rows or on columns."""
    return any(seen > size for seen, size in zip(row.receptive_field or (), picture, strict=False))


def _columns(rows: Sequence["LayerRow"]) -> dict[str, list[Any]]:
    picture = rows[0].output_shape[:2]
    return {
        "Layer": [row.name for row in rows],
        "Output": [times(row.output_shape) for row in rows],
        "Kernel": [times(row.kernel_size) for row in rows],
        "Stride": [short(row.strides) for row in rows],
        "Padding": [row.padding or "" for row in rows],
        "Parameters": [row.params or None for row in rows],
        "Receptive field": [times(row.receptive_field) + WIDER * wider_than(row, picture) for row in rows],
        "Effective stride": [short(row.effective_stride) for row in rows],
        "MACs": [row.macs or None for row in rows],
        "Type": [row.type for row in rows],
    }


def _take_click(names: Sequence[str], before: str, choose: Callable[[str], None]) -> None:
    """A cell that was clicked counts as its row."""
    selection = st.session_state[KEY]["selection"]
    rows = [row for row, _ in selection["cells"]] or selection["rows"]
    choose(names[rows[0]] if rows else before)
