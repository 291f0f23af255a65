"""When what waits will begin: from the seconds that epochs took, of the runs at work and of similar ones.

What is not known is None, and so is all that waits behind it. Nothing is assumed of runs that nobody has
started yet.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from cnnlab.errors import RunError
from cnnlab.runs import Overview, Run
from cnnlab.runs.kinds import DEVICE, TRAIN
from cnnlab.runs.lanes import Seen, look, most_of, queue
from cnnlab.settings import RunConfig

LOOKED_AT = 60
"""So many of the newest runs are looked at for their speed."""
SIMILAR = 5
BY_SIZE = ("architecture", "network", "options", "dataset", "image_size", "channels", "max_per_class")
BY_WORK = ("batch_size", "augmented_copies", "precision", "devices", "validation_fraction", "split_by")


@dataclass(frozen=True)
class Pace:
    """What was measured of a run: seconds of an epoch, and all that came before and after its epochs."""

    epoch_seconds: float
    other_seconds: float

    def seconds(self, epochs: int) -> float:
        """Return how long a run of so many epochs takes."""
        return self.other_seconds + epochs * self.epoch_seconds


@dataclass(frozen=True)
class Turn:
    """Something in the lane of what trains: ``seconds`` it takes, or has left; None: not known."""

    id: str
    seconds: float | None
    places: int = 1
    owner: str = ""


def starts(
    slots: int,
    working: Iterable[Turn],
    waiting: Sequence[Turn],
    most_of: Callable[[str], float] = lambda owner: math.inf,
) -> dict[str, float | None]:
    """Return in how many seconds each of what waits begins, in the order in which the supervisor goes.

    Args:
        slots: how many work at a time.
        working: what works, with the seconds that it has left.
        waiting: what waits, in the order of the queue.
        most_of: how many of one owner may work at a time.
    """
    now, begins = 0.0, dict[str, float | None]()
    busy = [(_end(0.0, turn), turn) for turn in working]
    left = list(waiting)
    while left:
        for turn in list(left):
            if sum(other.owner == turn.owner for _, other in busy) >= most_of(turn.owner):
                continue
            if sum(other.places for _, other in busy) + turn.places > slots:
                break
            begins[turn.id] = now
            busy.append((_end(now, turn), turn))
            left.remove(turn)
        now = min((end for end, _ in busy), default=math.inf)
        if math.isinf(now):
            break
        busy = [one for one in busy if one[0] > now]
    return begins | {turn.id: None for turn in left}


def _end(now: float, turn: Turn) -> float:
    return math.inf if turn.seconds is None else now + max(0.0, turn.seconds)


def waits(slots: int, known: Sequence[Overview]) -> dict[str, float | None]:
    """Return in how many seconds each job that waits for the device begins; None where that is not known.

    Args:
        slots: how many work at a time.
        known: all runs, the newest first.
    """
    everything = look()
    line = queue(everything, DEVICE)
    if not line:
        return {}
    paces = _paces(known)
    working = [seen for seen in everything if seen.works and seen.lane == DEVICE]
    return starts(
        slots,
        [Turn(seen.job.id, _left(seen, paces), _places(seen, slots), seen.owner) for seen in working],
        [Turn(seen.job.id, _takes(seen, paces), _places(seen, slots), seen.owner) for seen in line],
        most_of,
    )


def _places(seen: Seen, slots: int) -> int:
    return slots if seen.all_devices else 1


def _takes(seen: Seen, paces: Mapping[tuple[object, ...], Pace]) -> float | None:
    """Return how long something that waits will take; a run that goes on, what is left of it."""
    if seen.job.kind is not TRAIN:
        return None
    pace = paces.get(_key_of(seen.job))
    return None if pace is None else pace.seconds(max(0, seen.status.epochs - seen.status.epoch))


def _left(seen: Seen, paces: Mapping[tuple[object, ...], Pace]) -> float | None:
    """Return how long something that works still takes."""
    now = seen.status
    pace = paces.get(_key_of(seen.job)) if seen.job.kind is TRAIN else None
    whole = None if pace is None else max(1.0, pace.seconds(now.epochs) - now.seconds)
    if now.seconds_left is not None and now.state == "running":
        after = pace.other_seconds / 2 if pace else 0.0  # the evaluation at the end; the rest lies behind
        return now.seconds_left + after
    if now.progress:
        return now.seconds * (1 - now.progress) / now.progress
    return whole


def _paces(known: Sequence[Overview]) -> dict[tuple[object, ...], Pace]:
    """Return what was measured of each kind of run; of several similar ones the middle."""
    found: dict[tuple[object, ...], list[Pace]] = {}
    for seen in known[:LOOKED_AT]:
        now = seen.status
        if seen.damage or seen.imported or not (now.epoch and now.seconds) or now.state == "queued":
            continue
        same = found.setdefault(_key_of(seen.run), [])
        if len(same) < SIMILAR:
            pace = _pace(seen.run, now.seconds) if now.is_active else _pace_of(seen.run, now.seconds)
            same += [pace] if pace else []
    return {
        key: Pace(median(one.epoch_seconds for one in same), median(one.other_seconds for one in same))
        for key, same in found.items()
        if same
    }


@lru_cache(maxsize=512)
def _pace_of(run: Run, seconds: float) -> Pace | None:
    """Return the pace of a run that is over, whose history is read once."""
    return _pace(run, seconds)


def _pace(run: Run, seconds: float) -> Pace | None:
    """Return what was measured of a run that has worked for so many seconds, None before its first epoch.

    Of one at work, what came before its epochs is known, and nothing of what comes after them.
    """
    history = run.metrics()
    ends = history.epochs["seconds"]
    trained = float(ends[-1]) if len(ends) else 0.0
    if not math.isfinite(trained) or trained <= 0:
        return None
    batches = history.batches["seconds"]
    learned = max(trained, float(batches[-1])) if len(batches) else trained
    return Pace(trained / len(ends), max(0.0, seconds - learned))


@lru_cache(maxsize=512)
def _key_of(run: Run) -> tuple[object, ...]:
    """Return what runs have in common that take as long."""
    try:
        config: RunConfig = run.config
    except RunError:
        return (run.id,)
    return (*(str(getattr(config, name)) for name in (*BY_SIZE, *BY_WORK)), bool(config.augmentation))
