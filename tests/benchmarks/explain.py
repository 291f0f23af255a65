"""An answer with its heat map, of a network that is warm, beside the answer alone; and the next ones."""

from collections.abc import Iterator
from concurrent.futures import wait
from functools import partial
from statistics import median
from time import perf_counter

import numpy as np

from cnnlab import architectures
from cnnlab.inference.gradcam import RepeatedGradcam, gradcam
from tests.benchmarks.result import Result

NETWORKS = {"resnet18": (32, 10, 0.3), "vgg16": (224, 10, 1.5)}
"""Side of the image, classes, and the most seconds that it may take."""
CAMERA = {"resnet18": (32, 10, {}), "mobilenetv2_transfer": (224, 3, {"base_weights": "untrained"})}
"""Side of the image, classes and options of networks that a live camera asks."""
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
    for name, (side, classes, options) in CAMERA.items():
        model = architectures.build(name, (side, side, 3), classes, **options)
        image = np.random.default_rng(0).random((side, side, 3), np.float32)
        repeated = RepeatedGradcam(model)
        for _ in range(2):
            repeated(image)
        wait(repeated.graphs.values())
        ours, other = seconds(partial(repeated, image)), seconds(partial(gradcam, model, image))
        yield Result(
            name=f"heat maps one after the other, {name} at {side} pixels",
            unit="s",
            ours_is="as one graph, from the second question on",
            ours=ours,
            other_is="step by step, as the first one",
            other=other,
            ratio_at_most=0.5,
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
