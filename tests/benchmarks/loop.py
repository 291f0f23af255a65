"""The training loop: ours beside ``model.fit`` on the same network, batches and fused operations.

``fit`` returns to Python after a fixed number of steps (``steps_per_execution``). Two things count: images a
second, against the fixed number that is fastest here; and how long nobody can stop the training or see a
point, against the fixed number that a small network needs, in a network whose steps are long.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial

import keras
import numpy as np

from cnnlab import architectures
from cnnlab.datasets import ImageSet
from cnnlab.preprocessing import Preprocessing
from cnnlab.training import loop
from cnnlab.training.fused import fused
from cnnlab.training.pipeline import Batches
from tests.benchmarks.result import Result, interleaved

PIXELS, CLASSES, BATCH = 32, 10, 32
EPOCHS = 3
FIXED = (1, 4, 16, 64)
"""Steps of an execution; of these ``fit`` is given the number that is fastest here."""
LONG = 64
"""As many as a small network gains by: what they cost where a step is long is measured."""
FAST = {"lenet5": 10_000, "baseline": 10_000}
SLOW, SLOW_IMAGES, SLOW_EPOCHS = "alexnet8", 2 * LONG * BATCH, 2
REPEATS = 3


class Clock(keras.callbacks.Callback):
    """Notes when each epoch ended, and the longest time without a word from the batches after the first."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[float] = []
        self.longest = 0.0
        self._last: float | None = None

    def on_epoch_begin(self, epoch, logs=None) -> None:
        self._last = None

    def on_train_batch_end(self, batch, logs=None) -> None:
        now = time.perf_counter()
        if self.ends and self._last is not None:
            self.longest = max(self.longest, now - self._last)
        self._last = now

    def on_epoch_end(self, epoch, logs=None) -> None:
        self.ends.append(time.perf_counter())


def batches(count: int) -> Batches:
    """Random pixels as the pipeline gives them."""
    draw = np.random.default_rng(count)
    images = draw.integers(0, 256, (count, PIXELS, PIXELS, 3), dtype=np.uint8)
    image_set = ImageSet.numbered(images, draw.integers(0, CLASSES, count), "training")
    return Batches(image_set, BATCH, Preprocessing(PIXELS, PIXELS))


def compiled(architecture: str, steps: int = 1) -> keras.Model:
    model = architectures.build(architecture, (PIXELS, PIXELS, 3), CLASSES)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], steps_per_execution=steps)
    return model


def ours(architecture: str, images: int, epochs: int = EPOCHS) -> Clock:
    clock, model = Clock(), compiled(architecture)
    everyone = keras.callbacks.CallbackList([clock], model=model)
    loop.train(model, batches(images), batches(BATCH), everyone, range(epochs), seed=0)
    return clock


def fit(architecture: str, images: int, steps: int, epochs: int = EPOCHS) -> Clock:
    clock, model = Clock(), compiled(architecture, steps)
    with fused(model):
        model.fit(
            batches(images).shuffled(0, 0, 0),
            epochs=epochs,
            validation_data=batches(BATCH).in_order(),
            callbacks=[clock],
            verbose=0,
        )
    return clock


def speed(train: Callable[[], Clock], images: int) -> float:
    """Return the images a second over all epochs but the first, which compiles."""
    ends = train().ends
    return images * (EPOCHS - 1) / (ends[-1] - ends[0])


def run() -> Iterator[Result]:
    for architecture, images in FAST.items():
        by_fit = [partial(speed, partial(fit, architecture, images, steps), images) for steps in FIXED]
        mine, *fixed = interleaved(
            [partial(speed, partial(ours, architecture, images), images), *by_fit], REPEATS
        )
        best = int(np.argmax(fixed))
        yield Result(
            name=f"the loop: {architecture} on 32×32×3",
            unit="images/s",
            ours_is="our loop: the number of steps of a call follows the clock",
            ours=mine,
            other_is=f"model.fit with {FIXED[best]} steps an execution, the fastest of {FIXED}",
            other=fixed[best],
            ratio_at_least=0.95,
        )
    pause = ours(SLOW, SLOW_IMAGES, SLOW_EPOCHS).longest
    other = fit(SLOW, SLOW_IMAGES, LONG, SLOW_EPOCHS).longest
    yield Result(
        name=f"the loop: the longest time without a point or a stop, {SLOW}",
        unit="s",
        ours_is="our loop",
        ours=pause,
        other_is=f"model.fit with {LONG} steps an execution",
        other=other,
        ratio_at_most=0.25,
    )
