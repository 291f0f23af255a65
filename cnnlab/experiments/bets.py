"""Bets on a race: who wins, with what accuracy, and when it overfits; placed before the first epoch is over.

jobs/race-<16 hex>/bets/<visitor>.json      one bet of each visitor; the last one counts
"""

import math
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab import access
from cnnlab.access import people
from cnnlab.errors import ExperimentError
from cnnlab.experiments.experiment import Measure
from cnnlab.experiments.results import Results
from cnnlab.runs import reading
from cnnlab.runs.races import Race
from cnnlab.runs.reading import DamagedError
from cnnlab.shelf import write_json

MOST_BETS = 500
_BYTES = 2_000
ALONE = "alone"
"""The owner of the bet of whoever bets where nobody else can."""
ACCURACY_POINTS = ((0.01, 3), (0.03, 2), (0.10, 1))
"""So near to the accuracy of the winner, 0 to 1, and so many points for it."""
EPOCH_POINTS = ((0, 3), (1, 2), (3, 1))
"""So many epochs off, and so many points for it."""
WINNER_POINTS = 3


@dataclass(frozen=True)
class Bet:
    """What somebody expects: the place of the winning side, its accuracy (0 to 1), an epoch (or None).

    ``epoch`` is the one with the lowest validation loss of the winning side: behind it, it overfits.
    """

    winner: int
    accuracy: float
    epoch: int | None = None


@dataclass(frozen=True)
class Standing:
    """A bet and its points as the race stands now."""

    name: str
    bet: Bet
    points: int
    owner: str = ALONE


def is_open(race: Race) -> bool:
    """Whether bets are still taken: no run of the race has finished an epoch."""
    plan = race.plan
    return not any(
        (run := race.begun(arm, seed)) and run.status().epoch
        for arm in range(len(plan.arms))
        for seed in plan.seeds
    )


def place(race: Race, bet: Bet) -> None:
    """Keep the bet of the current visitor, in place of an earlier one.

    Raises:
        ExperimentError: it is too late, the bet is none, there are too many, or the disk is full.
        AccessError: the visitor follows the teacher.
    """
    access.refuse_follower()
    plan, folder = race.plan, race.job.folder / "bets"
    if not is_open(race):
        raise ExperimentError("The first epoch is over; bets are no longer taken.")
    if not (0 <= bet.winner < len(plan.arms) and 0 <= bet.accuracy <= 1):
        raise ExperimentError("A bet names one of the sides, and an accuracy from 0 to 100 %.")
    path = _mine(race)
    try:
        folder.mkdir(exist_ok=True)
        if not path.exists() and len(list(folder.iterdir())) >= MOST_BETS:
            raise ExperimentError(f"There are {MOST_BETS} bets already.")
        write_json(path, asdict(bet) | {"time": time.time()})
    except OSError as error:
        raise ExperimentError(f"The bet cannot be kept ({error.strerror}); free some space.") from error


def of_visitor(race: Race) -> Bet | None:
    """Return the bet of the current visitor, or None."""
    return _read(_mine(race), len(race.plan.arms))


def count(race: Race) -> int:
    """Return how many have bet."""
    with suppress(OSError):
        return len(list((race.job.folder / "bets").glob("*.json")))
    return 0


def standings(race: Race, results: Results, measure: Measure = "val_accuracy") -> list[Standing]:
    """Return all bets as the race stands now, the best first; without points while no epoch is over."""
    now = _leader(results, measure)
    found = [
        Standing(people.shown(owner) if owner != ALONE else "You", bet, _points(bet, now), owner)
        for owner, bet in _all(race)
    ]
    return sorted(found, key=lambda standing: (-standing.points, standing.name))


def _mine(race: Race) -> Path:
    """Return the file of the current visitor's bet."""
    return race.job.folder / "bets" / f"{access.current().id or ALONE}.json"


def _all(race: Race) -> Iterator[tuple[str, Bet]]:
    arms = len(race.plan.arms)
    for path in sorted((race.job.folder / "bets").glob("*.json"))[:MOST_BETS]:
        if bet := _read(path, arms):
            yield path.stem, bet


def _read(path: Path, arms: int) -> Bet | None:
    try:
        known: dict[str, Any] = reading.document(path, _BYTES)
    except (OSError, DamagedError):
        return None
    winner, accuracy, epoch = known.get("winner"), known.get("accuracy"), known.get("epoch")
    if type(winner) is not int or not 0 <= winner < arms:
        return None
    if not isinstance(accuracy, int | float) or isinstance(accuracy, bool) or not 0 <= accuracy <= 1:
        return None
    return Bet(winner, float(accuracy), epoch if type(epoch) is int else None)


def _leader(results: Results, measure: Measure) -> tuple[int, float, int] | None:
    """Return the side that leads now, its accuracy, and its epoch with the lowest validation loss."""
    means = []
    for side in results.sides:
        last = [curve.epochs for curve in side.curves if len(curve.epochs["epoch"])]
        name = "val_accuracy" if measure == "gap" else measure
        means.append(np.mean([table[name][-1] for table in last]) if last else math.nan)
    if np.isnan(means).all():
        return None
    winner = int(np.nanargmax(means))
    tables = [c.epochs["val_loss"] for c in results.sides[winner].curves if len(c.epochs["epoch"])]
    shortest = min(len(losses) for losses in tables)
    losses = np.mean([column[:shortest] for column in tables], axis=0)
    return winner, float(means[winner]), int(np.nanargmin(losses)) + 1 if np.isfinite(losses).any() else 0


def _points(bet: Bet, now: tuple[int, float, int] | None) -> int:
    if now is None:
        return 0
    winner, accuracy, epoch = now
    points = WINNER_POINTS if bet.winner == winner else 0
    off = abs(bet.accuracy - accuracy)
    points += next((worth for most, worth in ACCURACY_POINTS if off <= most + 1e-9), 0)
    if bet.epoch is not None:
        points += next((worth for most, worth in EPOCH_POINTS if abs(bet.epoch - epoch) <= most), 0)
    return points
