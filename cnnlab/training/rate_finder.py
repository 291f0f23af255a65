"""The learning-rate finder: the rate grows from step to step, and one sees where the loss falls fastest.

The range test of Smith (2017, arXiv:1506.01186, section 3.3), with a rate that grows by the same factor at
each step, on a copy of the network that is thrown away. A sweep is a run in a folder of its own beside the
runs: it has their states and is stopped as they are, but stands in no list. TensorFlow is not needed here;
``rate_sweep`` does the work.
"""

import json
import secrets
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cnnlab import workspace
from cnnlab.errors import WorkspaceError
from cnnlab.runs import Launcher, ProcessLauncher, Run, Status, reading
from cnnlab.runs.hanging import StopDeadline, end_process, ended
from cnnlab.runs.status import WORKING, write_json
from cnnlab.training import worker
from cnnlab.training.config import RunConfig

LOWEST, HIGHEST = 1e-5, 10.0
STEPS = 100
SMOOTHING = 0.9
"""How much of the moving mean stays at each step."""
FEWEST = 20
"""Points below which nothing is suggested."""
CLEAR_FALL = 0.1
"""The part of the first loss by which it must fall before anything is suggested: less may be chance."""
WINDOW = 15
"""Steps over which a slope is taken."""
BLOWN_UP = 4.0
"""The sweep ends when the smoothed loss is so many times its least value."""
FORGOTTEN_SECONDS = 15.0
"""A sweep that waits, and that no page has asked about for so long, is not started."""
COMMAND = (sys.executable, "-m", "cnnlab.training.rate_finder")


_deadline = StopDeadline()


@dataclass(frozen=True, eq=False)
class Sweep:
    """What a sweep has seen so far: the loss of one batch at each rate, and its moving mean."""

    rates: np.ndarray
    losses: np.ndarray

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
        """The rate at which the smoothed loss falls fastest over the logarithm of the rate, to two digits.

        None where it does not fall by a tenth of what it was: a network that does not learn within so few
        steps falls by chance somewhere.
        """
        smoothed = self.smoothed
        if len(smoothed) < FEWEST:
            return None
        least, first = int(smoothed.argmin()), smoothed[:WINDOW].mean()
        if least < WINDOW or first - smoothed[least] < CLEAR_FALL * first:
            return None
        falls = smoothed[: least + 1 - WINDOW + 1] - smoothed[WINDOW - 1 : least + 1]  # over a window each
        return float(f"{self.rates[int(falls.argmax()) + WINDOW // 2]:.1e}")


def rate_of(step: int) -> float:
    """Return the rate of a step, counted from 0."""
    return LOWEST * (HIGHEST / LOWEST) ** (step / (STEPS - 1))


def begin(config: RunConfig, launcher: Launcher | None = None) -> Run:
    """Put a sweep with these settings into the queue; read it with ``read``, stop it as a run.

    It starts at once, in a worker of its own, unless another of this workspace is at work: see ``advance``.

    Raises:
        WorkspaceError: its folder cannot be written.
        ConfigError: a setting is out of range.
    """
    config = config.validated()
    try:
        run = Run(_new_folder())
        write_json(run.folder / "config.json", {"config": config.to_dict()})
        run.write_status(Status(epochs=1, created=time.time(), message="Waits for its turn."))
        still_wanted(run)
    except OSError as error:
        raise WorkspaceError(f"The search cannot start ({error.strerror}); free some space first.") from error
    advance(launcher)
    return run


def still_wanted(run: Run) -> None:
    """Note that a page waits for this sweep: one that nobody waits for any more is not started."""
    with suppress(OSError):
        (run.folder / "control" / "wanted").touch()


def advance(launcher: Launcher | None = None) -> None:
    """Start the sweep that has waited longest unless one is at work; end one that hangs and answers no stop.

    Pages that wait for a sweep call it at each look.

    Raises:
        WorkspaceError: no worker can be started.
    """
    with workspace.locked("rate_finder", wait=False) as mine:
        known = [(run, run.status()) for run in _sweeps()] if mine else []
        waiting = []
        for run, now in known:
            if now.state == "queued" and _is_forgotten(run):
                run.write_status(replace(now, state="stopped", message="Nobody waited for it any more."))
            elif now.state == "queued":
                waiting.append((now.created, run.id, run))
            elif now.state == "stopping" and _deadline.is_over(run, now) and end_process(now):
                run.write_status(ended(run, now))
        if not waiting or any(now.state in WORKING for _, now in known):
            return
        try:
            (launcher or ProcessLauncher(COMMAND)).launch(min(waiting)[2], slot=0)
        except OSError as error:
            raise WorkspaceError(
                f"The search cannot start ({error.strerror}); free some space first."
            ) from error


def _sweeps() -> list[Run]:
    parent = workspace.home() / "rate_finder"
    return [Run(folder) for folder in parent.glob("sweep-*") if (folder / "status.json").is_file()]


def _is_forgotten(run: Run) -> bool:
    try:
        return time.time() - (run.folder / "control" / "wanted").stat().st_mtime > FORGOTTEN_SECONDS
    except OSError:
        return True


def read(run: Run) -> Sweep:
    """Return what a sweep has seen so far."""
    rows = []
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):  # or within its last line
        for line in reading.data(run.folder / "metrics.jsonl", 10**6).splitlines():
            row = json.loads(line)
            rows.append((row["learning_rate"], row["loss"]))
    columns = np.array([row for row in rows if all(map(reading.is_number, row))], float).reshape(-1, 2).T
    return Sweep(*columns)


def _new_folder() -> Path:
    parent = workspace.home() / "rate_finder"
    parent.mkdir(parents=True, exist_ok=True)
    workspace.purge(parent)
    folder = parent / f"sweep-{secrets.token_hex(4)}"
    for part in ("control", "checkpoints"):
        (folder / part).mkdir(parents=True)
    return folder


def _load(_: Callable[[], bool]) -> worker.Work:
    from cnnlab.training.rate_sweep import sweep

    return sweep


if __name__ == "__main__":
    worker.main(_load)
