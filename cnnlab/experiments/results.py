"""The curves of a race, live or recorded, and what they say: the same for pages and the command line."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np

from cnnlab.errors import RunError
from cnnlab.experiments.experiment import Cost, Experiment, Measure
from cnnlab.experiments.finding import Difference, Verdict, difference, verdict
from cnnlab.runs.races import Race

COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")


@dataclass(frozen=True)
class Curve:
    """One run: its columns by epoch, float64, and whether it trained to its end."""

    seed: int
    epochs: dict[str, np.ndarray]
    is_over: bool

    def value(self, measure: Measure, rows: int | None = None) -> float:
        """Return what it is measured by at its end, or after some of its epochs, 0 to 1.

        NaN where it has not ended, has failed, or has no epoch so early.
        """
        if not self.is_over or not len(self.epochs["epoch"]) or rows == 0:
            return math.nan
        at = -1 if rows is None else rows - 1
        last = {name: float(column[at]) for name, column in self.epochs.items()}
        return last["accuracy"] - last["val_accuracy"] if measure == "gap" else last[measure]


@dataclass(frozen=True)
class Side:
    """One side of a race: its label, a curve for each seed, trainable and other parameters, and MACs.

    ``parameters`` is None before its first run has built the network, ``macs`` (for one image, forward) where
    they are not known.
    """

    label: str
    curves: tuple[Curve, ...]
    parameters: int | None = None
    macs: int | None = None

    def values(self, measure: Measure) -> list[float]:
        """Return the value of each seed, NaN where there is none."""
        return [curve.value(measure) for curve in self.curves]

    def whole_cost(self, curve: Curve, cost: Cost) -> float:
        """Return what a curve of this side has cost at its end; NaN where it is not over."""
        ended = curve.is_over and len(curve.epochs["epoch"])
        return float(self.cost(curve, cost)[-1]) if ended else math.nan

    def cost(self, curve: Curve, cost: Cost) -> np.ndarray:
        """Return what a curve of this side has cost after each epoch: epochs, seconds, or MACs an image."""
        if cost == "seconds":
            return curve.epochs["seconds"]
        return curve.epochs["epoch"] * ((self.macs or math.nan) if cost == "macs" else 1)


@dataclass(frozen=True)
class Results:
    """All sides of a race, in their order; ``images`` is the size of the validation set where it is known."""

    sides: tuple[Side, ...]
    images: int | None = None

    def values(self, measure: Measure, equal: Cost = "") -> list[list[float]]:
        """Return the value of each side with each seed, NaN where there is none.

        With ``equal`` each is read after the last epoch within the cost that every side of this seed has
        reached at its end. A side whose first epoch costs more has none.
        """
        if not equal:
            return [side.values(measure) for side in self.sides]
        budgets = self.budgets(equal)
        return [
            [
                curve.value(measure, int((side.cost(curve, equal) <= budget).sum()))
                for curve, budget in zip(side.curves, budgets, strict=True)
            ]
            for side in self.sides
        ]

    def budgets(self, equal: Cost) -> list[float]:
        """Return for each seed the cost that every side has reached; NaN where one is not over."""
        ends = [[side.whole_cost(curve, equal) for curve in side.curves] for side in self.sides]
        return [math.nan if any(map(math.isnan, seed)) else min(seed) for seed in zip(*ends, strict=True)]

    def compared(
        self, first: int, second: int, measure: Measure = "val_accuracy", equal: Cost = ""
    ) -> Difference | None:
        """Return how much more the first side has than the second, paired by seed."""
        values = self.values(measure, equal)
        return difference(values[first], values[second])

    def about(self, experiment: Experiment) -> tuple[Difference | None, Verdict]:
        """Return the difference that an experiment is about, and what it means for the claim."""
        found = self.compared(*experiment.pair, experiment.measure, experiment.equal)
        return found, verdict(found, experiment.lower_is_better, experiment.margin)

    def to_dict(self, experiment: Experiment) -> dict[str, Any]:
        """Return what ``experiment --json`` prints, beside name and claim."""
        found, said = self.about(experiment)
        arms = [
            {
                "label": side.label,
                "accuracies": [None if math.isnan(v) else v for v in values],
                "mean": mean(values),
            }
            for side, values in zip(
                self.sides, self.values(experiment.measure, experiment.equal), strict=True
            )
        ]
        interval = list(found.interval) if found and found.interval else None
        return {
            "measure": experiment.measure,
            **({"equal": experiment.equal} if experiment.equal else {}),
            "arms": arms,
            "difference": found.mean if found else None,
            "interval": interval,
            "verdict": said,
        }


def mean(values: Sequence[float]) -> float | None:
    """Return the mean of those values that are known, or None."""
    known = [value for value in values if not math.isnan(value)]
    return fmean(known) if known else None


@dataclass(frozen=True)
class Course:
    """How a side went, over its seeds: columns float64 with a row for each epoch."""

    label: str
    x: np.ndarray
    mean: np.ndarray
    least: np.ndarray
    most: np.ndarray
    seeds: int


def course(side: Side, measure: str, axis: str = "epoch", epochs: int | None = None) -> Course:
    """Return how a side went along an axis, after so many epochs.

    ``axis`` is "epoch", "seconds" (their mean over seeds), "macs" (multiplications with additions of the
    forward passes of an image, times epochs) or "parameters". What is not known of a side is NaN.
    """
    tables = [curve.epochs for curve in side.curves if len(curve.epochs["epoch"])]
    rows = max((len(table["epoch"]) for table in tables), default=0)
    rows = rows if epochs is None else min(rows, epochs)
    values = np.full((len(tables), rows), np.nan)
    seconds = np.full((len(tables), rows), np.nan)
    for number, table in enumerate(tables):
        known = min(rows, len(table["epoch"]))
        values[number, :known], seconds[number, :known] = table[measure][:known], table["seconds"][:known]
    if not tables or not rows:
        none = np.empty(0)
        return Course(side.label, none, none, none, none, 0)
    passed = np.arange(1.0, rows + 1)
    x = {
        "epoch": passed,
        "seconds": np.nanmean(seconds, axis=0),
        "macs": passed * (side.macs or np.nan),
        "parameters": np.full(rows, side.parameters or np.nan),
    }[axis]
    with np.errstate(all="ignore"):
        mean, least, most = (f(values, axis=0) for f in (np.nanmean, np.nanmin, np.nanmax))
    return Course(side.label, x, mean, least, most, len(tables))


def of_race(race: Race) -> Results:
    """Return what a race has found so far."""
    plan, macs = race.plan, race.macs()
    sides, images = [], None
    for number, arm in enumerate(plan.arms):
        curves, parameters = [], None
        for seed in plan.seeds:
            run = race.begun(number, seed)
            if run is None:
                curves.append(Curve(seed, {name: np.empty(0) for name in COLUMNS}, False))
                continue
            columns = run.metrics().epochs
            over = run.status().state == "finished"
            curves.append(Curve(seed, {name: columns[name] for name in COLUMNS}, over))
            try:
                facts = run.model_facts
                parameters, images = facts.params, facts.split["validation"]
            except RunError:  # it has not built its network yet
                continue
        sides.append(Side(arm.label, tuple(curves), parameters, macs.get(number)))
    return Results(tuple(sides), images)
