"""One layer, opened: its arithmetic with the real numbers, its cost and its reach."""

from collections.abc import Sequence

import streamlit as st

from cnnlab import inspection
from cnnlab.inspection.figures import LayerRow
from cnnlab.ui.architecture.layer_table import short, times, wider_than
from cnnlab.ui.wording import plain

COUNTED = {
    "Conv2D": "filters × kernel height × kernel width × channels that a filter sees, + biases",
    "DepthwiseConv2D": "kernel height × kernel width × channels × filters for each, + biases",
    "Dense": "units × inputs + biases",
    "BatchNormalization": "scale γ and shift β are trained, moving mean and variance are kept",
}


def layer_details(row: LayerRow, rows: Sequence[LayerRow], note: str = "") -> None:
    """Show shape, parameters, cost and reach of one layer or block of a network; ``note`` is said first."""
    if note:
        st.info(plain(note), icon=":material/lightbulb:")
    shapes = {other.name: times(other.output_shape) for other in rows}
    taken, made = " and ".join(shapes[name] for name in row.inputs), times(row.output_shape)
    _line("Shape", f"{taken} → {made}" if taken else made, row.shape_formula)
    total = inspection.Totals.of(rows)
    if row.params:
        share = f"{row.params / total.params:.1%} of the network's {total.params:,}"
        counted = COUNTED.get(row.type, "")
        _line("Parameters", row.parameter_formula or f"{row.params:,}", f"{counted}; {share}".lstrip("; "))
    if frozen := row.params - row.trainable_params:
        _line("Trained", f"{row.trainable_params:,}", f"{frozen:,} are not")
    if row.macs:
        _line("MACs", f"{row.macs:,}", f"{row.macs / total.macs:.1%} of the network's {total.macs:,}")
    _line(
        "Activation memory",
        kilobytes(row.activation_bytes),
        f"of one picture in float32; {row.activation_bytes / total.activation_bytes:.1%} of the network's "
        f"{kilobytes(total.activation_bytes)}",
    )
    _reach(row, rows[0].output_shape)


def kilobytes(count: int) -> str:
    """Write a number of bytes as people read it, 1 kB being 1,024 of them."""
    return f"{count / 1024:,.1f} kB" if count < 2**20 else f"{count / 2**20:,.1f} MB"


def _reach(row: LayerRow, picture: Sequence[int]) -> None:
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
