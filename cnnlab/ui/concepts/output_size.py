"""Stride, padding and dilation: how large the output of a convolution or of pooling is."""

from cnnlab.inspection.figures import LayerRow
from cnnlab.ui.concepts.concept import Address, Concept, Settings

LARGEST = 512
"""Of the sides that the scene draws."""


def _occurs(row: LayerRow) -> bool:
    return row.kernel_size is not None and bool(row.strides)


def _prepared(row: LayerRow, before: LayerRow | None, chosen: Settings) -> Address:
    """Return the numbers of a layer's rows."""
    if before is None or not row.kernel_size or not row.strides or len(before.output_shape) != 3:
        return {}
    side = before.output_shape[0]
    if side > LARGEST:
        return {}
    sizes = {"n": side, "k": row.kernel_size[0], "s": row.strides[0], "d": chosen.get("dilation_rate", 1)}
    return {**{name: str(value) for name, value in sizes.items()}, "padding": row.padding or "valid"}


CONCEPT = Concept(
    name="size",
    title="Stride, padding, dilation, output size",
    idea="How far the window moves, what is added at the border and how wide the kernel is spread "
    "give the size of the output.",
    formula=r"\begin{aligned}\text{valid:}\quad & \Bigl\lfloor \tfrac{n - k'}{s} \Bigr\rfloor + 1 \\"
    r"\text{same:}\quad & \Bigl\lceil \tfrac{n}{s} \Bigr\rceil \\"
    r"\text{zeros } p:\quad & \Bigl\lfloor \tfrac{n + 2p - k'}{s} \Bigr\rfloor + 1 \\"
    r"& k' = d\,(k - 1) + 1\end{aligned}",
    terms=(
        "$n$: rows of the **input**; columns are computed alike.",
        "$k$: rows of the **kernel**.",
        "**Stride** $s$: how many pixels the window moves at each step.",
        "**Padding**: zeros around the input. *Valid* adds none; *same* adds what ⌈n/s⌉ windows need, an odd "
        "one at the bottom and right; or $p$ on each side.",
        "**Dilation** $d$: the weights lie $d$ pixels apart, so that the kernel reaches over $k'$ pixels.",
        "⌊x⌋ rounds down: a window that does not fit is left out. ⌈x⌉ rounds up.",
    ),
    occurs=_occurs,
    prepared=_prepared,
)
