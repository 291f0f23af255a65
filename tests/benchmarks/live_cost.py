"""The cost of being live: the app's worker against a bare ``model.fit`` on the same input pipeline."""

from functools import partial

from cnnlab.preprocessing import Preprocessing
from cnnlab.training.pipeline import Batches
from tests.benchmarks.result import Result, interleaved
from tests.benchmarks.throughput import EPOCHS, EpochClock, _noise, compiled, speed, worker

NETWORKS = {"lenet5": 40_000, "baseline": 20_000}
"""Training pictures: epochs as long as CIFAR-10's, because checkpoints are written once an epoch."""


def bare(architecture: str, images: int) -> float:
    train, held_out = (
        Batches(part, size, Preprocessing(32, 32))
        for part, size in ((_noise(images, "training"), 32), (_noise(images // 5, "test"), 256))
    )
    model, clock = compiled(architecture, steps_per_execution=16), EpochClock()
    model.fit(
        train.shuffled(seed=0, epoch=0),
        validation_data=held_out.in_order(),
        epochs=EPOCHS,
        callbacks=[clock],
        verbose=0,
    )
    return speed(images, clock.seconds)


def run() -> list[Result]:
    return [measure(architecture, images) for architecture, images in NETWORKS.items()]


def measure(architecture: str, images: int) -> Result:
    ours, other = interleaved([partial(side, architecture, images) for side in (worker, bare)], 3)
    return Result(
        name=f"cost of being live, {architecture}",
        unit="images/s",
        ours_is="the app's worker: chart, status, checkpoints, stop",
        ours=ours,
        other_is="model.fit on the same pipeline, 16 steps per execution, nothing else",
        other=other,
        ratio_at_least=0.97,
    )
