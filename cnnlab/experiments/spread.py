"""The spread of a run over seeds: the same settings trained again with others, split and weights anew."""

import math
from contextlib import suppress
from dataclasses import dataclass
from statistics import fmean, stdev

from cnnlab.access import limits
from cnnlab.errors import CnnLabError, RunError
from cnnlab.experiments.results import of_race
from cnnlab.runs import Run, races, reading
from cnnlab.runs.races import Arm, Plan, Race
from cnnlab.runs.reading import DamagedError
from cnnlab.shelf import write_json

MORE_SEEDS = 4
_NOTE = "seeds.json"


@dataclass(frozen=True)
class Spread:
    """Best validation accuracies, 0 to 1: of a run, and of the same settings with other seeds."""

    accuracies: tuple[float, ...]

    def __str__(self) -> str:
        mean, spread = 100 * fmean(self.accuracies), 100 * stdev(self.accuracies)
        return f"{mean:.1f} ± {spread:.1f} % over {len(self.accuracies)} seeds (mean ± standard deviation)"


def plan(run: Run) -> Plan:
    """Return the race that trains the settings of a run with four more seeds.

    Raises:
        RunError: its settings cannot be read, or it is a fork, which begins with weights of its own.
        AccessError: its network is larger than a student may train.
    """
    with suppress(RunError):  # a run that is over knows it; another one is refused by its page
        limits.check_settings(parameters=run.model_facts.params)
    if run.checkpoint("initial"):
        raise RunError("A fork begins with the weights of another run: more seeds would not be the same run.")
    config = run.config
    seeds = tuple((config.seed + number) % 2**31 for number in range(1, MORE_SEEDS + 1))
    arm = Arm("more seeds", config.changed(title="", recipe=None))
    return Plan(f"{run.title}: {MORE_SEEDS} more seeds"[:200], (arm,), seeds)


def remember(run: Run, race: Race) -> None:
    """Write down beside a run which race has its other seeds.

    Raises:
        RunError: it cannot be written.
    """
    try:
        write_json(run.folder / _NOTE, {"race": race.id})
    except OSError as error:
        raise run.unwritable(error) from error


def race_of(run: Run) -> Race | None:
    """Return the race with the other seeds of a run, or None where there is none any more."""
    with suppress(CnnLabError, OSError, DamagedError):
        return races.get(str(reading.document(run.folder / _NOTE).get("race")))
    return None


def spread_of(run: Run) -> Spread | None:
    """Return the spread of a run that is over and whose other seeds are; None where it is not known."""
    race, best = race_of(run), run.status().best_val_accuracy
    if race is None or best is None or race.job.status().is_active:
        return None
    side = of_race(race).sides[0]
    others = [max(c.epochs["val_accuracy"]) for c in side.curves if c.is_over and len(c.epochs["epoch"])]
    found = (best, *(float(value) for value in others if not math.isnan(value)))
    return Spread(found) if len(found) > 1 else None
