"""Training: the app's worker against the same network trained as a course notebook does it.

Images a second over whole epochs, validation included, after the first epoch (which compiles) on both sides.
The worker also draws its chart and writes its checkpoints. Each side is a process of its own: a notebook has
TensorFlow as it comes, which uses oneDNN's kernels on some processors only; a row apart switches them on for
the notebook, too. What is left to win is told by a bare loop of forward and backward pass and plain gradient
descent.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from cnnlab import architectures, datasets, runs, settings
from cnnlab.datasets import ImageSet, LoadOptions, Progress, Samples
from cnnlab.worker import execute
from tests.benchmarks.result import Result, interleaved

EPOCHS = 3
BATCH = 32
OURS = ("worker", "gradients")
REPOSITORY = Path(__file__).resolve().parents[2]
CLASSES = 10
NETWORKS = {"lenet5": (10_000, 1.6, 3), "baseline": (10_000, 1.6, 3), "alexnet8": (600, 1.0, 1)}
"""Training images (a fifth of CIFAR-10, but for AlexNet8), the least ratio to the notebook, repeats.

AlexNet8 is arithmetic: there is little to win. Its checkpoint of 115 MB is written every 600 images here.
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


def _noise(count: int, noun: str) -> ImageSet:
    rng = np.random.default_rng(count)
    images = rng.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)
    return ImageSet.numbered(images, np.arange(count) % CLASSES, noun)


def trained(architecture: str, images: int, epochs: int) -> runs.Run:
    """Train as the app's worker does, in this process."""
    config = settings.RunConfig(
        architecture, "noise", epochs=epochs, split_by="given", max_per_class=images // CLASSES
    )
    run = runs.create(config)
    run.claim()
    execute(run.folder)
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


def gradients(architecture: str, images: int) -> float:
    """Return the images a second of forward pass, backward pass and plain descent on one batch, repeated.

    Without the descent a step would not have to wait for the one before: the two would run side by side.
    """
    model, loss = compiled(architecture), keras.losses.SparseCategoricalCrossentropy()
    batch = _noise(100, "training")
    seen = tf.constant(batch.images[:BATCH] / 255.0, tf.float32)

    @tf.autograph.experimental.do_not_convert
    def descent() -> tf.Tensor:
        with tf.GradientTape() as tape:
            value = loss(batch.labels[:BATCH], model(seen, training=True))
        for variable, slope in zip(
            model.trainable_variables, tape.gradient(value, model.trainable_variables), strict=True
        ):
            variable.value.assign_sub(1e-9 * slope)
        return value

    @tf.function
    def steps(count: tf.Tensor) -> tf.Tensor:
        total = tf.constant(0.0)
        for _ in tf.range(count):
            total += descent()
        return total

    count = tf.constant(-(-images // BATCH))
    steps(tf.constant(2))
    began = time.perf_counter()
    steps(count).numpy()
    return images / (time.perf_counter() - began)


def apart(side: str, architecture: str, images: int, onednn: str | None = None) -> dict[str, float]:
    """Call a function of this module in a process of its own; return its speed and the peak of its memory.

    ``onednn`` is what the environment says of oneDNN's kernels: nothing where it is None.
    """
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": onednn or ""}
    if onednn is None:
        del environment["TF_ENABLE_ONEDNN_OPTS"]
    first = "import cnnlab.training; " if side in OURS else ""  # as in a worker: before TensorFlow
    call = f"throughput.tell({side!r}, {architecture!r}, {images})"
    code = f"{first}from tests.benchmarks import throughput; {call}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def tell(side: str, architecture: str, images: int) -> None:
    """Print as JSON what ``apart`` returns."""
    speed_there = {"worker": worker, "notebook": notebook, "gradients": gradients}[side](architecture, images)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"speed": speed_there, "peak_mb": peak}))


def run() -> Iterator[Result]:
    for architecture, parameters in NETWORKS.items():
        yield from measure(architecture, *parameters)
    ours, other = (apart(side, "baseline", 50_000)["peak_mb"] for side in ("worker", "notebook"))
    yield Result(
        name="memory of training on 50,000 images of 32×32×3, baseline",
        unit="MB",
        ours_is="the app's worker, at its peak",
        ours=ours,
        other_is="a course notebook",
        other=other,
        ours_at_most=1200,
    )


def measure(architecture: str, images: int, least: float, repeats: int) -> Iterator[Result]:
    def side(name: str, onednn: str | None = None) -> float:
        return apart(name, architecture, images, onednn)["speed"]

    sides = [
        partial(side, "worker"),
        partial(side, "notebook"),
        partial(side, "notebook", "1"),
        partial(side, "gradients"),
    ]
    ours, other, with_onednn, alone = interleaved(sides, repeats)
    row = partial(
        Result, unit="images/s", ours_is="the app's worker, live chart and checkpoints included", ours=ours
    )
    yield row(
        name=f"training {architecture} on 32×32×3",
        other_is="a course notebook: x / 255.0 in float64 into fit, batch 32",
        other=other,
        ratio_at_least=least,
    )
    yield row(
        name=f"training {architecture} on 32×32×3, oneDNN on both sides",
        other_is="a course notebook with TF_ENABLE_ONEDNN_OPTS=1",
        other=with_onednn,
        ratio_at_least=1.0,
    )
    yield row(
        name=f"training {architecture} on 32×32×3: how far from its arithmetic",
        other_is="forward, backward, plain descent alone: no Adam, metrics, images, checkpoints",
        other=alone,
        ratio_at_least=0.5,
    )
