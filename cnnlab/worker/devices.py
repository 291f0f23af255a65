"""The devices of a worker's process: it takes them, with its seeds, before the first TensorFlow operation."""

import keras
import tensorflow as tf

from cnnlab import machine
from cnnlab.machine import Device
from cnnlab.settings import RunConfig


def describe() -> Device:
    """Return the device that TensorFlow finds: it may lack the libraries for a GPU that the driver sees."""
    visible = tf.config.list_physical_devices("GPU")
    details = [tf.config.experimental.get_device_details(gpu) for gpu in visible]
    memory_of = dict(machine.nvidia_gpus())
    names = [known.get("device_name", "GPU") for known in details]
    return machine.device_of(tuple((name, memory_of.get(name)) for name in names))


def take(config: RunConfig, slot: int) -> str:
    """Set what belongs to a whole process: devices, seeds, determinism; return the device used."""
    device = claim(slot, all_gpus=config.devices == "all")
    keras.utils.set_random_seed(config.seed)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()
    return device


def claim(slot: int, all_gpus: bool = False) -> str:
    """Take the GPU of this number (or all) for this process, memory growing as needed; return what is used.

    Must run before the first TensorFlow operation. On a machine without a GPU it only names the CPU.
    """
    device = describe()
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return str(device)
    mine = gpus if all_gpus else [gpus[slot % len(gpus)]]
    tf.config.set_visible_devices(mine, "GPU")
    for gpu in mine:
        tf.config.experimental.set_memory_growth(gpu, True)
    return str(device) if all_gpus else f"{device.name} (GPU {slot % len(gpus)})"
