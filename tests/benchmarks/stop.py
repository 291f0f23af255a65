"""From the wish to stop to the end of the run, at the moments when a stop is hardest, against one batch.

A real worker trains ResNet-18, whose weights with Adam's moments are 134 MB to save. A batch in hand is
finished first; what it has learned is then saved.
"""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from cnnlab import runs
from cnnlab.runs import Phase, Run
from cnnlab.runs.launchers import WORKER_COMMAND
from cnnlab.settings import RunConfig
from tests.benchmarks.result import Result

CONFIG = RunConfig("resnet18", "digits", epochs=1000, image_size=32, channels=3, max_per_class=60)
REPOSITORY = Path(__file__).resolve().parents[2]
SAVED = ".last.tmp.keras"


def importing(run: Run) -> bool:
    return (run.folder / "log.txt").exists() or run.status().state == "queued"


def compiling(run: Run) -> bool:
    return run.status().phase == Phase.COMPILING


def training(run: Run) -> bool:
    return run.status().step > 3


def validating(run: Run) -> bool:
    """The epoch's last batch is in the log, and its validation is not."""
    history = run.metrics()
    return history.batches["step"].max(initial=0) == run.status().steps_per_epoch * (
        len(history.epochs["epoch"]) + 1
    )


def saving(run: Run) -> bool:
    return (run.folder / "checkpoints" / SAVED).exists()


MOMENTS: tuple[Callable[[Run], bool], ...] = (importing, compiling, training, validating, saving)


def run() -> list[Result]:
    return [measure(moment) for moment in MOMENTS]


def measure(moment: Callable[[Run], bool]) -> Result:
    seconds, batch = stopped_after(moment)
    return Result(
        name=f"stop while {moment.__name__}, ResNet-18",
        unit="s",
        ours_is="from the wish to the end of the run, its weights saved",
        ours=seconds,
        other_is="a batch of this run",
        other=batch,
        ours_at_most=1 + batch,
    )


def stopped_after(moment: Callable[[Run], bool]) -> tuple[float, float]:
    """Return the seconds that a stop took, and those of a batch (0 where none was done)."""
    one = runs.create(CONFIG)
    one.claim()
    with subprocess.Popen([*WORKER_COMMAND, str(one.folder)], cwd=REPOSITORY) as worker:
        while worker.poll() is None and not moment(one):
            time.sleep(0.002)
        began = time.perf_counter()
        one.request_stop()
        while one.status().is_active:
            time.sleep(0.01)
        seconds = time.perf_counter() - began
    speed = one.status().images_per_second
    return seconds, CONFIG.batch_size / speed if speed else 0.0
