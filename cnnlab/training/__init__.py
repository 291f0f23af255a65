"""Training: the recipes, and what a worker does with the settings of a run. TensorFlow loads on first use."""

import os
import platform
from pathlib import Path

from cnnlab.training.evaluation import dataset_here, evaluate_run, pictures_of

__all__ = ["dataset_here", "evaluate_run", "execute", "pictures_of"]


if platform.machine() in ("x86_64", "AMD64"):
    # TensorFlow reads it while it is imported. It ships oneDNN's convolutions, but uses them unasked only on
    # processors with AVX-512 VNNI; with AVX2 alone they are twice as fast as its own, too.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def execute(run_folder: Path, slot: int = 0, own_process: bool = True) -> None:
    """Train the run in this folder to its end; see ``cnnlab.training.engine``."""
    from cnnlab.training.engine import execute as train

    train(run_folder, slot, own_process)
