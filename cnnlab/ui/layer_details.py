"""One layer, opened: its arithmetic with the real numbers, its cost and its reach."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from cnnlab.ui.layer_table import short, times, wider_than
from cnnlab.ui.wording import plain

if TYPE_CHECKING:
    from cnnlab.inspection.table import LayerRow

COUNTED = {
    "Conv2D": "filters × kernel height × kernel width × channels that a filter sees, + biases",
    "DepthwiseConv2D": "kernel height × kernel width × channels × filters for each, + biases",
    "Dense": "units × inputs + biases",
    "BatchNormalization": "scale γ and shift β are trained, moving mean and variance are kept",
}


def layer_details(row: "LayerRow", rows: Sequence["LayerRow"]) -> None:
    """Show shape, parameters, cost and reach of one layer of a network."""
    shapes = {other.name: times(other.output_shape) for other in rows}
    taken = " and ".join(shapes[name] for name in row.inputs)
    _line("Shape", f"{taken} → {shapes[row.name]}" if taken else shapes[row.name], row.shape_formula)
    if row.parameter_formula:
        _line("Parameters", row.parameter_formula, COUNTED.get(row.type, ""))
    if frozen := row.params - row.trainable_params:
        _line("Trained", f"{row.trainable_params:,}", f"{frozen:,} are not")
    if row.macs:
        total = sum(other.macs for other in rows)
        _line("MACs", f"{row.macs:,}", f"{row.macs / total:.1%} of the network's {total:,}")
    _line("Activation memory", f"{row.activation_bytes / 1024:,.1f} kB", "of one picture in float32")
    _reach(row, rows[0].output_shape)


def _reach(row: "LayerRow", picture: Sequence[int]) -> None:
    if row.receptive_field is None:
        st.caption("No rows and columns any more: each unit sees all that the layers below it see.")
        return
    _line(
        "Receptive field",
        f"{times(row.receptive_field)} pixels, every {short(row.effective_stride)}",
        f"the first unit's begins {short(row.effective_padding)} before the picture's edge",
    )
    if wider_than(row, picture):
        st.caption(
            f"Wider than the picture of {times(picture[:2])}: even the unit in the middle sees padding."
        )
    if not row.aligned:
        st.caption("Its inputs see boxes with different centres; the field is their union.")


def _line(label: str, value: str, note: str = "") -> None:
    small = f"  \n:gray[:small[{plain(note)}]]" if note else ""
    st.markdown(f":gray[{label}]  \n**{plain(value)}**{small}")
