"""Inspecting VGG-16 at 224 pixels: our shape-only model against building it and asking for its summary."""

import multiprocessing
import resource
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from time import perf_counter

from tests.benchmarks.result import Result

INPUT, CLASSES = (224, 224, 3), 1000


def ours() -> None:
    from cnnlab import inspection

    inspection.report("vgg16", INPUT, CLASSES)


def summary() -> None:
    from cnnlab import architectures

    architectures.build("vgg16", INPUT, CLASSES).summary(print_fn=lambda *_, **__: None)


def measure(work: Callable[[], None], connection: Connection) -> None:
    """Send seconds and megabytes that the work costs, in a process that a small network has warmed."""
    from cnnlab import architectures, inspection

    inspection.report("lenet5")
    architectures.build("lenet5", (32, 32, 3), 10)
    before, start = _peak_megabytes(), perf_counter()
    work()
    connection.send((perf_counter() - start, _peak_megabytes() - before))


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def fresh(work: Callable[[], None]) -> tuple[float, float]:
    """Measure in a process of its own, because memory that was used once is not given back."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=measure, args=(work, there))
    process.start()
    found = here.recv()
    process.join()
    return found


def run() -> list[Result]:
    seconds, megabytes = zip(*(min(fresh(work) for _ in range(3)) for work in (ours, summary)), strict=True)
    sides = {"ours_is": "report() of a shape-only model", "other_is": "build() and model.summary()"}
    return [
        Result("inspect VGG-16, time", "s", ours=seconds[0], other=seconds[1], ratio_at_most=1 / 30, **sides),
        Result(
            "inspect VGG-16, memory",
            "MB",
            ours=max(megabytes[0], 0.1),
            other=megabytes[1],
            ratio_at_most=1 / 50,
            **sides,
        ),
        Result("inspect VGG-16, warm", "s", ours=seconds[0], other=seconds[1], ours_at_most=0.1, **sides),
    ]
