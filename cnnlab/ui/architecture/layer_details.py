"""One layer, opened: its arithmetic with the real numbers, its cost and its receptive field."""

from collections.abc import Sequence

import streamlit as st

from cnnlab import inspection
from cnnlab.inspection.figures import LayerRow
from cnnlab.languages import _, _p, recognised, texts
from cnnlab.ui.architecture.inspected import memory
from cnnlab.ui.architecture.sizes import fraction_of, short, times, wider_than
from cnnlab.ui.wording import plain

COUNTED = texts(
    {
        "Conv2D": "filters × kernel height × kernel width × input channels (per group)",
        "DepthwiseConv2D": "kernel height × kernel width × input channels × depth multiplier",
        "Dense": "units × inputs",
        "BatchNormalization": "scale γ and shift β are trainable; moving mean and variance are not",
    }
)
BIASED = ("Conv2D", "DepthwiseConv2D", "Dense")


def layer_details(row: LayerRow, rows: Sequence[LayerRow], note: str = "") -> None:
    """Show shape, parameters, cost and receptive field of a layer or block; ``note`` is said first."""
    if note:
        st.info(plain(_(note)), icon=":material/lightbulb:")
    shapes = {other.name: times(other.output_shape) for other in rows}
    taken, made = [shapes[name] for name in row.inputs], times(row.output_shape)
    _line(_("Shape"), f"{_listed(taken)} → {made}" if taken else made, recognised(row.shape_formula))
    total = inspection.Totals.of(rows)
    if row.params:
        counted = counted_as(row)
        said = _p("between phrases", "; ").join(
            filter(None, [counted, _of_network(row.params, total.params)])
        )
        _line(_("Parameters"), row.parameter_formula or f"{row.params:,}", said)
    if frozen := row.params - row.trainable_params:
        _line(
            _("Trainable parameters"),
            f"{row.trainable_params:,}",
            _("{count} non-trainable", count=f"{frozen:,}"),
        )
    if row.macs is None:
        _line(_("MACs"), _("unknown"), _("not counted for layers of type {type}", type=row.type))
    elif row.macs:
        _line(_("MACs"), f"{row.macs:,}", _of_network(row.macs, total.macs) if total.macs else "")
    _line(
        _("Activation memory"),
        memory(row.activation_bytes),
        _(
            "for one image in float32; {fraction} of the network's {total}",
            fraction=fraction_of(row.activation_bytes, total.activation_bytes),
            total=memory(total.activation_bytes),
        ),
    )
    _reach(row, rows[0].output_shape)


def _of_network(part: int, whole: int) -> str:
    return _("{fraction} of the network's {total}", fraction=fraction_of(part, whole), total=f"{whole:,}")


def _listed(shapes: Sequence[str]) -> str:
    """Write several shapes one after the other: ``8×8×4 and 8×8×4``."""
    return _p("between sizes", " and ").join(shapes)


def counted_as(row: LayerRow) -> str:
    """Say what the factors of a layer's parameter count are; a layer without biases has none to add."""
    words = _(COUNTED[row.type]) if row.type in COUNTED else ""
    biased = row.type in BIASED and " + " in row.parameter_formula
    return _("{factors} + biases", factors=words) if biased else words


def _reach(row: LayerRow, image: Sequence[int]) -> None:
    if row.receptive_field is None:
        st.caption(_("No rows and columns any more: the receptive field is that of all its inputs together."))
        return
    _line(
        _("Receptive field"),
        _(
            "{size}, stride (jump) {stride}, padding offset {offset}",
            size=times(row.receptive_field),
            stride=short(row.effective_stride),
            offset=short(row.effective_padding),
        ),
        _("in pixels of the image; the offset is how far the first unit's field begins outside of it"),
    )
    if wider_than(row, image):
        st.caption(
            _("Larger than the {image} image: it includes padding at every position.", image=times(image[:2]))
        )
    if not row.aligned:
        st.caption(_("The receptive fields of its inputs have different centres; this one is their union."))


def _line(label: str, value: str, note: str = "") -> None:
    small = f"  \n:small[{plain(note)}]" if note else ""
    st.markdown(f"{label}  \n**{plain(value)}**{small}")
