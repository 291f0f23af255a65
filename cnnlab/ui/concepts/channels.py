"""Many channels and many filters; 1×1, depthwise and grouped convolutions; what each costs."""

from cnnlab.inspection.figures import LayerRow
from cnnlab.ui.concepts.concept import Address, Concept, Settings

DEPTHWISE = ("DepthwiseConv2D", "SeparableConv2D")


def _prepared(row: LayerRow, before: LayerRow | None, chosen: Settings) -> Address:
    if row.type in DEPTHWISE:
        return {"mode": "depthwise"}
    return {"mode": "pointwise"} if row.kernel_size == (1, 1) else {}


CONCEPT = Concept(
    name="channels",
    title="Many channels, many filters",
    idea="A filter has one kernel for each input channel; their sums are added, and each filter makes one "
    "feature map.",
    formula=r"Y_{i,j,f} = b_f + \sum_{c} \sum_{u,v} K_{u,v,c,f}\, X_{i+u,\;j+v,\;c}",
    terms=(
        "**Channel** $c$: one map of the input, such as red.",
        "**Filter** $f$: one kernel for each channel, and one bias.",
        "**Feature map**: what one filter makes of the image.",
        "**1×1**: the window is one pixel; only channels are mixed.",
        "**Depthwise**: each channel has a kernel of its own; channels are not mixed.",
        "**Groups**: the channels are divided, and a filter sees those of its group alone.",
        "**Parameters** are weights and biases; **multiplications** are counted for one image.",
    ),
    image="colours",
    side=32,
    occurs=lambda row: row.type in ("Conv2D", *DEPTHWISE),
    prepared=_prepared,
)
