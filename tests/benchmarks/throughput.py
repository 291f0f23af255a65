"""Training: the app's worker against the same network trained as a course notebook does it.

Images a second over whole epochs, validation included, after the first epoch (which compiles) on both sides.
The worker also draws its chart and writes its checkpoints.
"""

import time
from functools import cache, partial

import keras
import numpy as np

from cnnlab import architectures, datasets, runs, training
from cnnlab.datasets import ImageSet, LoadOptions, Progress, Samples
from tests.benchmarks.result import Result, interleaved

EPOCHS = 3
CLASSES = 10
NETWORKS = {"lenet5": (10_000, 2.0), "baseline": (10_000, 2.0), "alexnet8": (600, 1.0)}
"""Training pictures (a fifth of CIFAR-10, but for AlexNet8) and the least ratio to the notebook.

AlexNet8 is arithmetic: there is little to win. Its checkpoint of 115 MB is written every 600 pictures here.
"""


@datasets.register(
    title="Noise",
    source="computed",
    licence="public domain",
    lesson="There is nothing to learn.",
    classes=[str(i) for i in range(CLASSES)],
    images=60_000,
    native_shape=(32, 32, 3),
)
def noise(options: LoadOptions, progress: Progress) -> Samples:
    """Random pixels, as many as ``max_per_class`` asks, and a fifth of that for validation."""
    count = CLASSES * options.max_per_class
    return Samples(_noise(count, "training"), _noise(count // 5, "test"))


@cache
def _noise(count: int, noun: str) -> ImageSet:
    rng = np.random.default_rng(count)
    images = rng.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)
    return ImageSet.numbered(images, np.arange(count) % CLASSES, noun)


def trained(architecture: str, images: int, epochs: int) -> runs.Run:
    """Train as the app's worker does, in this process."""
    config = training.RunConfig(
        architecture, "noise", epochs=epochs, split_by="given", max_per_class=images // CLASSES
    )
    run = runs.create(config.to_dict())
    run.claim()
    training.execute(run.folder)
    assert run.status().state == "finished", run.status().message
    return run


def worker(architecture: str, images: int) -> float:
    return speed(images, trained(architecture, images, EPOCHS).metrics().epochs["seconds"])


def notebook(architecture: str, images: int) -> float:
    held_out, train = _noise(images // 5, "test"), _noise(images, "training")
    model, clock = compiled(architecture), EpochClock()
    model.fit(
        train.images / 255.0,
        train.labels,
        batch_size=32,
        epochs=EPOCHS,
        validation_data=(held_out.images / 255.0, held_out.labels),
        callbacks=[clock],
        verbose=0,
    )
    return speed(images, clock.seconds)


def compiled(architecture: str, **options: object) -> keras.Model:
    model = architectures.build(architecture, (32, 32, 3), CLASSES)
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"], **options)
    return model


class EpochClock(keras.callbacks.Callback):
    """Notes when each epoch ended."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_end(self, epoch, logs=None) -> None:
        self.seconds.append(time.perf_counter())


def speed(images: int, epoch_ends: list[float]) -> float:
    """Return images a second over all epochs but the first."""
    return images * (EPOCHS - 1) / (epoch_ends[-1] - epoch_ends[0])


def run() -> list[Result]:
    return [measure(architecture, *parameters) for architecture, parameters in NETWORKS.items()]


def measure(architecture: str, images: int, least: float) -> Result:
    ours, other = interleaved([partial(side, architecture, images) for side in (worker, notebook)], 3)
    return Result(
        name=f"training {architecture} on 32×32×3",
        unit="images/s",
        ours_is="the app's worker, live chart and checkpoints included",
        ours=ours,
        other_is="a course notebook: x / 255.0 in float64 into fit, batch 32",
        other=other,
        ratio_at_least=least,
    )
