"""The training loop: Keras's own train step, as many of them a call as fit between two points of the chart.

``model.fit`` returns to Python after a fixed number of steps. A small network then spends most of its time
between steps, and a large one keeps a stop request waiting. Here the number follows the clock.

What that gives, measured beside ``model.fit`` on two cores (``python -m tests.benchmarks loop``): the
longest time of AlexNet8 without a point on the chart or an answer to a stop is 0.36 s, where the 64 steps an
execution that are fastest for a small network make it 8.7 s; LeNet-5 keeps 99 % and Baseline 92 % of the
images a second of ``fit`` with those 64 steps.
"""

import time

import keras
import numpy as np
import tensorflow as tf

from cnnlab.training.fused import fused
from cnnlab.training.pipeline import Batches

SECONDS_PER_CALL = 0.05
"""Twenty points a second: smooth to the eye, and a stop is noticed at once."""


class TrainSteps:
    """Runs training steps from an iterator until it is time to look up again.

    The number of steps of a call is an argument of the compiled function, so changing it compiles nothing.
    """

    def __init__(self, model: keras.Model, seconds_per_call: float = SECONDS_PER_CALL):
        self._seconds_per_call = seconds_per_call
        self._limit = 1
        self._traced = False
        strategy = model.distribute_strategy
        step = tf.autograph.experimental.do_not_convert(model.train_step)
        one_step = tf.function(step, jit_compile=model.jit_compile, reduce_retracing=True)
        metrics = tf.autograph.experimental.do_not_convert(model.get_metrics_result)

        @tf.function(reduce_retracing=True)
        def several_steps(iterator, count):
            for _ in tf.range(count):
                strategy.run(one_step, args=(next(iterator),))
            return metrics()

        self._several_steps = several_steps

    def __call__(self, iterator: "tf.data.Iterator", left: int) -> tuple[int, dict[str, float]]:
        """Run some of the ``left`` steps that the iterator still has; return how many, and the metrics."""
        began = time.perf_counter()
        done = min(self._limit, left)
        scores = self._several_steps(iterator, tf.constant(done))
        scores = {name: float(value) for name, value in scores.items()}  # waits for a GPU, too
        seconds = time.perf_counter() - began
        if self._traced and done == self._limit:
            fitting = self._limit * self._seconds_per_call / max(seconds, 1e-6)
            self._limit = max(1, min(int(fitting), 2 * self._limit, 256))
        self._traced = True
        return done, scores


def train(
    model: keras.Model,
    batches: Batches,
    validation: Batches,
    callbacks: keras.callbacks.CallbackList,
    epochs: range,
    seed: int,
) -> None:
    """Train a compiled model for these epochs (counted from 0), validating after each.

    The optimizer's step counter tells where training stands, so that a model loaded from a checkpoint goes on
    with the very next batch. ``callbacks`` see the same calls as from ``model.fit``, with one difference:
    ``on_train_batch_end`` comes once for several steps, with the number of the epoch's last finished step.
    """
    with fused(model):
        _train(model, batches, validation, callbacks, epochs, seed)


def _train(
    model: keras.Model,
    batches: Batches,
    validation: Batches,
    callbacks: keras.callbacks.CallbackList,
    epochs: range,
    seed: int,
) -> None:
    unseen = validation.in_order()
    _make_variables(model, unseen)
    steps = TrainSteps(model)
    strategy = model.distribute_strategy
    resumed_at = int(model.optimizer.iterations.numpy())
    _seed_dropout(model, seed, resumed_at)
    callbacks.on_train_begin()
    for epoch in epochs:
        callbacks.on_epoch_begin(epoch)
        model.reset_metrics()
        step = max(0, resumed_at - epoch * len(batches)) if epoch == epochs.start else 0
        iterator = iter(strategy.experimental_distribute_dataset(batches.shuffled(seed, epoch, step)))
        while step < len(batches) and not model.stop_training:
            callbacks.on_train_batch_begin(step)
            done, scores = steps(iterator, len(batches) - step)
            step += done
            if isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer):
                model.optimizer.iterations.assign(epoch * len(batches) + step)  # it counts no skipped steps
            callbacks.on_train_batch_end(step - 1, scores)
        logs = model.get_metrics_result()
        validated = model.evaluate(unseen, verbose=0, return_dict=True, callbacks=callbacks)
        callbacks.on_epoch_end(epoch, logs | {f"val_{name}": score for name, score in validated.items()})
        if model.stop_training:
            break
    callbacks.on_train_end()


def _make_variables(model: keras.Model, batches: tf.data.Dataset) -> None:
    """Make the variables of optimizer and metrics now: made within the first step, it would compile twice."""
    images, labels = next(iter(batches.unbatch().batch(1)))
    with model.distribute_strategy.scope():
        model.optimizer.build(model.trainable_variables)
        model.distribute_strategy.run(lambda: model.compute_metrics(images, labels, model(images)))


def _seed_dropout(model: keras.Model, seed: int, steps: int) -> None:
    """Set every random layer as it stands after so many steps: Keras does not save this with a model.

    The state is a seed and the number of draws so far, which is one for each training step.
    """
    states = [variable for variable in model.variables if variable.name == "seed_generator_state"]
    for number, state in enumerate(states):
        state.assign([np.random.SeedSequence((seed, number)).generate_state(1)[0], steps])
