"""What the worker of a learning-rate sweep does: steps, each at a higher rate than the one before."""

import math
import time
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from cnnlab.augmentation import Augmentation
from cnnlab.languages import texts
from cnnlab.runs import Phase
from cnnlab.runs.context import Context
from cnnlab.runs.metrics import MetricsLog
from cnnlab.settings import RunConfig
from cnnlab.training import network, precision, rate_finder
from cnnlab.training.pipeline import Batches
from cnnlab.training.preparation import load_images, seen_by

TIMED_STEPS = 4
"""Steps before the sweep, to learn how long one takes."""


def sweep(config: RunConfig, context: Context) -> None:
    """Carry out a sweep; its points are the rows of metrics.jsonl in the folder of the job.

    Raises:
        CnnLabError: a setting, the dataset or the network cannot work; the message says what to do.
        StopRequested: somebody asked for a stop.
    """
    with precision.applied(config, all_devices=False):
        splits = load_images(config, context)
        seen_as = seen_by(config, splits.train)
        model = network.build(config, seen_as.input_shape, len(splits.classes))
        augmentation = Augmentation.from_dict(config.augmentation)
        batches = Batches(splits.train, config.batch_size, seen_as, augmentation, config.shuffle)
        message = texts("Compiling the network; the first batch comes next.")
        context.update(state="running", message=message, phase=Phase.COMPILING)
        with MetricsLog(context.job.folder / "metrics.jsonl") as log:
            chance = math.log(len(splits.classes))
            _climb(model, _endless(batches, config.seed), chance, log, context)


def _climb(
    model: keras.Model,
    batches: Iterator[tuple[tf.Tensor, tf.Tensor]],
    chance: float,
    log: MetricsLog,
    context: Context,
) -> None:
    seen = rate_finder.Sweep(np.empty(0), np.empty(0), chance)
    steps = rate_finder.steps_for(_seconds_a_step(model, batches, context))
    for step in range(steps):
        rate = rate_finder.rate_of(step, steps)
        model.optimizer.learning_rate = rate
        model.reset_metrics()
        loss = float(model.train_on_batch(*next(batches), return_dict=True)["loss"])
        seen = rate_finder.Sweep(np.append(seen.rates, rate), np.append(seen.losses, loss), chance)
        _look_up(context)
        if not np.isfinite(loss):
            return
        log.append("sweep", step=step + 1, learning_rate=rate, loss=loss, chance=chance)
        message = texts(f"Step {step + 1} of at most {steps}.")
        context.update(step=step + 1, steps_per_epoch=steps, message=message, phase=Phase.TRAINING)
        if seen.has_blown_up:
            return


def _look_up(context: Context) -> None:
    """A batch is done: a stop is looked for here from now on."""
    context.responsive()
    context.check()


def _seconds_a_step(
    model: keras.Model, batches: Iterator[tuple[tf.Tensor, tf.Tensor]], context: Context
) -> float:
    """Return what a step takes, measured on a few at a rate that teaches next to nothing."""
    model.optimizer.learning_rate = rate_finder.LOWEST
    taken = []
    for _ in range(TIMED_STEPS):
        began = time.perf_counter()
        model.train_on_batch(*next(batches))
        _look_up(context)
        taken.append(time.perf_counter() - began)
    return min(taken)  # the first compiles


def _endless(batches: Batches, seed: int) -> Iterator[tuple[tf.Tensor, tf.Tensor]]:
    """Yield batches of full size, epoch after epoch."""
    epoch = 0
    while True:
        yield from batches.shuffled(seed, epoch).take(max(1, batches.count // batches.batch_size))
        epoch += 1
