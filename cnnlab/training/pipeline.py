"""From a set of uint8 pictures to batches on the device."""

import numpy as np
import tensorflow as tf

from cnnlab.datasets import ImageSet
from cnnlab.preprocessing import Preprocessing


class Batches:
    """Batches of one ImageSet: uint8 in memory once, scaled to float32 only in the batch.

    An epoch's order is a permutation of indices drawn from (seed, epoch), so that it is a perfect shuffle,
    costs no buffer of pictures, and is the same again when a run is resumed.
    """

    def __init__(self, data: ImageSet, batch_size: int, preprocessing: Preprocessing):
        self.batch_size = batch_size
        self.count = len(data)
        self._preprocessing = preprocessing
        with tf.device("CPU"):
            self._images = tf.constant(data.images)
            self._labels = tf.constant(data.labels)

    def __len__(self) -> int:
        """Steps in an epoch; the last batch may be smaller."""
        return -(-self.count // self.batch_size)

    def in_order(self) -> tf.data.Dataset:
        """Return ``(float32 (B, H, W, C), int64 (B,))`` batches in the set's own order."""
        return self._batches(np.arange(self.count))

    def shuffled(self, seed: int, epoch: int, skip: int = 0) -> tf.data.Dataset:
        """Return one epoch's batches, after the first ``skip``, in an order that (seed, epoch) decides."""
        order = np.random.default_rng((seed, epoch)).permutation(self.count)
        return self._batches(order[skip * self.batch_size :])

    def _batches(self, order: np.ndarray) -> tf.data.Dataset:
        """Return batches of the pictures at these indices; gathered at once, not joined one by one."""
        indices = tf.constant(order)

        def batch(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            chosen = indices[step * self.batch_size : (step + 1) * self.batch_size]
            pixels = tf.cast(tf.gather(self._images, chosen), tf.float32)
            return self._preprocessing.scale(pixels), tf.gather(self._labels, chosen)

        steps = tf.data.Dataset.range(-(-len(order) // self.batch_size))
        return steps.map(batch, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
