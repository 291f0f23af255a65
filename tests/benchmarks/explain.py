"""An answer with its heat map, of a network that is warm, beside the answer alone."""

from collections.abc import Iterator
from functools import partial
from statistics import median
from time import perf_counter

import numpy as np

from cnnlab import architectures
from cnnlab.inference.gradcam import gradcam
from tests.benchmarks.result import Result

NETWORKS = {"resnet18": (32, 10, 0.3), "vgg16": (224, 10, 1.5)}
"""Side of the image, classes, and the most seconds that it may take."""
REPEATS = 7


def run() -> Iterator[Result]:
    for name, (side, classes, most) in NETWORKS.items():
        model = architectures.build(name, (side, side, 3), classes)
        image = np.random.default_rng(0).random((side, side, 3), np.float32)
        ours, other = (
            seconds(partial(gradcam, model, image)),
            seconds(partial(model, image[None], training=False)),
        )
        yield Result(
            name=f"an answer with its heat map, {name} at {side} pixels",
            unit="s",
            ours_is="probabilities and Grad-CAM of the default layer",
            ours=ours,
            other_is="probabilities alone",
            other=other,
            ours_at_most=most,
        )


def seconds(work) -> float:
    """Return the median of several calls after the first."""
    work()
    spent = []
    for _ in range(REPEATS):
        began = perf_counter()
        work()
        spent.append(perf_counter() - began)
    return median(spent)
