"""Findings in words: what was found, how sure it is, and over what."""

import math
from typing import cast

from cnnlab.experiments import MEASURES, Difference, Experiment, Results, Verdict
from cnnlab.experiments.experiment import Cost, Measure
from cnnlab.experiments.results import mean
from cnnlab.inference.score import percent

BADGES: dict[Verdict, tuple[str, str]] = {
    "shown": ("green", ":material/check_circle:"),
    "not shown": ("gray", ":material/remove_circle:"),
    "opposite": ("orange", ":material/swap_vert:"),
}


def badge(verdict: Verdict) -> str:
    """Return a verdict as a coloured badge of Markdown."""
    colour, icon = BADGES[verdict]
    return f":{colour}-badge[{icon} {verdict}]"


def sentence(experiment: Experiment, found: Difference | None) -> str:
    """Say how far the two sides of the claim lie apart, and whether that is more than chance."""
    if found is None:
        return "No pair of runs is over yet."
    first, second = experiment.better, experiment.worse
    value = "gap" if experiment.measure == "gap" else experiment_measure(experiment)
    if found.margin is None:
        points = abs(100 * found.mean)
        more = "more" if found.mean >= 0 else "less"
        return f"{first}: {points:.1f} points {more} {value} than {second}, with one seed. No interval yet."
    points, margin = 100 * found.mean, 100 * found.margin
    seeds = f"over {found.pairs} seeds, 95 % CI"
    if experiment.margin is not None:
        return f"{first} minus {second}: {points:+.1f} ± {margin:.1f} points ({seeds})."
    if not found.is_distinguishable:
        return (
            f"Not distinguishable: {first} minus {second} is {points:+.1f} ± {margin:.1f} points ({seeds})."
        )
    better = first if found.mean > 0 else second
    other = second if found.mean > 0 else first
    return f"{better}: {abs(points):.1f} ± {margin:.1f} points more {value} than {other} ({seeds})."


def experiment_measure(experiment: Experiment) -> str:
    """Return the short name of what an experiment measures."""
    words = {"accuracy": "training accuracy", "gap": "gap"}.get(experiment.measure, "validation accuracy")
    return f"{words} after {EQUAL[experiment.equal]}" if experiment.equal else words


def rows(results: Results, experiment: Experiment | None) -> list[dict[str, str]]:
    """Return a row of text for each side: its mean, each seed's value, parameters."""
    measure: Measure = experiment.measure if experiment else "val_accuracy"
    equal: Cost = experiment.equal if experiment else ""
    return [
        {
            "Side": side.label,
            "Mean": _percent(mean(values)),
            "By seed": ", ".join(map(_percent, values)),
            "Parameters": f"{side.parameters:,}" if side.parameters else "–",
            "MACs per image": f"{side.macs:,}" if side.macs else "–",
        }
        for side, values in zip(results.sides, results.values(measure, equal), strict=True)
    ]


AMOUNTS = {"epoch": "{:,.0f} epochs", "seconds": "{:,.1f} s", "macs": "{:,.3g} MACs"}
EQUAL = {"epoch": "the same number of epochs", "seconds": "the same training time", "macs": "the same MACs"}


def at_equal(results: Results, measure: str, cost: str) -> str:
    """Say how the sides stand at the cost that all of them have reached; empty where that says nothing.

    ``measure`` and ``cost`` are those of a chart: losses and numbers of parameters are not read so.
    """
    if measure not in MEASURES or cost not in AMOUNTS:
        return ""
    equal = cast(Cost, cost)
    budgets = [budget for budget in results.budgets(equal) if not math.isnan(budget)]
    if not budgets:
        return ""
    means = [mean(values) for values in results.values(measure, equal)]
    said = (f"{side.label} {_percent(value)}" for side, value in zip(results.sides, means, strict=True))
    missing = " Where there is a dash, the first epoch alone takes more." if None in means else ""
    amount = AMOUNTS[cost].format(min(budgets))
    return f"After {EQUAL[cost]}, {amount}, which every side has reached: {', '.join(said)}.{missing}"


def _percent(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else percent(value)
