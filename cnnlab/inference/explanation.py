"""What speaks for a class in an image: plain values, which need no TensorFlow to be read."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Explanation:
    """Which parts of an image speak for a class.

    ``heatmap`` float32 ``(rows, columns)``; ``class_index`` the class that is explained, ``probabilities``
    float32 ``(classes,)`` of the whole image; ``layer`` is None for a method that asks the whole network.
    """

    heatmap: np.ndarray
    class_index: int
    probabilities: np.ndarray
    layer: str | None
    method: str

    @property
    def probability(self) -> float:
        """The probability of the class that is explained."""
        return float(self.probabilities[self.class_index])
