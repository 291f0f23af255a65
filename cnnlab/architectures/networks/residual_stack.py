"""Equal convolutions, plain or with shortcuts (He et al., 2015, arXiv:1512.03385, sections 1 and 4).

    conv1           32 x 32   12 filters 3x3, tanh
    conv2, conv3, … 32 x 32   the same, each with a shortcut: its input is added to its output
    pool            16 x 16   behind half of the convolutions
    average over all positions, classes

Differences from the paper: it is made to compare depths and is small, with 12 filters throughout, tanh, no
batch norm, and a shortcut around each convolution instead of two.
"""

from __future__ import annotations

from typing import Literal

from cnnlab.architectures.deferred import keras, layers
from cnnlab.architectures.registry import Reference, Shape, register
from cnnlab.errors import ArchitectureError

DEEPEST = 64


@register(
    title="Residual stack",
    year=2015,
    paper="https://arxiv.org/abs/1512.03385",
    summary="As deep as you like, with and without shortcuts: the degradation problem in small.",
    min_size=2,
    reference=Reference((32, 32, 3), 10, total_params=9_622, trainable_params=9_622, receptive_field=26),
    notes={
        "depth": "How many 3×3 convolutions there are.",
        "shortcuts": "yes: each convolution but the first adds its input to its output. no: a plain stack.",
    },
)
def residual_stack(
    input_shape: Shape, num_classes: int, *, depth: int = 8, shortcuts: Literal["yes", "no"] = "yes"
) -> keras.Model:
    """``depth`` convolutions of 12 filters, pooled half-way.

    Raises:
        ArchitectureError: the depth is none from 1 to 64.
    """
    if not isinstance(depth, int) or not 1 <= depth <= DEEPEST:
        raise ArchitectureError(f"The residual stack has 1 to {DEEPEST} convolutions, not {str(depth)[:20]}.")
    x = image = keras.Input(input_shape, name="image")
    for number in range(1, depth + 1):
        before = x
        x = layers.Conv2D(12, 3, padding="same", activation="tanh", name=f"conv{number}")(x)
        if shortcuts == "yes" and number > 1:
            x = layers.Add(name=f"add{number}")([before, x])
        if number == (depth + 1) // 2:
            x = layers.MaxPooling2D(2, name="pool")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    return keras.Model(
        image, layers.Dense(num_classes, activation="softmax", name="output")(x), name="residual_stack"
    )
