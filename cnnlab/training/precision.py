"""How a run computes: with which precision, and shared among which devices."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf

from cnnlab.errors import ConfigError
from cnnlab.settings import RunConfig

TENSOR_CORES = (7, 0)
"""The compute capability from which mixed precision is faster."""


@contextmanager
def applied(config: RunConfig, all_devices: bool) -> Iterator[None]:
    """Let this thread build its layers with the precision of a run, on one device or on all.

    Raises:
        ConfigError: the device has no such precision.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(mixed_precision(config))
    try:
        with strategy(all_devices and config.devices == "all").scope():
            yield
    finally:
        keras.config.set_dtype_policy(before)


def strategy(all_gpus: bool) -> tf.distribute.Strategy:
    """Return how a step is shared: mirrored over all GPUs (or all logical CPUs), or not at all."""
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if all_gpus and len(devices) > 1:
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return tf.distribute.get_strategy()


def mixed_precision(config: RunConfig) -> str:
    """Return the Keras dtype policy of a run: ``"float32"``, or ``"mixed_float16"`` where it pays.

    Only NVIDIA's tensor cores make 16-bit precision faster (compute capability 7.0 and above, as in Keras's
    guide). A CPU is no faster with bfloat16 and many times slower with float16.

    Raises:
        ConfigError: mixed precision was asked for on another device.
    """
    if config.precision == "float32":
        return "float32"
    gpus = tf.config.get_visible_devices("GPU")
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    if gpus and all(known.get("compute_capability", (0, 0)) >= TENSOR_CORES for known in details):
        return "mixed_float16"
    raise ConfigError(
        "Mixed precision needs an NVIDIA GPU of compute capability 7.0 or above; choose float32 here."
    )
