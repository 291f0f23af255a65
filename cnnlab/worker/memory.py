"""What training takes of the memory; when no more can be had, for what, and which batch would fit."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod

import keras
import psutil
import tensorflow as tf

from cnnlab.languages import texts

COPIES = 2
"""Of the output of every layer: the output is kept for the way back, where its gradient is as large."""

LEAST_TOLD = 2**20
"""Bytes: something smaller was not the reason, but the last straw."""

_RAN_OUT = re.compile(r"\bMemoryError\b|\bOOM when allocating\b|\breceived an exception: ?Status: [15],")
"""The last is oneDNN's: status 1 is out of memory, 5 a primitive that could not be executed, which is what it
says where memory is limited by the process's address space."""

_SHAPE = re.compile(r"shape\[(\d+(?:,\d+)*)\]")


class MemoryUsedUp(Exception):  # noqa: N818 - what happened, told by ``failures.explain``
    """No more memory in training. ``batch_size`` is one that should fit, or None where not even one does.

    ``what`` says in words what the memory was wanted for, and is empty when that is not known.
    """

    def __init__(self, what: str, batch_size: int | None):
        super().__init__(what)
        self.what = what
        self.batch_size = batch_size


def ran_out(error: BaseException) -> bool:
    """Whether an error says that there was no more memory; TensorFlow may wrap it in one of another type."""
    return isinstance(error, MemoryError | tf.errors.ResourceExhaustedError) or bool(
        _RAN_OUT.search(str(error))
    )


@contextmanager
def watched(model: keras.Model, batch_size: int) -> Iterator[None]:
    """Let the block train ``model``.

    Raises:
        MemoryUsedUp: the device had no more memory.
    """
    before = in_use()
    try:
        yield
    except Exception as error:
        if not ran_out(error):
            raise
        size, what = wanted(str(error), model)
        # what was to be had lies between what was in use and what was wanted beside it
        room = peak() - before + size // 2 - gradient_bytes(model)
        raise MemoryUsedUp(what, batch_that_fits(room, bytes_per_image(model), batch_size)) from error


def batch_that_fits(room: int, per_image: int, failed: int) -> int | None:
    """Return the largest power of two that fits into ``room`` bytes, at most half of what failed.

    At least 1, as ``room`` is an estimate; None when it was a batch of one image that failed.
    """
    if failed == 1:
        return None
    return 2 ** (max(1, min(failed // 2, room // per_image)).bit_length() - 1)


def bytes_per_image(model: keras.Model) -> int:
    """Return the bytes that training a functional model takes for each image of a batch.

    An estimate: the outputs of all layers, twice. It leaves out what an algorithm needs to work in, which
    does not grow with the batch, and what the runtime saves by reusing memory.
    """
    return COPIES * sum(prod(shape[1:]) * tf.as_dtype(kind).size for _, shape, kind in _outputs(model))


def gradient_bytes(model: keras.Model) -> int:
    """Return the bytes of the gradients of all weights that learn."""
    return sum(prod(weight.shape) * tf.as_dtype(weight.dtype).size for weight in model.trainable_weights)


def wanted(message: str, model: keras.Model) -> tuple[int, str]:
    """Return the bytes that TensorFlow asked for in vain, and in words what for: 0 and "" where unknown.

    TensorFlow names a shape, whose axes may stand in another order than in Keras: a GPU keeps the channels
    before rows and columns.
    """
    if not (found := _SHAPE.search(message)):
        return 0, ""
    pictures, *rest = map(int, found[1].split(","))
    for name, shape, kind in _outputs(model):
        if sorted(rest) == sorted(shape[1:]):
            size = pictures * prod(rest) * tf.as_dtype(kind).size
            return (
                size,
                ""
                if size < LEAST_TOLD
                else texts(f"the output of {name} for {pictures:,} images is {size / 1e6:,.0f} MB"),
            )
    return 0, ""


def in_use() -> int:
    """Return the bytes of the first GPU in use, or of this process where training is on the CPU."""
    if gpus := tf.config.list_logical_devices("GPU"):
        return tf.config.experimental.get_memory_info(gpus[0].name)["current"]
    return psutil.Process().memory_info().rss


def peak() -> int:
    """Return the most bytes that were in use so far, counted as ``in_use`` counts."""
    if gpus := tf.config.list_logical_devices("GPU"):
        return tf.config.experimental.get_memory_info(gpus[0].name)["peak"]
    memory = psutil.Process().memory_info()
    if hasattr(memory, "peak_wset"):  # Windows
        return memory.peak_wset
    import resource  # everywhere else

    unit = 1 if psutil.MACOS else 1024
    return max(memory.rss, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


def _outputs(model: keras.Model) -> Iterator[tuple[str, tuple[int, ...], str]]:
    """Yield the name, the shape with the batch axis and the type of each output, nested models opened."""
    for operation in model.operations:
        if isinstance(operation, keras.Model):
            yield from _outputs(operation)
        else:
            for tensor in keras.tree.flatten(operation.output):
                yield operation.name, tuple(tensor.shape), tensor.dtype
