"""Batch norm's statistics of the training images, measured for the weights as they are now.

Keras keeps running averages of what it met in training, by default with momentum 0.99: after fifty steps two
thirds of them are still the zeros and ones that they began with. Here the network looks at some training
images with its weights at rest, and the mean and the variance of what each batch norm meets are those of the
images (Wu and Johnson 2021, arXiv:2105.07576, section 3, "precise batch norm").
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile

import keras
import numpy as np
import tensorflow as tf

from cnnlab.keras_internals import all_layers
from cnnlab.shelf import replacing
from cnnlab.training.pipeline import Batches

FRACTION = 0.09
"""Of the training images: a look takes a third of a training step, so this is 3 % of an epoch."""
FEWEST_IMAGES = 256
"""Where the fraction is fewer images, so many are looked at, or all there are."""
MOST_IMAGES = 1024
"""More do not help: the paper finds 1,000 enough."""
MOST_AT_ONCE = 64
"""Enough for a batch's statistics to be those of all images, and soon done where a stop waits."""
MOST_BATCHES = 64
"""Of the run's own batches: where these are small, fewer images are looked at."""

Statistics = list[tuple[np.ndarray, np.ndarray]]
"""The mean and the variance of each layer, float32 ``(channels,)``."""


def moving(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    """Return the batch norms whose averages training moves, those of nested models too.

    Not those that are frozen, nor a subclass that computes in its own way, such as Inception's
    ``FrozenBatchNormalization``.
    """
    return [
        layer
        for layer in all_layers(model)
        if isinstance(layer, keras.layers.BatchNormalization)
        and type(layer).call is keras.layers.BatchNormalization.call
        and layer.trainable
        and not layer.renorm
    ]


def held(layers: list[keras.layers.BatchNormalization]) -> Statistics:
    """Return what these layers normalise with in inference mode."""
    return [(_array(layer.moving_mean), _array(layer.moving_variance)) for layer in layers]


def put(layers: list[keras.layers.BatchNormalization], statistics: Statistics) -> None:
    """Let these layers normalise with other statistics in inference mode."""
    for layer, (mean, variance) in zip(layers, statistics, strict=True):
        layer.moving_mean.assign(mean)
        layer.moving_variance.assign(variance)


class TrainingStatistics:
    """Measures the statistics of a network's batch norms on fixed training images, as inference sees them.

    The seed chooses the images; they come without augmentation, in equal batches, and dropout is off, as in
    inference. Batches do not depend on those of training: the paper finds that small ones do harm.
    """

    def __init__(self, model: keras.Model, training: Batches, at_once: int, seed: int):
        """``at_once`` is how many images of validation the device takes in one batch."""
        self.layers = moving(model)
        size, batches = looks(training.count, training.batch_size, at_once) if self.layers else (0, 0)
        self._model = model
        self._batches = training.sample(seed, size * batches, size) if self.layers else None
        self._look = tf.function(lambda images: model(images, training=True), reduce_retracing=True)
        self.images = size * batches
        """How many images are looked at; 0 for a network without a batch norm that learns."""

    def measure(self, check: Callable[[], object] = lambda: None, seconds: float = math.inf) -> Statistics:
        """Return the statistics of the weights as they are; nothing about the network is changed.

        Args:
            check: called before each batch; what it raises ends the measurement.
            seconds: begin no further batch after so long; the first one is always looked at.
        """
        began, looked = time.monotonic(), 0
        sums = [(np.zeros(()), np.zeros(())) for _ in self.layers]
        with self._as_when_asked():
            for images, _ in self._batches or ():
                check()
                if looked and time.monotonic() - began > seconds:
                    break
                self._look(images)
                looked += 1
                sums = [
                    (means + mean, squares + variance + mean**2)
                    for (means, squares), (mean, variance) in zip(sums, self._met(), strict=True)
                ]
        return [_of_all(means / looked, squares / looked) for means, squares in sums]

    def _met(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the mean and variance of the batch just looked at, float64."""
        return [(mean.astype(float), variance.astype(float)) for mean, variance in held(self.layers)]

    @contextmanager
    def _as_when_asked(self) -> Iterator[None]:
        """Let each batch norm keep the statistics of one batch, and let nothing be left to chance."""
        before, momenta = held(self.layers), [layer.momentum for layer in self.layers]
        states = [v for v in self._model.variables if v.name == "seed_generator_state"]
        drawn = [_array(state) for state in states]
        noisy = [
            (layer, name, getattr(layer, name))
            for layer in all_layers(self._model)
            for name in ("rate", "stddev")
            if hasattr(layer, "seed_generator") and hasattr(layer, name)
        ]
        try:
            put(self.layers, [(np.zeros_like(mean), np.ones_like(mean)) for mean, _ in before])
            for layer in self.layers:
                layer.momentum = 0.0
            for layer, name, _ in noisy:
                setattr(layer, name, 0.0)
            yield
        finally:
            for layer, momentum in zip(self.layers, momenta, strict=True):
                layer.momentum = momentum
            for layer, name, value in noisy:
                setattr(layer, name, value)
            for state, value in zip(states, drawn, strict=True):
                state.assign(value)
            put(self.layers, before)


def _array(variable: keras.Variable) -> np.ndarray:
    """Return a copy that stays as it is when the variable changes."""
    return np.array(variable.numpy())


def looks(count: int, batch_size: int, at_once: int) -> tuple[int, int]:
    """Return how many images a look takes, and how many looks: 3 % of an epoch's time, or few, never many.

    Args:
        count: of the training images.
        batch_size: of training.
        at_once: how many images of validation the device takes in one batch.
    """
    fraction = max(FEWEST_IMAGES, int(FRACTION * count))
    most = min(count, fraction, MOST_IMAGES, MOST_BATCHES * batch_size)
    batches = max(1, math.ceil(most / min(at_once, MOST_AT_ONCE)))
    return most // batches, batches


def _of_all(mean: np.ndarray, square: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance, float32, from the means of equal batches and of their squares."""
    variance = np.maximum(square - mean**2, 0.0)
    return mean.astype(np.float32), variance.astype(np.float32)


def keep(path: Path, layers: list[keras.layers.BatchNormalization], averages: Statistics) -> None:
    """Write running averages to a file, by the layers' names."""
    arrays: dict[str, np.ndarray] = {}
    for layer, (mean, variance) in zip(layers, averages, strict=True):
        arrays |= {f"{layer.name}/mean": mean, f"{layer.name}/variance": variance}
    with replacing(path) as aside, aside.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def take_back(path: Path, model: keras.Model) -> bool:
    """Give a network the running averages of a file, or return False: it cannot be read, or is another's."""
    layers = moving(model)
    try:
        with np.load(path, allow_pickle=False) as arrays:
            averages = [(arrays[f"{layer.name}/mean"], arrays[f"{layer.name}/variance"]) for layer in layers]
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return False
    shapes = [tuple(layer.moving_mean.shape) for layer in layers]
    if [mean.shape for mean, _ in averages] != shapes or [var.shape for _, var in averages] != shapes:
        return False
    put(layers, averages)
    return True
