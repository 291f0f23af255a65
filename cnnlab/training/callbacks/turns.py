"""Lets others have the device after each epoch: runs of a race train in fair turns."""

import keras

from cnnlab.runs.context import Context
from cnnlab.training.callbacks.metrics import WriteMetrics


class TakeTurns(keras.callbacks.Callback):
    """Waits after each epoch until it is this run's turn again; the last of all callbacks."""

    def __init__(self, context: Context, metrics: WriteMetrics):
        super().__init__()
        self._context = context
        self._metrics = metrics

    def on_epoch_end(self, epoch, logs=None) -> None:  # noqa: D102
        self._metrics.leave_out(self._context.wait_for_turn())
