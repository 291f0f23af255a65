"""How each layer of a network learns, measured on one fixed batch beside the training.

Nothing of the training is touched: no random number is drawn, no statistic moved, no weight changed. The
gradient is that of a training step on this batch without dropout: a batch norm that learns normalises with
the batch. The update is what a copy of the optimizer makes of it.
"""

from collections.abc import Iterable, Sequence
from math import isfinite, prod
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from cnnlab.inference.execution import Step, activation_of, executed, steps_of
from cnnlab.runs.snapshot_file import BatchNormState, LayerState
from cnnlab.training.batch_norm import held, moving

MOST_COPIED = 25_000_000
"""Weights of which a copy of the optimizer is made: three times as many numbers. Of more the update is not
measured."""
MOST_KEPT = 1_000_000
"""Weights whose copies are kept for the next time."""
END = 0.05
"""A sigmoid's or tanh's value this near to an end of its range has at most a fifth of its steepest slope."""
HALF_SCALE = 2.0**10
_NO_WEIGHTS = ("seed_generator_state", "moving_mean", "moving_variance")


class LayerStates:
    """Measures a network, of which training changes ``learner``: the network itself, or its last part."""

    def __init__(self, whole: keras.Model, learner: keras.Model, images: Any, labels: Any):
        """``images`` and ``labels`` are the fixed batch, as ``learner`` takes it."""
        self._whole, self._learner = whole, learner
        self._images, self._labels = images, labels
        self._moving = moving(learner)
        strategy = tf.distribute.get_strategy()
        self._alone = strategy.num_replicas_in_sync == 1
        self._copy: tuple[keras.Optimizer, list[keras.Variable]] | None = None

    @property
    def images(self) -> int:
        """How many images the batch has."""
        return len(self._images)

    def measure(
        self, running: Sequence[tuple[np.ndarray, np.ndarray]] | None = None
    ) -> tuple[tuple[LayerState, ...], tuple[BatchNormState, ...]]:
        """Return the state of each layer, and of each batch norm that learns.

        ``running`` are the running averages of these batch norms, if they do not hold them now.
        """
        looked = _Look(self._moving)
        gradients = self._gradients(looked)
        updates = self._updates(gradients)
        states = []
        for step in _once(steps_of(self._whole).values()):
            learning, weights = step.layer.trainable_weights, _weights(step.layer)
            fractions = looked.fractions.get(step.name, {})
            if weights or fractions:
                states.append(
                    LayerState(
                        step.name,
                        type(step.layer).__name__,
                        _norm(gradients.get(id(variable)) for variable in learning),
                        _norm(updates.get(id(variable)) for variable in learning),
                        _norm(variable.value for variable in learning or weights),
                        **fractions,
                    )
                )
        return tuple(states), looked.batch_norms(running or held(self._moving))

    def _gradients(self, looked: "_Look") -> dict[int, tf.Tensor]:
        """Return the gradient of the loss by the ids of the weights that learn; empty on several devices."""
        if not self._alone:
            for step, _, output in executed(self._learner, self._images, looked.call):
                looked.take(step, output)
            return {}
        model = self._learner
        half = model.compute_dtype == "float16" or any(
            getattr(layer, "compute_dtype", "") == "float16" for layer in model.layers
        )
        scale = HALF_SCALE if half else 1.0
        with tf.GradientTape() as tape:
            for step, _, output in executed(model, self._images, looked.call):
                with tape.stop_recording():
                    looked.take(step, output)
            loss = tf.reduce_mean(keras.losses.get(model.loss)(self._labels, output))
            loss = scale * sum((tf.cast(penalty, loss.dtype) for penalty in model.losses), loss)
        variables = model.trainable_variables
        found = tape.gradient(loss, [variable.value for variable in variables])
        return {
            id(variable): gradient / scale
            for variable, gradient in zip(variables, map(_dense, found), strict=True)
            if gradient is not None
        }

    def _updates(self, gradients: dict[int, tf.Tensor]) -> dict[int, tf.Tensor]:
        """Return by how much a copy of the optimizer would change each weight with these gradients."""
        variables = self._whole.trainable_variables
        optimizer = self._whole.optimizer
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            optimizer = optimizer.inner_optimizer
        size = sum(prod(variable.shape) for variable in variables)
        whole = all(id(variable) in gradients for variable in variables)
        if not whole or size > MOST_COPIED or not optimizer.built:
            return {}
        copied, copies = self._copy or _copy_of(optimizer, variables)
        self._copy = (copied, copies) if size <= MOST_KEPT else None
        mine_of = [*copied.variables, *copies]
        for mine, yours in zip(mine_of, [*optimizer.variables, *variables], strict=True):
            mine.assign(tf.identity(yours.value))
        copied.apply([gradients[id(variable)] for variable in variables], copies)
        return {
            id(variable): copy.value - variable.value
            for variable, copy in zip(variables, copies, strict=True)
        }


