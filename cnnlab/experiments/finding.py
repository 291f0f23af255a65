"""What a race shows, with its uncertainty: differences of pairs with the same seed, and Student's t interval.

Two runs of one seed have the same split and the same order of images, so their difference varies less than
either accuracy. With n seeds the mean difference has the 95 % interval mean ± t · s / √n, where s is the
standard deviation of the differences and t the 97.5 % quantile of Student's distribution with n - 1 degrees
of freedom (Student 1908, "The probable error of a mean", Biometrika 6). It holds for other seeds on this
dataset, not for other data.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal

from cnnlab.languages import _
from cnnlab.training.overfitting import t_quantile

Verdict = Literal["shown", "not shown", "opposite"]


@dataclass(frozen=True)
class Difference:
    """A mean difference of ``pairs`` pairs with its 95 % interval, which one pair alone does not have."""

    mean: float
    interval: tuple[float, float] | None
    pairs: int

    @property
    def margin(self) -> float | None:
        """Half the width of the interval."""
        return None if self.interval is None else (self.interval[1] - self.interval[0]) / 2

    @property
    def is_distinguishable(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]

    def __str__(self) -> str:
        """Say it in the language of the page; in English where nobody looks, as in the command line."""
        points = f"{100 * self.mean:+.1f}"
        if self.margin is None:
            return _("{points} points (one seed: no interval)", points=points)
        return _(
            "{points} ± {margin} points over {seeds} seeds",
            points=points,
            margin=f"{100 * self.margin:.1f}",
            seeds=self.pairs,
        )


def difference(first: Sequence[float], second: Sequence[float]) -> Difference | None:
    """Return how much more the first values are than the second ones of the same seeds; None without a pair.

    Values that are NaN, of a run that failed, take their pair with them.
    """
    pairs = [a - b for a, b in zip(first, second, strict=True) if not math.isnan(a - b)]
    if not pairs:
        return None
    mean = fmean(pairs)
    if len(pairs) == 1:
        return Difference(mean, None, 1)
    half = t_quantile(0.975, len(pairs) - 1) * stdev(pairs) / math.sqrt(len(pairs))
    return Difference(mean, (mean - half, mean + half), len(pairs))


def verdict(found: Difference | None, lower_is_better: bool = False, margin: float | None = None) -> Verdict:
    """Say what a difference (the side that the claim prefers, minus the other) means for the claim.

    ``margin``: the claim is that there is no difference beyond it; it is shown where the whole interval lies
    within ± margin, as two one-sided tests at 2.5 % would say (Schuirmann 1987).
    """
    if found is None or found.interval is None:
        return "not shown"
    low, high = found.interval
    if margin is not None:
        alike = -margin <= low and high <= margin
        return "shown" if alike else "opposite" if low > margin or high < -margin else "not shown"
    if lower_is_better:
        low, high = -high, -low
    return "shown" if low > 0 else "opposite" if high < 0 else "not shown"
