"""From a set of uint8 images to batches on the device."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from cnnlab.augmentation import Augmentation, image_draws
from cnnlab.datasets import ImageSet
from cnnlab.preprocessing import Preprocessing

AS_THEY_ARE = Augmentation()


class Batches:
    """Batches of one ImageSet: uint8 in memory once, scaled to float32 only in the batch.

    An epoch's order is a permutation of indices drawn from (seed, epoch), so that it is a perfect shuffle,
    costs no buffer of images, and is the same again when a run is resumed. Augmentation changes the
    images of ``shuffled`` only. Images that stay on the disk (``np.memmap``) are read batch by batch.
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
        self._shuffle = shuffle
        self._preprocessing = preprocessing
        self._augmentation = augmentation
        self._shape = data.images.shape[1:]
        self._in_numpy = bool(augmentation) or isinstance(data.images, np.memmap)
        with tf.device("CPU"):
            self._images = data.images if self._in_numpy else in_place(data.images)
            self._labels = tf.constant(data.labels)

    @property
    def is_augmented(self) -> bool:
        """Whether an image looks different in every epoch."""
        return bool(self._augmentation)

    def __len__(self) -> int:
        """Steps in an epoch; the last batch may be smaller."""
        return -(-self.count // self.batch_size)

    def in_order(
        self, batch_size: int | None = None, chance: tuple[int, int] | None = None
    ) -> tf.data.Dataset:
        """Return ``(float32 (B, H, W, C), int64 (B,))`` batches in the set's own order.

        They are plain, or with ``chance``, (seed, epoch), augmented as in that epoch.
        """
        return self._batches(np.arange(self.count), batch_size or self.batch_size, chance)

    def shuffled(self, seed: int, epoch: int, skip: int = 0) -> tf.data.Dataset:
        """Return one epoch's batches, after the first ``skip``, in an order that (seed, epoch) decides."""
        order = np.arange(self.count)
        if self._shuffle:
            order = np.random.default_rng((seed, epoch)).permutation(self.count)
        return self._batches(order[skip * self.batch_size :], self.batch_size, (seed, epoch))

    def sample(self, seed: int, count: int, batch_size: int) -> tf.data.Dataset:
        """Return ``count`` plain images that the seed chooses, always the same ones, in batches."""
        order = np.random.default_rng((seed, 0, 1)).permutation(self.count)  # no epoch has this order
        return self._batches(order[:count], batch_size, None)

    def chosen(self, indices: np.ndarray) -> tf.data.Dataset:
        """Return the plain images at these indices, in one batch."""
        return self._batches(np.asarray(indices), len(indices), None)

    def _batches(self, order: np.ndarray, size: int, chance: tuple[int, int] | None) -> tf.data.Dataset:
        """Return batches of what stands at these indices; gathered at once, not joined one by one."""
        indices, look = tf.constant(order), self._look(chance)

        def batch(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            chosen = indices[step * size : (step + 1) * size]
            return look(chosen), tf.gather(self._labels, chosen)

        steps = tf.data.Dataset.range(-(-len(order) // size))
        return steps.map(batch, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)

    def _look(self, chance: tuple[int, int] | None) -> Callable[[tf.Tensor], tf.Tensor]:
        """Return a function from indices ``(B,)`` to what the network sees, float32 ``(B, H, W, C)``.

        ``chance`` is the seed and the epoch of the augmentation, or None for plain images.
        """

        draws = image_draws(*chance, self.count) if self._augmentation and chance is not None else None

        def images(chosen: np.ndarray) -> np.ndarray:
            here = np.asarray(self._images[chosen])
            return here if draws is None else self._augmentation.apply(here, draws[chosen])

        def look(chosen: tf.Tensor) -> tf.Tensor:
            if self._in_numpy:
                pixels = tf.numpy_function(images, [chosen], tf.uint8, stateful=False)
                pixels = tf.ensure_shape(pixels, (None, *self._shape))
            else:
                pixels = tf.gather(self._images, chosen)
            return self._preprocessing.scale(tf.cast(pixels, tf.float32))

        return look

    def _follow(self, other: "Batches") -> None:
        """Take the labels and the order of other batches, for something else than their images."""
        self.batch_size, self.count = other.batch_size, other.count
        self._labels, self._shuffle = other._labels, other._shuffle
        self._augmentation = other._augmentation


ALIGNED = 64
"""Bytes: TensorFlow's kernels end the process at a tensor that begins elsewhere."""


def in_place(array: np.ndarray) -> tf.Tensor:
    """Return the array as a tensor, copied once at most; ``tf.constant`` holds two copies for a while."""
    if not (array.flags.writeable and array.flags.c_contiguous and array.ctypes.data % ALIGNED == 0):
        array = _aligned(array)
    return tf.experimental.dlpack.from_dlpack(array.__dlpack__())


def _aligned(array: np.ndarray) -> np.ndarray:
    """Return a copy that begins where a tensor may."""
    room = np.empty(array.nbytes + ALIGNED, np.uint8)
    begin = -room.ctypes.data % ALIGNED
    copy = room[begin : begin + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy
