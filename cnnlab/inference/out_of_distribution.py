"""When a network should say "I do not know": answers that are unsure, and images unlike all it has seen.

Unsure: the probability of the answer lies below a threshold that keeps a stated fraction of the right answers
of the validation set (the maximum softmax probability of Hendrycks and Gimpel 2017, arXiv:1610.02136).

Unlike: in the space of the penultimate layer the nearest training image is farther away than that of nearly
every validation image (nearest-neighbour distance, Sun et al. 2022, arXiv:2204.06507). A network can be very
sure of an empty chair; this distance does not ask how sure it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

KEPT_FRACTION = 0.95
UNLIKE_QUANTILE = 0.99
"""An image farther away than this fraction of the validation images counts as unlike them."""


@dataclass(frozen=True)
class Threshold:
    """The least probability of an answer that counts.

    ``kept`` of the ``right`` right answers of the validation set lie at or above it, and so do ``wrong_kept``
    of the ``wrong`` wrong ones.
    """

    value: float
    right: int
    kept: int
    wrong: int
    wrong_kept: int

    def knows(self, probability: float) -> bool:
        """Whether an answer of this probability counts."""
        return probability >= self.value


def threshold(
    probabilities: Sequence[float], right: Sequence[bool], fraction: float = KEPT_FRACTION
) -> Threshold | None:
    """Return the highest threshold that keeps at least ``fraction`` of the right answers; None without one.

    Args:
        probabilities: of the predicted class, one for each answer of the validation set.
        right: whether the answers were right.
        fraction: of the right answers to keep, above 0 up to 1.
    """
    sure, hit = np.asarray(probabilities, np.float64), np.asarray(right, bool)
    if not hit.any():
        return None
    best_first = np.sort(sure[hit])[::-1]
    needed = max(1, ceil(fraction * len(best_first) - 1e-9))
    value = float(best_first[needed - 1])
    kept, wrong_kept = (int((sure[which] >= value).sum()) for which in (hit, ~hit))
    return Threshold(value, len(best_first), kept, int((~hit).sum()), wrong_kept)
