"""What the worker of a learning-rate sweep does: steps, each at a higher rate than the one before."""

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from cnnlab.augmentation import Augmentation
from cnnlab.runs import Phase, Run
from cnnlab.runs.metrics import MetricsLog
from cnnlab.training import arithmetic, network, rate_finder
from cnnlab.training.callbacks.stop import StopWhenAsked
from cnnlab.training.conclusion import carry_out
from cnnlab.training.config import RunConfig
from cnnlab.training.pipeline import Batches
from cnnlab.training.preparation import load_pictures, seen_by
from cnnlab.training.reporter import Reporter

TIMED_STEPS = 4
"""Steps before the sweep, to learn how long one takes."""


def sweep(folder: Path, slot: int = 0, looking: Callable[[], None] = lambda: None) -> None:
    """Carry out the sweep of this folder; its points are the rows of metrics.jsonl."""
    carry_out(Run(folder), lambda stop, reporter: _sweep(stop, reporter, slot), lambda _: "Done.", looking)


def _sweep(stop: StopWhenAsked, reporter: Reporter, slot: int) -> None:
    run = stop.run
    config = RunConfig.from_dict(run.config).validated().changed(devices="one")
    stop.check()
    reporter.update(device=arithmetic.own_process(config, slot))
    with arithmetic.arithmetic(config, all_devices=False):
        splits = load_pictures(config, reporter, stop)
        seen_as = seen_by(run, config, splits.train)
        model = network.build(config, seen_as.input_shape, len(splits.classes))
        augmentation = Augmentation.from_dict(config.augmentation)
        batches = Batches(splits.train, config.batch_size, seen_as, augmentation, config.shuffle)
        message = "Compiling the network; the first batch comes next."
        reporter.update(state="running", message=message, phase=Phase.COMPILING)
        with MetricsLog(run.folder / "metrics.jsonl") as log:
            chance = math.log(len(splits.classes))
            _climb(model, _endless(batches, config.seed), chance, log, stop, reporter)


def _climb(
    model: keras.Model,
    batches: Iterator[tuple[tf.Tensor, tf.Tensor]],
    chance: float,
    log: MetricsLog,
    stop: StopWhenAsked,
    reporter: Reporter,
) -> None:
    seen = rate_finder.Sweep(np.empty(0), np.empty(0), chance)
    steps = rate_finder.steps_for(_seconds_a_step(model, batches, stop))
    for step in range(steps):
        rate = rate_finder.rate_of(step, steps)
        model.optimizer.learning_rate = rate
        model.reset_metrics()
        loss = float(model.train_on_batch(*next(batches), return_dict=True)["loss"])
        seen = rate_finder.Sweep(np.append(seen.rates, rate), np.append(seen.losses, loss), chance)
        stop.on_train_batch_end(step)
        if not np.isfinite(loss):
            return
        log.append("sweep", step=step + 1, learning_rate=rate, loss=loss, chance=chance)
        message = f"Step {step + 1} of at most {steps}."
        reporter.update(step=step + 1, steps_per_epoch=steps, message=message, phase=Phase.TRAINING)
        if seen.has_blown_up:
            return


def _seconds_a_step(
    model: keras.Model, batches: Iterator[tuple[tf.Tensor, tf.Tensor]], stop: StopWhenAsked
) -> float:
    """Return what a step takes, measured on a few at a rate that teaches next to nothing."""
    model.optimizer.learning_rate = rate_finder.LOWEST
    taken = []
    for step in range(TIMED_STEPS):
        began = time.perf_counter()
        model.train_on_batch(*next(batches))
        stop.on_train_batch_end(step)
        taken.append(time.perf_counter() - began)
    return min(taken)  # the first compiles


def _endless(batches: Batches, seed: int) -> Iterator[tuple[tf.Tensor, tf.Tensor]]:
    """Yield batches of full size, epoch after epoch."""
    epoch = 0
    while True:
        yield from batches.shuffled(seed, epoch).take(max(1, batches.count // batches.batch_size))
        epoch += 1
