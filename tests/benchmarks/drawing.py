"""Drawn gestures: hands a second at 64 pixels, against what a class that waits for 3,000 of them needs."""

import time

from cnnlab import datasets
from cnnlab.datasets import LoadOptions
from tests.benchmarks.result import Result

PER_CLASS = 400
NEEDED = 500.0


def run() -> Result:
    datasets.load("gestures_drawn", LoadOptions(max_per_class=20))  # imports are not drawing
    began = time.perf_counter()
    splits = datasets.load("gestures_drawn", LoadOptions(max_per_class=PER_CLASS, seed=1))
    seconds = time.perf_counter() - began
    return Result(
        name="drawn gestures at 64 × 64",
        unit="hands/s",
        ours_is="datasets.load, on one core",
        ours=(len(splits.train) + len(splits.validation)) / seconds,
        other_is="needed: 3,000 hands in six seconds",
        other=NEEDED,
        ratio_at_least=1.0,
    )
