"""What the worker of a learning-rate sweep does: steps, each at a higher rate than the one before."""

from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from cnnlab.augmentation import Augmentation
from cnnlab.runs import Run
from cnnlab.runs.metrics import MetricsLog
from cnnlab.training import arithmetic, network, rate_finder
from cnnlab.training.callbacks.stop import StopWhenAsked
from cnnlab.training.conclusion import carry_out
from cnnlab.training.config import RunConfig
from cnnlab.training.pipeline import Batches
from cnnlab.training.preparation import load_pictures, seen_by
from cnnlab.training.reporter import Reporter


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
        reporter.update(state="running", message="Compiling the network; the first batch comes next.")
        with MetricsLog(run.folder / "metrics.jsonl") as log:
            _climb(model, _endless(batches, config.seed), log, stop, reporter)


def _climb(
    model: keras.Model,
    batches: Iterator[tuple[tf.Tensor, tf.Tensor]],
    log: MetricsLog,
    stop: StopWhenAsked,
    reporter: Reporter,
) -> None:
    seen = rate_finder.Sweep(np.empty(0), np.empty(0))
    for step in range(rate_finder.STEPS):
        rate = rate_finder.rate_of(step)
        model.optimizer.learning_rate = rate
        model.reset_metrics()
        loss = float(model.train_on_batch(*next(batches), return_dict=True)["loss"])
        seen = rate_finder.Sweep(np.append(seen.rates, rate), np.append(seen.losses, loss))
        stop.on_train_batch_end(step)
        if not np.isfinite(loss):
            return
        log.append("sweep", step=step + 1, learning_rate=rate, loss=loss)
        reporter.update(step=step + 1, message=f"Step {step + 1} of at most {rate_finder.STEPS}.")
        if seen.has_blown_up:
            return


def _endless(batches: Batches, seed: int) -> Iterator[tuple[tf.Tensor, tf.Tensor]]:
    """Yield batches of full size, epoch after epoch."""
    epoch = 0
    while True:
        yield from batches.shuffled(seed, epoch).take(max(1, batches.count // batches.batch_size))
        epoch += 1
