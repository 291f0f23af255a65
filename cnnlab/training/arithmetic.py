"""How a run computes: on which devices, with which precision, and whether to the last bit again."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf

from cnnlab.settings import RunConfig
from cnnlab.training import devices


def own_process(config: RunConfig, slot: int) -> str:
    """Set what belongs to a whole process, a worker's: devices, seeds, determinism; return the device."""
    device = devices.claim(slot, all_gpus=config.devices == "all")
    keras.utils.set_random_seed(config.seed)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()
    return device


@contextmanager
def arithmetic(config: RunConfig, all_devices: bool) -> Iterator[None]:
    """Let this thread build its layers with the precision of a run, on one device or on all.

    Raises:
        ConfigError: the device has no such precision.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(devices.mixed_precision(config))
    try:
        with devices.strategy(all_devices and config.devices == "all").scope():
            yield
    finally:
        keras.config.set_dtype_policy(before)
