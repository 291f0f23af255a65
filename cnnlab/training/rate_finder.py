"""The learning-rate finder: the rate grows from step to step, and one sees up to where the loss falls.

The range test of Smith (2017, arXiv:1506.01186, section 3.3), with a rate that grows by the same factor at
each step, on a copy of the network that is thrown away. Smith's maximum is the rate at which the loss stops
falling; one sweep overshoots it, as a loss that was already learned stays low for a while, so a tenth of it
is suggested, as fastai does (``lr_find``, "minimum"). A sweep is a job that waits for the
device as runs do. TensorFlow is not needed here; ``rate_sweep`` does the work.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlab.languages import _, texts
from cnnlab.runs import reading
from cnnlab.runs.job import Job

LOWEST, HIGHEST = 1e-5, 10.0
STEPS = 300
"""At most: with 100, networks of sigmoids do not leave the loss of chance before the rate is too high."""
FEWEST_STEPS = 100
SECONDS = 40.0
"""What a sweep may take: slow steps are fewer."""
SMOOTHING = 0.9
"""How much of the moving mean stays at each step."""
LAG = round(SMOOTHING / (1 - SMOOTHING))
"""Steps by which the moving mean is behind."""
FEWEST = 20
"""Points below which nothing is suggested."""
CLEAR_FALL = 0.1
"""The part of the loss of chance by which it must fall before anything is suggested."""
BELOW_MINIMUM = 10.0
"""The suggestion is so many times smaller than the rate of the least loss."""
BLOWN_UP = 4.0
"""The sweep ends when the smoothed loss is so many times its least value."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """What a sweep has seen so far: the loss of one batch at each rate, and its moving mean.

    ``chance`` is the loss of equal probabilities, the logarithm of the number of classes, where it is known.
    """

    rates: np.ndarray
    losses: np.ndarray
    chance: float | None = None

    @property
    def smoothed(self) -> np.ndarray:
        """The exponential moving mean of the losses, corrected for its start at 0."""
        mean, means = 0.0, []
        for step, loss in enumerate(self.losses, start=1):
            mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
            means.append(mean / (1 - SMOOTHING**step))
        return np.array(means)

    @property
    def has_blown_up(self) -> bool:
        """Whether higher rates can only be worse."""
        if not np.isfinite(self.losses).all():
            return True
        smoothed = self.smoothed
        return len(smoothed) >= FEWEST and smoothed[-1] > BLOWN_UP * smoothed.min()

    @property
    def suggestion(self) -> float | None:
        """A tenth of the rate of the least smoothed loss, to two digits, or None: see ``why_none``."""
        if self.why_none:
            return None
        least = max(0, int(self.smoothed.argmin()) - LAG)
        return float(f"{self.rates[least] / BELOW_MINIMUM:.1e}")

    @property
    def why_none(self) -> str:
        """Why nothing is suggested, in one sentence; empty where something is."""
        smoothed = self.smoothed
        if len(smoothed) < FEWEST:
            return _("The range test ended after too few steps to suggest anything.")
        start, least = self._start, float(smoothed.min())
        if start - least >= CLEAR_FALL * start and smoothed.argmin() >= FEWEST:
            return ""
        known = {"steps": len(smoothed), "least": f"{least:.2f}", "start": f"{start:.2f}"}
        if start == self.chance:
            return _(
                "No suggestion: within {steps} steps the loss did not fall clearly (least {least}, that of "
                "chance, {start}). Some networks need more steps before they learn anything: try a few "
                "rates instead.",
                **known,
            )
        return _(
            "No suggestion: within {steps} steps the loss did not fall clearly (least {least}, {start} at "
            "the beginning). Some networks need more steps before they learn anything: try a few rates "
            "instead.",
            **known,
        )

    @property
    def _start(self) -> float:
        """The loss to fall from: that of chance, or of the first steps if it is lower."""
        first = float(self.smoothed[:FEWEST].mean())
        return first if self.chance is None else min(first, self.chance)


RULE = texts(
    "A tenth of the learning rate with the least smoothed loss: at that rate itself, the loss has already "
    "stopped falling (Smith 2017; fastai)."
)


def rate_of(step: int, steps: int = STEPS) -> float:
    """Return the rate of a step, counted from 0, of so many."""
    return LOWEST * (HIGHEST / LOWEST) ** (step / (steps - 1))


def steps_for(seconds: float) -> int:
    """Return the steps of a sweep whose step takes so long."""
    return round(min(STEPS, max(FEWEST_STEPS, SECONDS / max(seconds, 1e-6))))


def read(job: Job) -> Sweep:
    """Return what a sweep has seen so far."""
    rows: list[tuple[Any, Any]] = []
    chance = None
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):  # or within its last line
        for line in reading.data(job.folder / "metrics.jsonl", 10**6).splitlines():
            row = json.loads(line)
            rows.append((row["learning_rate"], row["loss"]))
            chance = row.get("chance")
    columns = np.array([row for row in rows if all(map(reading.is_number, row))], float).reshape(-1, 2).T
    rates, losses = columns
    return Sweep(rates, losses, float(chance) if reading.is_number(chance) else None)
