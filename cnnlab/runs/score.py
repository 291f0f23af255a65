"""Which of two epochs is better: the one with more validation images right, then the one with less loss."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

DIGITS = 7
"""Significant digits in the history of a run: scores are compared as it keeps them, so that a run that goes
on from its history chooses as one that never stopped."""


@dataclass(frozen=True)
class Score:
    """Validation accuracy (0 to 1) and validation loss of an epoch, as the history keeps them."""

    accuracy: float
    loss: float

    @classmethod
    def of(cls, logs: Mapping[str, Any]) -> "Score":
        """Return the score in what Keras reports of an epoch."""
        return cls(rounded(float(logs["val_accuracy"])), rounded(float(logs["val_loss"])))

    def beats(self, other: "Score | None") -> bool:
        """Whether this epoch is better: more accurate, or equally and with less loss; NaN is never better."""
        return other is None or self._rank > other._rank

    @property
    def _rank(self) -> tuple[float, float]:
        accuracy, loss = self.accuracy, self.loss
        return (
            -math.inf if math.isnan(accuracy) else accuracy,
            -math.inf if math.isnan(loss) else -loss,
        )


def rounded(value: float) -> float:
    """Return a value as the history keeps it."""
    return value if isinstance(value, int) else float(f"{value:.{DIGITS}g}")


def best_row(epochs: Mapping[str, np.ndarray]) -> int | None:
    """Return the row of the best epoch of a history; of equals the first, None where no accuracy is known.

    Args:
        epochs: columns of equal length, of which ``val_accuracy`` and ``val_loss`` are looked at.
    """
    best: int | None = None
    scores = [Score(*pair) for pair in zip(epochs["val_accuracy"], epochs["val_loss"], strict=True)]
    for row, score in enumerate(scores):
        if not math.isnan(score.accuracy) and score.beats(scores[best] if best is not None else None):
            best = row
    return best
