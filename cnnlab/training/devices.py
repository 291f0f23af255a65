"""What this machine trains on. ``describe`` needs no TensorFlow; ``claim`` is for workers only."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cnnlab.errors import ConfigError

if TYPE_CHECKING:
    import tensorflow as tf

    from cnnlab.settings import RunConfig

TENSOR_CORES = (7, 0)
"""The compute capability from which 16-bit arithmetic is faster."""


@dataclass(frozen=True)
class Device:
    """The device that training uses: ``count`` of them, each with ``memory_mb`` (None when unknown)."""

    kind: str
    name: str
    count: int
    cores: int
    memory_mb: int | None = None

    def __str__(self) -> str:
        if self.kind == "GPU":
            memory = f", {self.memory_mb / 1024:.0f} GB" if self.memory_mb else ""
            return f"{self.count if self.count > 1 else ''} GPU: {self.name}{memory}".strip()
        return f"CPU, {self.cores} cores"


def describe(tensorflow: bool = False) -> Device:
    """Return the device of this machine, as the NVIDIA driver reports it, or the CPU.

    Args:
        tensorflow: ask TensorFlow instead, which loads it; it may lack the CUDA libraries for a GPU that the
            driver sees, and then it trains on the CPU.
    """
    gpus = _nvidia_gpus()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if tensorflow:
        import tensorflow as tf

        visible = tf.config.list_physical_devices("GPU")
        details = [tf.config.experimental.get_device_details(gpu) for gpu in visible]
        memory_of = dict(gpus)
        names = [d.get("device_name", "GPU") for d in details]
        gpus = tuple((name, memory_of.get(name)) for name in names)
    if gpus:
        return Device("GPU", gpus[0][0], len(gpus), cores, gpus[0][1])
    return Device("CPU", "CPU", 1, cores)


def claim(slot: int, all_gpus: bool = False) -> str:
    """Take the GPU of this number (or all) for this process, memory growing as needed; return what is used.

    Must run before the first TensorFlow operation. On a machine without a GPU it only names the CPU.
    """
    import tensorflow as tf

    device = describe(tensorflow=True)
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return str(device)
    mine = gpus if all_gpus else [gpus[slot % len(gpus)]]
    tf.config.set_visible_devices(mine, "GPU")
    for gpu in mine:
        tf.config.experimental.set_memory_growth(gpu, True)
    return str(device) if all_gpus else f"{device.name} (GPU {slot % len(gpus)})"


def strategy(all_gpus: bool) -> "tf.distribute.Strategy":
    """Return how a step is shared: mirrored over all GPUs (or all logical CPUs), or not at all."""
    import tensorflow as tf

    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if all_gpus and len(devices) > 1:
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    return tf.distribute.get_strategy()


def mixed_precision(config: "RunConfig") -> str:
    """Return the Keras dtype policy of a run: ``"float32"``, or ``"mixed_float16"`` where it pays.

    Only NVIDIA's tensor cores make 16-bit arithmetic faster (compute capability 7.0 and above, as in Keras's
    guide). A CPU is no faster with bfloat16 and many times slower with float16.

    Raises:
        ConfigError: mixed precision was asked for on another device.
    """
    if config.precision == "float32":
        return "float32"
    import tensorflow as tf

    gpus = tf.config.get_visible_devices("GPU")
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    if gpus and all(known.get("compute_capability", (0, 0)) >= TENSOR_CORES for known in details):
        return "mixed_float16"
    raise ConfigError(
        "Mixed precision needs an NVIDIA GPU of compute capability 7.0 or above; choose float32 here."
    )


@cache
def _nvidia_gpus() -> tuple[tuple[str, int | None], ...]:
    """Return (name, memory in MB) of each GPU that ``nvidia-smi`` lists."""
    command = shutil.which("nvidia-smi")
    if not command:
        return ()
    query = [command, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        listing = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    rows = [line.rsplit(",", 1) for line in listing.splitlines() if "," in line]
    return tuple((name.strip(), int(mb) if mb.strip().isdigit() else None) for name, mb in rows)
