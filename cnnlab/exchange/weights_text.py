"""Weights as text: every weight of a network with its name and shape, and values of all but large ones."""

from collections.abc import Iterator
from typing import Any

import numpy as np

WHOLE = 20_000
"""A weight of at most so many values is written out; of a larger one the first and last 3 along each axis."""


def weights_text(model: Any) -> Iterator[str]:
    """Yield weights.txt in pieces: a heading, then each weight of a keras.Model.

    Values are written as numpy prints them, to 8 digits.
    """
    weights = model.weights
    count = sum(int(np.prod(weight.shape)) for weight in weights)
    yield (
        f"{model.name}: {len(weights)} weights, {count:,} values\n"
        f"A weight of up to {WHOLE:,} values is written in full; of a larger one the first and last 3 values "
        "along each axis, and ... for the others. model.keras holds all values.\n"
    )
    for weight in weights:
        values = np.asarray(weight)
        learns = "trainable" if weight.trainable else "not trainable"
        yield f"\n{weight.path}\nshape {tuple(values.shape)}, {values.size:,} values, {learns}\n"
        yield _written(values) + "\n"


def _written(values: np.ndarray) -> str:
    limit = values.size + 1 if values.size <= WHOLE else 1
    return np.array2string(values, threshold=limit, edgeitems=3, max_line_width=110)
