"""What a benchmark returns: both sides, measured in one run on one machine, their ratio and the aim."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Result:
    """One comparison. The ratio is ours / other; exactly one of the aims is set."""

    name: str
    unit: str
    ours_is: str
    ours: float
    other_is: str
    other: float
    ratio_at_least: float | None = None
    ratio_at_most: float | None = None
    ours_at_most: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.ours / self.other if self.other else None

    @property
    def aim(self) -> str:
        if self.ratio_at_least is not None:
            return f"ratio at least {self.ratio_at_least:g}"
        if self.ratio_at_most is not None:
            return f"ratio at most {self.ratio_at_most:g}"
        return f"at most {self.ours_at_most:g} {self.unit}"

    @property
    def met(self) -> bool:
        if self.ratio_at_least is not None:
            return self.ratio >= self.ratio_at_least
        if self.ratio_at_most is not None:
            return self.ratio <= self.ratio_at_most
        return self.ours <= self.ours_at_most

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"ratio": self.ratio, "aim": self.aim, "met": self.met}

    def __str__(self) -> str:
        ratio = "–" if self.ratio is None else f"{self.ratio:.3g}"
        return (
            f"{self.name}\n"
            f"  {self.ours:12,.4g} {self.unit}  {self.ours_is}\n"
            f"  {self.other:12,.4g} {self.unit}  {self.other_is}\n"
            f"  {ratio:>12} ratio; aim: {self.aim}: {'met' if self.met else 'MISSED'}"
        )


def quantile(values: Sequence[float], fraction: float) -> float:
    """Return the value that ``fraction`` per cent of the values do not exceed (the nearest one measured)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, ceil(fraction / 100 * len(ordered)) - 1)]


def interleaved(sides: Sequence[Callable[[], float]], repeats: int) -> tuple[float, ...]:
    """Measure all sides in turn, ``repeats`` times, and return each median: noise then hits all alike."""
    rounds = [[side() for side in sides] for _ in range(repeats)]
    return tuple(median(values) for values in zip(*rounds, strict=True))
