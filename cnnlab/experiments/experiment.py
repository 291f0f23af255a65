"""What an experiment is: a claim, who makes it, sides that differ in one thing, and what is compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cnnlab.runs.races import Arm, Plan

Measure = Literal["val_accuracy", "accuracy", "gap"]
SEEDS = (0, 1, 2, 3, 4)
"""Of a recorded result: five, the fewest from which an interval says something."""
MEASURES: dict[Measure, str] = {
    "val_accuracy": "validation accuracy after the last epoch",
    "accuracy": "training accuracy after the last epoch",
    "gap": "training accuracy minus validation accuracy after the last epoch",
}
"""What a run is measured by. The last epoch: the best of many is too good by chance."""


@dataclass(frozen=True)
class Experiment:
    """A claim, made into runs that can show it or not.

    Args:
        name: for the command line and addresses.
        title: what is compared.
        claim: what is said to happen, in one sentence.
        claimed_by: the paper or the course, with year.
        paper: its address, or empty.
        arms: the sides, differing in one thing.
        better: the label of the side that the claim says is better.
        worse: the label of the side that it is compared with.
        look_for: what to watch on the chart.
        lesson: why it comes out so, in two or three sentences.
        measure: what is compared, see ``MEASURES``.
        lower_is_better: whether the claim is of a smaller value, as of a gap.
        margin: where the claim is that two sides are alike: the difference, 0 to 1, that counts as none.
    """

    name: str
    title: str
    claim: str
    claimed_by: str
    paper: str
    arms: tuple[Arm, ...]
    better: str
    worse: str
    look_for: str
    lesson: str
    measure: Measure = "val_accuracy"
    lower_is_better: bool = False
    margin: float | None = None

    def plan(self, seeds: Sequence[int] = SEEDS) -> Plan:
        """Return the race that shows it."""
        return Plan(self.title, self.arms, tuple(seeds), self.name)

    @property
    def pair(self) -> tuple[int, int]:
        """The places of the two sides that are compared: the better one by the claim, then the other."""
        labels = [arm.label for arm in self.arms]
        return labels.index(self.better), labels.index(self.worse)
