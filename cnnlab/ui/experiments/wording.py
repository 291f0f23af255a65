"""Findings in words: what was found, how sure it is, and over what."""

import math

from cnnlab.experiments import MEASURES, READY, Difference, Experiment, Results, Verdict
from cnnlab.experiments.experiment import Cost, Measure
from cnnlab.experiments.results import mean
from cnnlab.experiments.spread import MORE_SEEDS
from cnnlab.inference.score import percent
from cnnlab.languages import _, _n, _p
from cnnlab.runs.races import Plan

BADGES: dict[Verdict, tuple[str, str]] = {
    "shown": ("green", ":material/check_circle:"),
    "not shown": ("gray", ":material/remove_circle:"),
    "opposite": ("orange", ":material/swap_vert:"),
}


def badge(verdict: Verdict) -> str:
    """Return a verdict as a coloured badge of Markdown."""
    colour, icon = BADGES[verdict]
    words: dict[Verdict, str] = {
        "shown": _p("a claim is", "shown"),
        "not shown": _p("a claim is", "not shown"),
        "opposite": _p("a finding is", "opposite"),
    }
    return f":{colour}-badge[{icon} {words[verdict]}]"


def side(label: str) -> str:
    """Return what a page calls a side of a race; its label stays the English one in files and forms."""
    return _(label)


def title(plan: Plan) -> str:
    """Return the title of a race: that of its experiment, or what differs, after the run or the setting."""
    if plan.experiment in READY:
        return _(READY[plan.experiment].title)
    head, _colon, tail = plan.title.rpartition(": ")
    labels = [arm.label for arm in plan.arms]
    sides = [side(label) for label in labels]
    if tail == f"{MORE_SEEDS} more seeds":
        return _("{run}: {n} more seeds", run=head, n=MORE_SEEDS)
    if tail == " or ".join(labels):
        return _("{run}: {futures}", run=head, futures=_p("between futures", " or ").join(sides))
    if tail == ", ".join(labels):
        return _("{setting}: {values}", setting=_(head), values=_listed(sides))
    return plan.title


def sentence(experiment: Experiment, found: Difference | None) -> str:
    """Say how far the two sides of the claim lie apart, and whether that is more than chance."""
    if found is None:
        return _("No pair of runs is over yet.")
    if found.margin is None:
        return _of_one_seed(experiment, found)
    first, second = side(experiment.better), side(experiment.worse)
    points, seeds = 100 * found.mean, {"margin": f"{100 * found.margin:.1f}", "seeds": found.pairs}
    sides = {"first": first, "second": second, "points": f"{points:+.1f}"}
    if experiment.margin is not None:
        return _(
            "{first} minus {second}: {points} ± {margin} points (over {seeds} seeds, 95 % CI).",
            **sides,
            **seeds,
        )
    if not found.is_distinguishable:
        return _(
            "Not distinguishable: {first} minus {second} is {points} ± {margin} points (over {seeds} seeds, "
            "95 % CI).",
            **sides,
            **seeds,
        )
    return _(
        "{better}: {points} ± {margin} points more {value} than {other} (over {seeds} seeds, 95 % CI).",
        better=first if points > 0 else second,
        other=second if points > 0 else first,
        points=f"{abs(points):.1f}",
        value=experiment_measure(experiment),
        **seeds,
    )


def _of_one_seed(experiment: Experiment, found: Difference) -> str:
    values = {
        "first": side(experiment.better),
        "second": side(experiment.worse),
        "points": f"{abs(100 * found.mean):.1f}",
        "value": experiment_measure(experiment),
    }
    if found.mean >= 0:
        return _(
            "{first}: {points} points more {value} than {second}, with one seed. No interval yet.", **values
        )
    return _("{first}: {points} points less {value} than {second}, with one seed. No interval yet.", **values)


def experiment_measure(experiment: Experiment) -> str:
    """Return the short name of what an experiment measures, and at which equal cost."""
    words: dict[Measure, str] = {
        "accuracy": _("training accuracy"),
        "gap": _p("of two accuracies", "gap"),
        "val_accuracy": _("validation accuracy"),
    }
    value = words[experiment.measure]
    if not experiment.equal:
        return value
    return _("{value} after {equal}", value=value, equal=_equal(experiment.equal))


def rows(results: Results, experiment: Experiment | None) -> list[dict[str, str]]:
    """Return a row of text for each side: its mean, each seed's value, parameters."""
    measure: Measure = experiment.measure if experiment else "val_accuracy"
    equal: Cost = experiment.equal if experiment else ""
    return [
        {
            _p("of a race", "Side"): side(one.label),
            _("Mean"): _percent(mean(values)),
            _("By seed"): ", ".join(map(_percent, values)),
            _("Parameters"): f"{one.parameters:,}" if one.parameters else "–",
            _("MACs per image"): f"{one.macs:,}" if one.macs else "–",
        }
        for one, values in zip(results.sides, results.values(measure, equal), strict=True)
    ]


COSTS: tuple[Cost, ...] = ("epoch", "seconds", "macs")


def _amount(cost: Cost, value: float) -> str:
    if cost == "epoch":
        return _n("{n} epoch", "{n} epochs", round(value))
    return f"{value:,.1f} s" if cost == "seconds" else f"{value:,.3g} MACs"


def _equal(cost: Cost) -> str:
    words: dict[Cost, str] = {
        "epoch": _("the same number of epochs"),
        "seconds": _("the same training time"),
        "macs": _("the same MACs"),
    }
    return words[cost]


def at_equal(results: Results, measure: str, cost: str) -> str:
    """Say how the sides stand at the cost that all of them have reached; empty where that says nothing.

    ``measure`` and ``cost`` are those of a chart: losses and numbers of parameters are not read so.
    """
    if measure not in MEASURES or cost not in COSTS:
        return ""
    budgets = [budget for budget in results.budgets(cost) if not math.isnan(budget)]
    if not budgets:
        return ""
    means = [mean(values) for values in results.values(measure, cost)]
    said = [f"{side(one.label)} {_percent(value)}" for one, value in zip(results.sides, means, strict=True)]
    values = {"equal": _equal(cost), "amount": _amount(cost, min(budgets)), "sides": _listed(said)}
    if None in means:
        return _(
            "After {equal}, {amount}, which every side has reached: {sides}. Where there is a dash, the "
            "first epoch alone takes more.",
            **values,
        )
    return _("After {equal}, {amount}, which every side has reached: {sides}.", **values)


def _listed(items: list[str]) -> str:
    return _p("between the items of a list", ", ").join(items)


def _percent(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else percent(value)
