"""Activations: what each does to a number, its slope, and the gradient after many layers of it."""

from cnnlab.inspection.figures import LayerRow
from cnnlab.ui.concepts.concept import Address, Concept, Settings

KINDS = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "Softmax": "softmax"}
"""Layers that are an activation, and the name of it in the scene."""


def _prepared(row: LayerRow, before: LayerRow | None, chosen: Settings) -> Address:
    return {"activation": KINDS.get(row.type) or chosen["activation"]}


CONCEPT = Concept(
    name="activations",
    title="Activations",
    idea="An activation bends each sum; its slope decides how much gradient goes back.",
    formula=r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial \varphi}\;\varphi'(x)",
    terms=(
        "**Activation** $\\varphi$: a function of each sum. Without one, two layers do no more than one.",
        "**Derivative** $\\varphi'$: the slope (dashed); the gradient is multiplied by it on its way back.",
        "**Saturation** (shaded): the slope is below 5 % of its largest.",
        "**Vanishing gradient**: a sigmoid's slope is at most 0.25; "
        "twenty such factors leave almost nothing.",
        "**Measured** on the image: 20 convolutions 3×3, 8 filters, random weights. "
        "Size: the norm of the gradient at each layer's input.",
    ),
    image="digits-3",
    side=12,
    occurs=lambda row: row.type in KINDS,
    activations=("sigmoid", "tanh", "relu", "leaky_relu"),
    prepared=_prepared,
)
