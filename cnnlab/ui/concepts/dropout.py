"""Dropout: masks, scaling, whole feature maps, and the subnetworks that it trains."""

from cnnlab.inspection.figures import LayerRow
from cnnlab.ui.concepts.concept import Address, Concept, Settings

TYPES = ("Dropout", "SpatialDropout2D")
MOST_RATE = 0.9
"""That the scene shows."""


def _prepared(row: LayerRow, before: LayerRow | None, chosen: Settings) -> Address:
    rate = {"rate": str(chosen["rate"])} if chosen.get("rate", 1) <= MOST_RATE else {}
    if row.type == "SpatialDropout2D":
        return {"part": "maps", "kind": "maps", **rate}
    return {"part": "maps", **rate} if len(row.output_shape) == 3 else rate


CONCEPT = Concept(
    name="dropout",
    title="Dropout",
    idea="In each training step, dropout sets random values to 0: no unit can rely on a single other one.",
    formula=r"\begin{gathered} y_i = \frac{m_i\,x_i}{1-p} \\ P(m_i = 0) = p \end{gathered}",
    terms=(
        "**Mask** $m$: 1 keeps, 0 drops, with probability $p$ (the rate).",
        "**Scaling**: Keras divides by $1-p$ in training; the paper of 2012 multiplied by $1-p$ in use.",
        "**In convolutions**, neighbouring values are alike: the next layer still sees a dropped one "
        "around it. "
        "**Spatial dropout** drops whole maps.",
        "**Subnetworks**: each mask leaves one; all share their weights. $n$ units give $2^n$.",
        "**Ensemble**: the whole network with scaled units is near the mean of them all; with softmax "
        "right after, exactly their normalised geometric mean.",
    ),
    image="gestures_drawn-0",
    side=24,
    occurs=lambda row: row.type in TYPES,
    prepared=_prepared,
)
