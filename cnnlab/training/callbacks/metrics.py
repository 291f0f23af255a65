"""Writes the run's history: a row for each point of the live chart, a row for each epoch."""

import math
import time

import keras

from cnnlab.runs.metrics import MetricsLog
from cnnlab.training.pipeline import Batches


class LossNotFiniteError(Exception):
    """The loss became NaN or infinite; training on would not bring it back."""


class WriteMetrics(keras.callbacks.Callback):
    """Appends to metrics.jsonl.

    Keras reports the mean since the epoch began. A chart of that hides what happens, so each row holds the
    mean over the steps since the row before: it follows from two running means and their sample counts.
    """

    def __init__(self, log: MetricsLog, batches: Batches, seconds_before: float = 0.0):
        super().__init__()
        self._log = log
        self._batches = batches
        self._began = time.perf_counter() - seconds_before
        self._epoch = 0
        self._seen = 0
        self._sums = {"loss": 0.0, "accuracy": 0.0}

    def on_epoch_begin(self, epoch, logs=None) -> None:  # noqa: D102
        self._epoch = epoch
        self._seen = 0
        self._sums = dict.fromkeys(self._sums, 0.0)

    def on_train_batch_end(self, batch, logs=None) -> None:
        """Append a batch row.

        Raises:
            LossNotFiniteError: the loss is NaN or infinite.
        """
        seen = min((batch + 1) * self._batches.batch_size, self._batches.count)
        sums = {name: float(logs[name]) * seen for name in self._sums}
        fresh = {name: (sums[name] - self._sums[name]) / (seen - self._seen) for name in sums}
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
            **{name: float(logs[name]) for name in ("loss", "accuracy", "val_loss", "val_accuracy")},
            learning_rate=float(self.model.optimizer.learning_rate),
            seconds=self._seconds(),
        )

    def _seconds(self) -> float:
        return time.perf_counter() - self._began
