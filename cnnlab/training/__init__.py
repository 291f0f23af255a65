"""Training: from the settings of a run to what it has learned. TensorFlow loads on first use."""

import os
import platform

from cnnlab.training.evaluation import dataset_here, evaluate_run, images_of

__all__ = ["dataset_here", "evaluate_run", "images_of"]


if platform.machine() in ("x86_64", "AMD64"):
    # TensorFlow reads it while it is imported. It ships oneDNN's convolutions, but uses them unasked only on
    # processors with AVX-512 VNNI; with AVX2 alone they are twice as fast as its own, too.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
