"""Transfer learning: the frozen base asked once against the base run in every epoch, for 20 epochs of VGG-16.

Both sides are our own loop with its checkpoints after every epoch, on the same images; an untrained base
costs what a trained one does. Our seconds are all there are: looking, compiling, 20 epochs. The usual way is
measured on the epochs after its first, which compiles, and counted 20 times.
"""

import tempfile
import time
from pathlib import Path

import keras
import numpy as np

from cnnlab.datasets import ImageSet
from cnnlab.preprocessing import Preprocessing
from cnnlab.settings import RunConfig
from cnnlab.training import network
from cnnlab.training.callbacks.checkpoints import SaveCheckpoints
from cnnlab.training.features import Learner, run_base_once
from cnnlab.training.loop import train
from cnnlab.training.pipeline import Batches
from tests.benchmarks.result import Result
from tests.benchmarks.throughput import EpochClock

EPOCHS = 20
MEASURED = 2
PIXELS = 128
IMAGES = {"training": 320, "validation": 80}
CLASSES = 3
CONFIG = RunConfig(
    *("vgg16_transfer", "noise"), options={"base_weights": "untrained"}, epochs=EPOCHS, optimizer="rmsprop"
)


def learner() -> Learner:
    """The network in every epoch, on random images."""
    draw = np.random.default_rng(0)
    batches = {}
    for part, count in IMAGES.items():
        images = draw.integers(0, 256, (count, PIXELS, PIXELS, 3), dtype=np.uint8)
        image_set = ImageSet.numbered(images, draw.integers(0, CLASSES, count), part)
        batches[part] = Batches(image_set, CONFIG.batch_size, Preprocessing(PIXELS, PIXELS))
    model = network.build(CONFIG, (PIXELS, PIXELS, 3), CLASSES)
    return Learner(model, **batches, save=model.save)


def fit(learner: Learner, epochs: int) -> list[float]:
    """Train with checkpoints; return when each epoch ended."""
    clock = EpochClock()
    with tempfile.TemporaryDirectory() as folder:
        callbacks = [SaveCheckpoints(Path(folder), save=learner.save), clock]
        everyone = keras.callbacks.CallbackList(callbacks, model=learner.model)
        train(learner.model, learner.training, learner.validation, everyone, range(epochs), seed=0)
    return clock.seconds


def asked_once() -> float:
    """Return the seconds of 20 epochs on kept features, looking included."""
    usual = learner()
    began = time.perf_counter()
    return fit(run_base_once(usual, CONFIG, lambda fraction: None), EPOCHS)[-1] - began


def in_every_epoch() -> float:
    """Return the seconds of 20 epochs with the base in each, from those after the first."""
    ends = fit(learner(), 1 + MEASURED)
    return (ends[-1] - ends[0]) / MEASURED * EPOCHS


def run() -> Result:
    looked = EPOCHS * IMAGES["training"]
    return Result(
        name=f"transfer learning, VGG-16 on {PIXELS}×{PIXELS}×3, {EPOCHS} epochs",
        unit="images/s",
        ours_is="the frozen base asked once, its features kept",
        ours=looked / asked_once(),
        other_is="the usual way: the base in every epoch",
        other=looked / in_every_epoch(),
        ratio_at_least=15,
    )
