"""The cost of being live: the app's worker against a bare ``model.fit`` on the same input pipeline.

Counted in processor seconds of all threads: on a shared machine the time of an epoch swings by more than
the few per cent that are asked for here. Of two runs, one two epochs longer, the difference counts.
Checkpoints, chart and status belong to the worker's epochs, validation to those of both sides.
"""

import time
from collections.abc import Callable
from functools import partial

from cnnlab.preprocessing import Preprocessing
from cnnlab.training.pipeline import Batches
from tests.benchmarks.result import Result, interleaved
from tests.benchmarks.throughput import _noise, compiled, trained

NETWORKS = {"lenet5": 40_000, "baseline": 20_000}
"""Training images: epochs as long as CIFAR-10's, because checkpoints are written once an epoch."""

EPOCHS = 2


def bare(architecture: str, images: int, epochs: int) -> None:
    train, held_out = (
        Batches(part, size, Preprocessing(32, 32))
        for part, size in ((_noise(images, "training"), 32), (_noise(images // 5, "test"), 256))
    )
    compiled(architecture, steps_per_execution=16).fit(
        train.shuffled(seed=0, epoch=0), validation_data=held_out.in_order(), epochs=epochs, verbose=0
    )


def speed(side: Callable[[str, int, int], object], architecture: str, images: int) -> float:
    """Return the training images of an epoch per processor second."""
    spent = []
    for epochs in (1, 1 + EPOCHS):
        began = time.process_time()
        side(architecture, images, epochs)
        spent.append(time.process_time() - began)
    return images * EPOCHS / (spent[1] - spent[0])


def run() -> list[Result]:
    return [measure(architecture, images) for architecture, images in NETWORKS.items()]


def measure(architecture: str, images: int) -> Result:
    ours, other = interleaved([partial(speed, side, architecture, images) for side in (trained, bare)], 3)
    return Result(
        name=f"cost of being live, {architecture}",
        unit="images per processor second",
        ours_is="the app's worker: chart, status, checkpoints, stop",
        ours=ours,
        other_is="model.fit on the same pipeline, 16 steps per execution, nothing else",
        other=other,
        ratio_at_least=0.97,
    )
