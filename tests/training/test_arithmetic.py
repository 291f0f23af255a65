"""Which kernels a worker computes with, and that they are right."""

import os
import platform
import subprocess
import sys

import pytest

from tests.long import LONG

ON_X86 = platform.machine() in ("x86_64", "AMD64")

ASKED = """
import sys, os
import cnnlab.training
assert "tensorflow" not in sys.modules
print(os.environ.get("TF_ENABLE_ONEDNN_OPTS"))
"""

GRADIENTS = """
import cnnlab.training
import itertools, glob, sys
import numpy as np, tensorflow as tf

draw = np.random.default_rng(0)
tf.profiler.experimental.start(sys.argv[1])
for size, stride, padding, channels, filters in itertools.product(
    [1, 3, 5], [1, 2, 3], ["SAME", "VALID"], [1, 3, 16], [6, 32]
):
    image = draw.standard_normal((2, 13, 12, channels))
    kernel = draw.standard_normal((size, size, channels, filters))

    @tf.function
    def both(image, kernel):
        with tf.GradientTape() as tape:
            tape.watch([image, kernel])
            found = tf.nn.conv2d(image, kernel, stride, padding)
            total = tf.reduce_sum(tf.sin(found))
        return [found, *tape.gradient(total, [image, kernel])]

    sharp, found = (
        both(tf.constant(image, kind), tf.constant(kernel, kind)) for kind in (tf.float64, tf.float32)
    )
    for exact, value in zip(sharp, found):
        np.testing.assert_allclose(value, exact, rtol=1e-3, atol=1e-4 * np.abs(exact).max())
tf.profiler.experimental.stop()
(trace,) = glob.glob(sys.argv[1] + "/**/*.xplane.pb", recursive=True)
print(b"_MklNativeConv2D" in open(trace, "rb").read())
"""


def asked(code: str, *arguments: str, **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name != "TF_ENABLE_ONEDNN_OPTS"}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        command, env=clean | environment, stdout=subprocess.PIPE, text=True, check=True, timeout=250
    )
    return done.stdout.strip()


@pytest.mark.skipif(not ON_X86, reason="elsewhere TensorFlow decides")
def test_onednn_is_switched_on_before_tensorflow_is_loaded_unless_somebody_decided():
    assert asked(ASKED) == "1"
    assert asked(ASKED, TF_ENABLE_ONEDNN_OPTS="0") == "0"


@pytest.mark.slow
@pytest.mark.skipif(not ON_X86, reason="elsewhere TensorFlow decides")
@LONG
def test_convolutions_and_their_gradients_come_from_onednn_and_are_right(tmp_path):
    """With strides as networks here have them; unequal ones with 1×1 kernels are wrong in TensorFlow 2.21."""
    assert asked(GRADIENTS, str(tmp_path)) == "True"
