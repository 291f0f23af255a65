"""The layers of a network: a list to choose from, with folded groups, and a table of all figures."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnlab.inspection.figures import LayerRow
from cnnlab.inspection.stages import Group, Part, around, groups, in_words, short_name
from cnnlab.languages import _
from cnnlab.ui.architecture.inspected import Shown
from cnnlab.ui.architecture.sizes import short, times, type_in_words, wider_than

OPENED_KEY = "opened_blocks"
WIDER = " ↔"


@dataclass(frozen=True)
class Line:
    """A row of the list: a layer, or a group, which is ``opened`` or not; ``depth`` groups are around it."""

    row: LayerRow
    label: str
    depth: int = 0
    opened: bool | None = None

    def as_plain(self, image: Sequence[int]) -> dict[str, Any]:
        """Return it as layer_list.js takes it; an opened group leaves its parameters to its parts."""
        row = self.row
        counted = "" if self.opened or not row.params else f"{row.params:,}"
        field = short(row.receptive_field) + WIDER * wider_than(row, image)
        cells = [times(row.output_shape), counted, field]
        return {
            "name": row.name,
            "label": self.label,
            "depth": self.depth,
            "opened": self.opened,
            "cells": cells,
        }


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


def layer_list(network: Shown, opened: Collection[str]) -> dict[str, Any]:
    """Return the rows to choose from, for layer_list.js: stages and blocks that are folded are one row."""
    image = network.rows[0].output_shape[:2]
    return {
        "heads": [
            {"label": _("Layer")},
            {"label": _("Output")},
            {"label": _("Parameters")},
            {"label": _("RF"), "help": _field_in_full()},
        ],
        "lines": [line.as_plain(image) for line in _lines(network.tree, opened)],
    }


def _field_in_full() -> str:
    return _(
        "Receptive field. Pixels that a unit can see, on rows and columns;{sign} where larger than the image",
        sign=WIDER,
    )


def _field_help() -> str:
    return _("Pixels that a unit can see, on rows and columns;{sign} where larger than the image", sign=WIDER)


def _lines(parts: Sequence[Part], opened: Collection[str], depth: int = 0, group: str = "") -> Iterator[Line]:
    for part in parts:
        label = in_words(short_name(part.name, group))
        if not isinstance(part, Group):
            yield Line(part, label, depth)
            continue
        is_open = part.name in opened
        yield Line(part.as_row(), label, depth, is_open)
        if is_open:
            yield from _lines(part.parts, opened, depth + 1, part.name)


def layer_table(network: Shown) -> None:
    """Show every layer with all its figures, whatever is folded in the list."""
    rows, image = network.rows, network.rows[0].output_shape[:2]
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    st.dataframe(
        {
            _("Layer"): [row.name for row in rows],
            _("Type"): [type_in_words(row.type) for row in rows],
            _("Output"): [times(row.output_shape) for row in rows],
            _("Parameters"): [row.params or None for row in rows],
            _("MACs"): [row.macs or None for row in rows],
            _("Kernel"): [times(row.kernel_size) for row in rows],
            _("Stride"): [short(row.strides) for row in rows],
            _("Padding"): [row.padding or "" for row in rows],
            _("Receptive field"): [
                times(row.receptive_field) + WIDER * wider_than(row, image) for row in rows
            ],
            _("Stride (jump)"): [short(row.effective_stride) for row in rows],
        },
        hide_index=True,
        placeholder="",
        column_config={
            _("Layer"): text(pinned=True),
            _("Parameters"): number(format="localized"),
            _("MACs"): number(format="localized", help=_("Multiply-accumulate operations for one image")),
            _("Receptive field"): text(help=_field_help()),
            _("Stride (jump)"): text(help=_("Pixels between the receptive fields of neighbouring units")),
        },
    )
