"""What this machine trains on. ``describe`` needs no TensorFlow; ``claim`` is for workers only."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache


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


def claim(slot: int) -> str:
    """Take the GPU of this number for this process, growing its memory as needed; return what is used.

    Must run before the first TensorFlow operation. On a machine without a GPU it only names the CPU.
    """
    import tensorflow as tf

    device = describe(tensorflow=True)
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        mine = gpus[slot % len(gpus)]
        tf.config.set_visible_devices(mine, "GPU")
        tf.config.experimental.set_memory_growth(mine, True)
        return f"{device.name} (GPU {slot % len(gpus)})"
    return str(device)


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
