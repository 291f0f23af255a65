"""One layer, opened: its arithmetic with the real numbers, its cost and its receptive field."""

from collections.abc import Sequence

import streamlit as st

from cnnlab import inspection
from cnnlab.inspection.figures import LayerRow
from cnnlab.ui.architecture.inspected import memory
from cnnlab.ui.architecture.sizes import fraction_of, short, times, wider_than
from cnnlab.ui.wording import plain

COUNTED = {
    "Conv2D": "filters × kernel height × kernel width × input channels (per group)",
    "DepthwiseConv2D": "kernel height × kernel width × input channels × depth multiplier",
    "Dense": "units × inputs",
    "BatchNormalization": "scale γ and shift β are trainable; moving mean and variance are not",
}
BIASED = ("Conv2D", "DepthwiseConv2D", "Dense")


def layer_details(row: LayerRow, rows: Sequence[LayerRow], note: str = "") -> None:
    """Show shape, parameters, cost and receptive field of a layer or block; ``note`` is said first."""
    if note:
        st.info(plain(note), icon=":material/lightbulb:")
    shapes = {other.name: times(other.output_shape) for other in rows}
    taken, made = " and ".join(shapes[name] for name in row.inputs), times(row.output_shape)
    _line("Shape", f"{taken} → {made}" if taken else made, row.shape_formula)
    total = inspection.Totals.of(rows)
    if row.params:
        fraction = f"{fraction_of(row.params, total.params)} of the network's {total.params:,}"
        counted = counted_as(row)
        _line("Parameters", row.parameter_formula or f"{row.params:,}", f"{counted}; {fraction}".lstrip("; "))
    if frozen := row.params - row.trainable_params:
        _line("Trainable parameters", f"{row.trainable_params:,}", f"{frozen:,} non-trainable")
    if row.macs is None:
        _line("MACs", "unknown", f"not counted for layers of type {row.type}")
    elif row.macs:
        fraction = (
            f"{fraction_of(row.macs, total.macs)} of the network's {total.macs:,}" if total.macs else ""
        )
        _line("MACs", f"{row.macs:,}", fraction)
    _line(
        "Activation memory",
        memory(row.activation_bytes),
        f"for one image in float32; {fraction_of(row.activation_bytes, total.activation_bytes)} "
        f"of the network's {memory(total.activation_bytes)}",
    )
    _reach(row, rows[0].output_shape)


def counted_as(row: LayerRow) -> str:
    """Say what the factors of a layer's parameter count are; a layer without biases has none to add."""
    words = COUNTED.get(row.type, "")
    biased = row.type in BIASED and " + " in row.parameter_formula
    return f"{words} + biases" if biased else words


def _reach(row: LayerRow, image: Sequence[int]) -> None:
    if row.receptive_field is None:
        st.caption("No rows and columns any more: the receptive field is that of all its inputs together.")
        return
    _line(
        "Receptive field",
        f"{times(row.receptive_field)}, stride (jump) {short(row.effective_stride)}, "
        f"padding offset {short(row.effective_padding)}",
        "in pixels of the image; the offset is how far the first unit's field begins outside of it",
    )
    if wider_than(row, image):
        st.caption(f"Larger than the {times(image[:2])} image: it includes padding at every position.")
    if not row.aligned:
        st.caption("The receptive fields of its inputs have different centres; this one is their union.")


def _line(label: str, value: str, note: str = "") -> None:
    small = f"  \n:small[{plain(note)}]" if note else ""
    st.markdown(f"{label}  \n**{plain(value)}**{small}")
