"""Networks without their weights: shapes and parameter counts, and nothing allocated."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras


@contextmanager
def without_weights() -> Iterator[None]:
    """Let layers that are built in this block have variables with a shape and no value.

    Keras notes each such variable for this thread, and the next scope that it opens by itself, to infer a
    shape, would give all of them their values: hundreds of megabytes for networks nobody asked to run. So the
    notes of the block are struck out at its end; nothing public in Keras does that.
    """
    from keras.src.backend.common import global_state

    noted = global_state.get_global_attribute("uninitialized_variables", [], set_to_default=True)
    before = len(noted)
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        del noted[before:]
