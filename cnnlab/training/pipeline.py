"""From a set of uint8 pictures to batches on the device."""

import numpy as np
import tensorflow as tf

from cnnlab.augmentation import Augmentation, picture_seeds
from cnnlab.datasets import ImageSet
from cnnlab.preprocessing import Preprocessing

AS_THEY_ARE = Augmentation()


class Batches:
    """Batches of one ImageSet: uint8 in memory once, scaled to float32 only in the batch.

    An epoch's order is a permutation of indices drawn from (seed, epoch), so that it is a perfect shuffle,
    costs no buffer of pictures, and is the same again when a run is resumed. Augmentation changes the
    pictures of ``shuffled`` only. Pictures that stay on the disk (``np.memmap``) are read batch by batch.
    """

    def __init__(
        self,
        data: ImageSet,
        batch_size: int,
        preprocessing: Preprocessing,
        augmentation: Augmentation = AS_THEY_ARE,
        shuffle: bool = True,
    ):
        """``shuffle`` False gives every epoch the set's own order."""
        self.batch_size = batch_size
        self.count = len(data)
        self._preprocessing = preprocessing
        self._augmentation = augmentation
        self._shuffle = shuffle
        self._shape = data.images.shape[1:]
        self._in_numpy = bool(augmentation) or isinstance(data.images, np.memmap)
        with tf.device("CPU"):
            self._images = data.images if self._in_numpy else tf.constant(data.images)
            self._labels = tf.constant(data.labels)

    def __len__(self) -> int:
        """Steps in an epoch; the last batch may be smaller."""
        return -(-self.count // self.batch_size)

    def in_order(self) -> tf.data.Dataset:
        """Return ``(float32 (B, H, W, C), int64 (B,))`` batches in the set's own order, not augmented."""
        return self._batches(np.arange(self.count), None)

    def augmented(self, seed: int, epoch: int) -> tf.data.Dataset:
        """Return the pictures as they are seen in an epoch, but in the set's own order."""
        return self._batches(np.arange(self.count), (seed, epoch))

    def shuffled(self, seed: int, epoch: int, skip: int = 0) -> tf.data.Dataset:
        """Return one epoch's batches, after the first ``skip``, in an order that (seed, epoch) decides."""
        order = epoch_order(self.count, seed, epoch) if self._shuffle else np.arange(self.count)
        return self._batches(order[skip * self.batch_size :], (seed, epoch))

    def _batches(self, order: np.ndarray, chance: tuple[int, int] | None) -> tf.data.Dataset:
        """Return batches of the pictures at these indices; gathered at once, not joined one by one.

        ``chance`` is the seed and the epoch of the augmentation, or None for plain pictures.
        """
        indices = tf.constant(order)

        def pictures(chosen: np.ndarray) -> np.ndarray:
            here = np.asarray(self._images[chosen])
            if not self._augmentation or chance is None:
                return here
            return self._augmentation.apply(here, picture_seeds(*chance, chosen))

        def batch(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            chosen = indices[step * self.batch_size : (step + 1) * self.batch_size]
            if self._in_numpy:
                pixels = tf.ensure_shape(
                    tf.numpy_function(pictures, [chosen], tf.uint8, stateful=False), (None, *self._shape)
                )
            else:
                pixels = tf.gather(self._images, chosen)
            return self._preprocessing.scale(tf.cast(pixels, tf.float32)), tf.gather(self._labels, chosen)

        steps = tf.data.Dataset.range(-(-len(order) // self.batch_size))
        return steps.map(batch, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def epoch_order(count: int, seed: int, epoch: int) -> np.ndarray:
    """Return the permutation of ``count`` indices that (seed, epoch) decides."""
    return np.random.default_rng((seed, epoch)).permutation(count)
