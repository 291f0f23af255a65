"""What an experiment is: a claim, who makes it, sides that differ in one thing, and what is compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from cnnlab import architectures
from cnnlab.architectures import missing_weights
from cnnlab.languages import _
from cnnlab.remote import RemoteFile
from cnnlab.runs.races import Arm, Plan

Measure = Literal["val_accuracy", "accuracy", "gap"]
Cost = Literal["", "epoch", "seconds", "macs"]
SEEDS = (0, 1, 2, 3, 4)
"""Of a recorded result: five, the fewest from which an interval says something."""
MEASURES: tuple[Measure, ...] = get_args(Measure)
"""What a run is measured by. At its last epoch: the best of many is too good by chance."""


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
        equal: the cost at which the sides are read: what all of them have reached; empty: each at its end.
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
    equal: Cost = ""
    margin: float | None = None

    @property
    def needs(self) -> list[RemoteFile]:
        """The files of pretrained weights that it begins with and that are not on this computer."""
        wanted = [
            missing_weights(arm.config.architecture)
            for arm in self.arms
            if not arm.config.network
            and architectures.get(arm.config.architecture).begins_pretrained(arm.config.options)
        ]
        return list(dict.fromkeys(file for file in wanted if file))

    @property
    def needs_gpu(self) -> bool:
        """Whether a side trains in mixed precision, which no CPU does."""
        return any(arm.config.precision == "mixed" for arm in self.arms)

    def plan(self, seeds: Sequence[int] = SEEDS) -> Plan:
        """Return the race that shows it."""
        return Plan(self.title, self.arms, tuple(seeds), self.name)

    @property
    def pair(self) -> tuple[int, int]:
        """The places of the two sides that are compared: the better one by the claim, then the other."""
        labels = [arm.label for arm in self.arms]
        return labels.index(self.better), labels.index(self.worse)


def said_measure(experiment: Experiment) -> str:
    """Say what the sides of an experiment are compared by, and when, in the language of the page."""
    ends: dict[Cost, str] = {
        "": _("the last epoch"),
        "epoch": _("the last epoch that every side has trained"),
        "seconds": _("the training time that every side has had"),
        "macs": _("the MACs that every side has spent"),
    }
    end = ends[experiment.equal]
    words: dict[Measure, str] = {
        "val_accuracy": _("validation accuracy after {end}", end=end),
        "accuracy": _("training accuracy after {end}", end=end),
        "gap": _("training accuracy minus validation accuracy after {end}", end=end),
    }
    return words[experiment.measure]
