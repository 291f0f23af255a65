"""Transfer learning that runs the frozen base of a network once: its features of each image are kept.

The usual way runs the frozen base in every epoch, with the same features. Here the network is cut at the
last tensor that training cannot change; the rest, the head, trains on what stands there. Head and network
share their layers and the optimizer, so that the network is trained when the head is.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from cnnlab.augmentation import image_copies
from cnnlab.settings import RunConfig
from cnnlab.training.frozen import cut_behind_frozen
from cnnlab.training.head_checkpoint import SaveHead
from cnnlab.training.pipeline import Batches, in_place

MOST_BYTES = 2**30
"""Features beyond this are computed in every epoch instead: a gigabyte beside the images is enough."""

AT_ONCE = 16
"""Images that the base is run on between two chances to stop; VGG-16 needs a second or more for them."""


VALIDATED_AT_ONCE = 256
"""Features are small: they need not be validated in the small batches of large images."""


@dataclass(frozen=True)
class Learner:
    """What the loop trains and validates, and how the whole network is saved."""

    model: keras.Model
    training: Batches
    validation: Batches
    save: Callable[[Path], None]


class FeatureBatches(Batches):
    """Batches of the features of images, in the order of the batches of images.

    ``features`` is ``(copies, N, …)``: of the plain images first, then of augmented copies. Each epoch
    draws one of them for each image; ``in_order`` gives the plain ones.
    """

    def __init__(self, images: Batches, features: np.ndarray, batch_size: int | None = None):
        self._follow(images)
        self.batch_size = batch_size or images.batch_size
        self._copies = len(features)
        with tf.device("CPU"):
            self._features = in_place(features.reshape(-1, *features.shape[2:]))

    def _look(self, chance: tuple[int, int] | None) -> Callable[[tf.Tensor], tf.Tensor]:
        numbers = np.arange(self.count)
        copy = 0 if chance is None else image_copies(*chance, self.count, self._copies)
        rows = tf.constant(copy * self.count + numbers)
        return lambda chosen: tf.gather(self._features, tf.gather(rows, chosen))


def run_base_once(usual: Learner, config: RunConfig, progress: Callable[[float], None]) -> Learner:
    """Return a learner of the head alone where that gives the same model, else the usual one.

    With augmentation the base sees other images in every epoch, so it is run once only when
    ``config.augmented_copies`` says of how many copies; copy ``c`` is what epoch ``c`` would have seen.
    ``progress`` is called with the fraction done while the base runs; it may raise to stop.
    """
    augmented = usual.training.is_augmented
    if augmented and not config.augmented_copies:
        return usual
    if (cut := cut_behind_frozen(usual.model)) is None:
        return usual
    base, head = cut
    views = [None] + [(config.seed, copy) for copy in range(1, config.augmented_copies + 1) if augmented]
    looks = len(views) * usual.training.count + usual.validation.count
    if (needed := looks * _bytes_of(base.output)) > MOST_BYTES:
        print(
            f"The features of the frozen layers would take {needed / 1e9:.1f} GB, more than is kept: they "
            "are computed anew in every epoch.",
            file=sys.stderr,
        )
        return usual
    look = _Look(base, looks, progress)
    training = np.stack([look(usual.training, view) for view in views])
    validation = look(usual.validation, None)[None]
    _share_optimizer(usual.model, head)
    return Learner(
        head,
        FeatureBatches(usual.training, training),
        FeatureBatches(usual.validation, validation, VALIDATED_AT_ONCE),
        SaveHead(usual.model, head),
    )


class _Look:
    """Runs the base on whole sets of images, and counts."""

    def __init__(self, base: keras.Model, looks: int, progress: Callable[[float], None]):
        self._base = tf.function(lambda images: base(images, training=False), reduce_retracing=True)
        self._looks = looks
        self._progress = progress
        self._done = 0

    def __call__(self, images: Batches, view: tuple[int, int] | None) -> np.ndarray:
        """Return features ``(N, …)`` in the images' own order; ``view`` is (seed, epoch) or None."""
        features = []
        for batch, _ in images.in_order(AT_ONCE, view):
            self._progress(self._done / self._looks)
            features.append(self._base(batch).numpy())
            self._done += len(features[-1])
        return np.concatenate(features)


def _bytes_of(features: keras.KerasTensor) -> int:
    return math.prod(features.shape[1:]) * tf.as_dtype(features.dtype).size


def _share_optimizer(whole: keras.Model, head: keras.Model) -> None:
    """Compile the head with the network's own optimizer, whose variables keep the network's order."""
    with whole.distribute_strategy.scope():
        whole.optimizer.build(whole.trainable_variables)
        head.compile(whole.optimizer, loss=whole.loss, metrics=["accuracy"])
