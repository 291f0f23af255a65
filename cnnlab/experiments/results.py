"""The curves of a race, live or recorded, and what they say: the same for pages and the command line."""

import math
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np

from cnnlab.errors import RunError
from cnnlab.experiments.experiment import Experiment, Measure
from cnnlab.experiments.finding import Difference, Verdict, difference, verdict
from cnnlab.runs.races import Race

COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")


@dataclass(frozen=True)
class Curve:
    """One run: its columns by epoch, float64, and whether it trained to its end."""

    seed: int
    epochs: dict[str, np.ndarray]
    is_over: bool

    def value(self, measure: Measure) -> float:
        """Return what it is measured by at its end, 0 to 1; NaN before, and where it failed."""
        if not self.is_over or not len(self.epochs["epoch"]):
            return math.nan
        last = {name: float(column[-1]) for name, column in self.epochs.items()}
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

    def mean(self, measure: Measure) -> float | None:
        """Return the mean over the seeds that are over, or None."""
        known = [value for value in self.values(measure) if not math.isnan(value)]
        return fmean(known) if known else None


@dataclass(frozen=True)
class Results:
    """All sides of a race, in their order; ``images`` is the size of the validation set where it is known."""

    sides: tuple[Side, ...]
    images: int | None = None

    def compared(self, first: int, second: int, measure: Measure = "val_accuracy") -> Difference | None:
        """Return how much more the first side has than the second, paired by seed."""
        return difference(self.sides[first].values(measure), self.sides[second].values(measure))

    def about(self, experiment: Experiment) -> tuple[Difference | None, Verdict]:
        """Return the difference that an experiment is about, and what it means for the claim."""
        found = self.compared(*experiment.pair, experiment.measure)
        return found, verdict(found, experiment.lower_is_better, experiment.margin)

    def to_dict(self, experiment: Experiment) -> dict[str, Any]:
        """Return what ``experiment --json`` prints, beside name and claim."""
        found, said = self.about(experiment)
        arms = [
            {
                "label": side.label,
                "accuracies": [None if math.isnan(v) else v for v in side.values(experiment.measure)],
                "mean": side.mean(experiment.measure),
            }
            for side in self.sides
        ]
        interval = list(found.interval) if found and found.interval else None
        return {
            "measure": experiment.measure,
            "arms": arms,
            "difference": found.mean if found else None,
            "interval": interval,
            "verdict": said,
        }


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