class _Look:
    """Looks at the values that a batch has in each layer."""

    def __init__(self, learning: Iterable[keras.layers.BatchNormalization]):
        self._learning = list(learning)
        self._met: dict[int, tuple[str, np.ndarray, np.ndarray]] = {}
        self.fractions: dict[str, dict[str, float]] = {}

    def call(self, step: Step, values: dict[str, tf.Tensor]) -> tf.Tensor:
        """Compute a step as training does; a batch norm that learns normalises with the batch."""
        layer = step.layer
        if not any(layer is one for one in self._learning) or layer.axis not in (-1, len(step.output_shape)):
            return step.call(values)
        x = tf.cast(values[step.inputs[0]], tf.float32)
        mean, variance = tf.nn.moments(x, range(len(x.shape) - 1))
        if id(layer) not in self._met:
            self._met[id(layer)] = step.name, mean.numpy(), variance.numpy()
        gamma, beta = (None if part is None else part.value for part in (layer.gamma, layer.beta))
        made = tf.nn.batch_normalization(x, mean, variance, beta, gamma, layer.epsilon)
        return tf.cast(made, layer.compute_dtype)

    def take(self, step: Step, output: tf.Tensor) -> None:
        """Note which of a layer's units say nothing any more."""
        kind = _activation(step.layer)
        values = tf.cast(output, tf.float32)
        if kind in ("relu", "relu6"):
            silent = tf.reduce_max(values, range(len(values.shape) - 1)) <= 0
            self.fractions[step.name] = {"dead": float(tf.reduce_mean(tf.cast(silent, tf.float32)))}
        elif kind in ("sigmoid", "tanh"):
            middle, half = (0.5, 0.5) if kind == "sigmoid" else (0.0, 1.0)
            near = tf.abs(values - middle) > half - END
            self.fractions[step.name] = {"saturated": float(tf.reduce_mean(tf.cast(near, tf.float32)))}

    def batch_norms(self, running: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[BatchNormState, ...]:
        """Return the running averages beside the statistics of the batch."""
        found = []
        for layer, (mean, variance) in zip(self._learning, running, strict=True):
            if met := self._met.get(id(layer)):
                found.append(BatchNormState(met[0], mean, variance, *met[1:]))
        return tuple(found)


def _copy_of(
    optimizer: keras.Optimizer, variables: Sequence[keras.Variable]
) -> tuple[keras.Optimizer, list[keras.Variable]]:
    """Return an optimizer of the same settings, for variables of its own."""
    copies = [  # of the tf.Variable itself Keras would make no copy, and train the network twice
        keras.Variable(tf.identity(variable.value), dtype=variable.dtype, name=variable.name)
        for variable in variables
    ]
    copied = type(optimizer).from_config(optimizer.get_config())
    copied.build(copies)
    return copied, copies


def _activation(layer: keras.Layer) -> str:
    """Return the name of the activation that a layer ends with."""
    if isinstance(layer, keras.layers.ReLU):
        plain = not float(layer.negative_slope or 0) and not float(layer.threshold or 0)
        return "relu" if plain else "leaky_relu"
    return activation_of(layer)


def _weights(layer: keras.Layer) -> list[keras.Variable]:
    """Return a layer's weights that are or were learned; a batch norm's averages are none."""
    return [variable for variable in layer.weights if variable.name not in _NO_WEIGHTS]


def _once(steps: Iterable[Step]) -> Iterable[Step]:
    """Yield steps, of a layer that is called twice the first."""
    seen = set()
    for step in steps:
        if id(step.layer) not in seen:
            seen.add(id(step.layer))
            yield step


def _dense(gradient: Any) -> Any:
    return tf.convert_to_tensor(gradient) if isinstance(gradient, tf.IndexedSlices) else gradient


def _norm(parts: Iterable[tf.Tensor | None]) -> float | None:
    """Return the Euclidean norm over several arrays; None of none, or where it is not finite."""
    known = [part for part in parts if part is not None]
    norm = sum(float(tf.norm(tf.cast(part, tf.float32))) ** 2 for part in known) ** 0.5
    return norm if known and isfinite(norm) else None
