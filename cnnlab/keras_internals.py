"""Every use of what Keras does not publish, and why nothing public will do.

Keras may change these in any version: requirements.txt holds it to one, and ``tests/test_keras_internals.py``
says of each what we rely on.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import keras

if TYPE_CHECKING:
    from keras.src.ops.node import Node


def all_layers(model: keras.Model) -> list[keras.Layer]:
    """Return all layers, those of nested models too; which comes first is Keras's affair.

    ``model.layers`` has nested models as they are, and a layer's own layers not at all.
    """
    return [layer for layer in model._flatten_layers() if not isinstance(layer, keras.Model)]


def calls_behind(tensors: Sequence[keras.KerasTensor]) -> "list[Node]":
    """Return the call of a layer that made each tensor: its ``operation``, ``input_tensors`` and ``outputs``.

    A layer that is called twice has two, and ``layer.output`` then tells of neither.
    """
    history = [tensor._keras_history for tensor in tensors]
    return [operation._inbound_nodes[index] for operation, index, _ in history]


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


def averages(optimizer: keras.Optimizer) -> list[tuple[keras.Variable, keras.Variable]]:
    """Return each weight that an optimizer changes with its moving average; none where it keeps none.

    Keras offers the averages of ``use_ema`` only to its own callback, which overwrites the weights with them
    at the end of a training: then it could not go on.
    """
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = optimizer.inner_optimizer
    if not optimizer.use_ema or not optimizer.built:
        return []
    kept = zip(optimizer._trainable_variables, optimizer._model_variables_moving_average, strict=True)
    return [(weight, average) for weight, average in kept if average is not None]


def set_dropout_rate(layer: keras.layers.Dropout, rate: float) -> None:
    """Give a built dropout layer another rate.

    Keras makes no seed generator for a layer of rate 0, and lets a built layer take none up: its tracker is
    locked.
    """
    layer.rate = rate
    if rate and not hasattr(layer, "seed_generator"):
        layer._tracker.unlock()
        layer.seed_generator = keras.random.SeedGenerator(layer.seed)
        layer._tracker.lock()
