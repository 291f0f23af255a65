"""The receptive field, grown layer by layer; parameters with and without a shared kernel."""

from cnnlab.ui.concepts.concept import Concept

CONCEPT = Concept(
    name="receptive-field",
    title="Receptive field and parameters",
    idea="Layer by layer a unit sees more of the image; each convolution adds parameters.",
    formula=r"\begin{aligned} r_\ell &= r_{\ell-1} + d\,(k - 1)\, j_{\ell-1} \\ j_\ell &= j_{\ell-1}\, s \\"
    r"r_0 &= j_0 = 1 \end{aligned}",
    terms=(
        "**Receptive field** $r$: the rows (and columns) of the image that a unit depends on.",
        "**Jump** $j$, the effective stride: pixels of the image between neighbouring units.",
        "$k$, $s$, $d$: kernel size, stride and dilation of the layer.",
        "**Shared kernel**: a convolution uses the same weights everywhere: "
        "filters × (k × k × channels + 1) parameters.",
        "**Not shared**: with weights of its own at each place, a layer has that many for every place of its "
        "output.",
    ),
    image="gestures_drawn-0",
    side=128,
    occurs=lambda row: row.type == "Conv2D" and row.receptive_field is not None,
)
