"""Whether a network is as sure as it is right: reliability diagram and expected calibration error.

Guo et al. 2017 (arXiv:1706.04599, section 2): answers are put into bins of equal width by the probability of
the predicted class; in each bin the accuracy is held against the mean probability. The error is the mean of
the differences' sizes, weighted by the number of answers in the bins.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 15


@dataclass(frozen=True)
class Bin:
    """Answers with a probability above ``low`` up to ``high``; of none, accuracy and confidence are None."""

    low: float
    high: float
    n: int
    accuracy: float | None
    confidence: float | None


@dataclass(frozen=True)
class Reliability:
    """The bins, from unsure to sure, the expected calibration error (0 to 1), and the number of answers."""

    bins: tuple[Bin, ...]
    error: float
    n: int


def by_chance(probabilities: Sequence[float], bins: int = BINS, draws: int = 200, seed: int = 0) -> float:
    """Return the error that a perfectly calibrated network would be found to have with as few answers.

    The mean over draws in which each answer is right with the probability that it was given.
    """
    sure, draw = np.asarray(probabilities, np.float64), np.random.default_rng(seed)
    inside = (_places(sure, bins)[:, None] == np.arange(bins)).astype(np.float32)  # (N, bins)
    right = (draw.random((draws, len(sure))) < sure).astype(np.float32)  # (draws, N)
    off = right @ inside - sure.astype(np.float32) @ inside  # hits beyond those expected, in each bin
    return float(np.abs(off).sum(1).mean() / len(sure))


def reliability(probabilities: Sequence[float], right: Sequence[bool], bins: int = BINS) -> Reliability:
    """Return how sure answers were beside how often they were right.

    Args:
        probabilities: of the predicted class, one for each answer, at least one.
        right: whether the answers were right.
        bins: how many, at least 1.
    """
    sure, hit = np.asarray(probabilities, np.float64), np.asarray(right, bool)
    place = _places(sure, bins)
    found, error = [], 0.0
    for number in range(bins):
        inside = place == number
        n = int(inside.sum())
        low, high = number / bins, (number + 1) / bins
        if not n:
            found.append(Bin(low, high, 0, None, None))
            continue
        accuracy, confidence = float(hit[inside].mean()), float(sure[inside].mean())
        found.append(Bin(low, high, n, accuracy, confidence))
        error += n / len(sure) * abs(accuracy - confidence)
    return Reliability(tuple(found), error, len(sure))


def _places(sure: np.ndarray, bins: int) -> np.ndarray:
    """Return the number of the bin of each probability ``(N,)``."""
    return np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
