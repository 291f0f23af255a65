"""Ends a run whose validation loss no longer falls."""

import keras

from cnnlab.runs import Metrics


class StopEarly(keras.callbacks.Callback):
    """Stops after ``patience`` epochs without a new least validation loss; the best weights stay kept."""

    def __init__(self, patience: int, history: Metrics):
        super().__init__()
        self._patience = patience
        self._losses = list(history.epochs["val_loss"])

    def on_epoch_end(self, epoch, logs=None) -> None:  # noqa: D102
        self._losses.append(float(logs["val_loss"]))
        since_least = len(self._losses) - 1 - self._losses.index(min(self._losses))
        if since_least >= self._patience:
            self.model.stop_training = True
