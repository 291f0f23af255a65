"""Pooling: the largest or the mean value of each window."""

from cnnlab.inspection.figures import LayerRow
from cnnlab.ui.concepts.concept import Address, Concept, Settings

KINDS = {
    "MaxPooling2D": "max",
    "AveragePooling2D": "average",
    "GlobalMaxPooling2D": "max",
    "GlobalAveragePooling2D": "average",
}
WINDOWS = ("2/2", "3/2", "3/1", "4/4")


def _prepared(row: LayerRow, before: LayerRow | None, chosen: Settings) -> Address:
    found = {"kind": KINDS[row.type]}
    if row.type.startswith("Global"):
        return {**found, "window": "global"}
    window = f"{(row.kernel_size or (0,))[0]}/{(row.strides or (0,))[0]}"
    return {**found, "window": window} if window in WINDOWS else found


CONCEPT = Concept(
    name="pooling",
    title="Pooling",
    idea="Of each window one number stays: the largest, or the mean. Nothing is learned.",
    formula=r"\begin{aligned}\text{max:}\quad Y_{i,j} &= \max_{u,v}\, X_{s i+u,\; s j+v} \\"
    r"\text{average:}\quad Y_{i,j} &= \tfrac{1}{k^2} \sum_{u,v} X_{s i+u,\; s j+v}\end{aligned}",
    terms=(
        "$k$: the rows and columns of the **window**; $s$: the **stride** between windows. 2/2 means $k=2$, "
        "$s=2$.",
        "**Overlapping**: the stride is smaller than the window, as 3/2 in AlexNet.",
        "**Winner** of max pooling: the cell with the largest value; in training it alone receives the "
        "output's gradient.",
        "**Global**: one window over the whole map gives one number for each channel.",
        "**Shift**: when the image moves by a pixel, some outputs stay the same; they are counted.",
    ),
    image="digits-3",
    side=24,
    occurs=lambda row: row.type in KINDS,
    prepared=_prepared,
)
