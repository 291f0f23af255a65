"""A learning rate that somebody asks for while a run works: a file in the run's control folder."""

import contextlib
import math
from pathlib import Path

from cnnlab import access
from cnnlab.errors import RunError
from cnnlab.runs import reading
from cnnlab.runs.run import Run
from cnnlab.shelf import replacing

HIGHEST = 100.0


def ask(run: Run, rate: float) -> None:
    """Ask a run for another learning rate; it takes it up after the batch in hand.

    Raises:
        RunError: the rate is not a number above 0 and at most 100, or the run is over.
        AccessError: the run is not the visitor's.
    """
    access.require(run.owner, "change the learning rate of this run")
    if not _usable(rate):
        raise RunError(f"The learning rate must be greater than 0 and at most {HIGHEST:g}, not {rate}.")
    if not (now := run.status()).is_active:
        raise RunError(f"The run {run.id} is already {now.state}; fork it to train on at another rate.")
    try:
        with replacing(_wish(run)) as aside:
            aside.write_text(repr(float(rate)))
    except OSError as error:
        raise run.unwritable(error) from error


def asked(run: Run) -> float | None:
    """Return the rate that was asked for and not yet taken up; anything but a usable number is nothing."""
    try:
        rate = float(reading.data(_wish(run), 50).decode())
    except (OSError, ValueError):
        return None
    return rate if _usable(rate) else None


def take(run: Run) -> float | None:
    """Return the rate that was asked for, and forget the wish; the worker's end."""
    if not _wish(run).exists():
        return None
    rate = asked(run)
    with contextlib.suppress(OSError):
        _wish(run).unlink()
    return rate


def _usable(rate: float) -> bool:
    return not isinstance(rate, bool) and math.isfinite(rate) and 0 < rate <= HIGHEST


def _wish(run: Run) -> Path:
    return run.folder / "control" / "learning_rate"
