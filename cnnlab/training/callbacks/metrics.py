"""Writes the run's history: a row for each point of the live chart, a row for each epoch."""

import math
import time

import keras
import numpy as np

from cnnlab.runs.metrics import Metrics, MetricsLog
from cnnlab.training.pipeline import Batches

_SCORES = ("loss", "accuracy")


class LossNotFiniteError(Exception):
    """The loss became NaN or infinite; training on would not bring it back."""


class WriteMetrics(keras.callbacks.Callback):
    """Appends to metrics.jsonl.

    Keras reports the mean since the epoch (or its rest, after a resume) began. A chart of that hides what
    happens, so each row holds the mean over the steps since the row before: it follows from two running means
    and their sample counts. An epoch's row is the mean over all its steps, those before a resume included.
    """

    def __init__(self, log: MetricsLog, batches: Batches, history: Metrics):
        super().__init__()
        self._log = log
        self._batches = batches
        self._history = history
        self._began = time.perf_counter() - max(history.batches["seconds"], default=0.0)

    def on_epoch_begin(self, epoch, logs=None) -> None:  # noqa: D102
        self._epoch = epoch
        self._before = self._seen = 0
        self._sums = dict.fromkeys(_SCORES, 0.0)
        rows = self._history.batches
        for row in np.flatnonzero(rows["epoch"] == epoch + 1):
            seen = self._samples(int(rows["step"][row]) - epoch * len(self._batches))
            for name in _SCORES:
                self._sums[name] += rows[name][row] * (seen - self._seen)
            self._before = self._seen = seen
        self._sums_before = dict(self._sums)

    def on_train_batch_end(self, batch, logs=None) -> None:
        """Append a batch row.

        Raises:
            LossNotFiniteError: the loss is NaN or infinite.
        """
        seen = self._samples(batch + 1)
        here = {name: float(logs[name]) * (seen - self._before) for name in _SCORES}
        sums = {name: self._sums_before[name] + here[name] for name in _SCORES}
        fresh = {name: (sums[name] - self._sums[name]) / (seen - self._seen) for name in _SCORES}
        self._seen, self._sums = seen, sums
        step = self._epoch * len(self._batches) + batch + 1
        self._log.append("batch", step=step, epoch=self._epoch + 1, **fresh, seconds=self._seconds())
        if not math.isfinite(fresh["loss"]):
            raise LossNotFiniteError(f"step {step:,}")

    def on_epoch_end(self, epoch, logs=None) -> None:
        """Append an epoch row."""
        self._log.append(
            "epoch",
            epoch=epoch + 1,
            step=(epoch + 1) * len(self._batches),
            **{name: total / self._seen for name, total in self._sums.items()},
            **{name: float(logs[name]) for name in ("val_loss", "val_accuracy")},
            learning_rate=float(self.model.optimizer.learning_rate.numpy()),
            seconds=self._seconds(),
        )

    def leave_out(self, seconds: float) -> None:
        """Leave seconds in which nothing was trained out of what is written from now on."""
        self._began += seconds

    def _samples(self, steps: int) -> int:
        """Return how many images these first steps of an epoch hold; its last batch may be smaller."""
        return min(steps * self._batches.batch_size, self._batches.count)

    def _seconds(self) -> float:
        return time.perf_counter() - self._began
