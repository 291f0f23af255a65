"""Sets the learning rate of each epoch."""

import keras

from cnnlab.runs import Metrics
from cnnlab.training.config import RunConfig
from cnnlab.training.schedules import learning_rate


class FollowSchedule(keras.callbacks.Callback):
    """Gives the optimizer the rate of each epoch; the history tells where a plateau stands."""

    def __init__(self, config: RunConfig, history: Metrics):
        super().__init__()
        self._config = config
        self._val_losses = list(history.epochs["val_loss"])

    def on_epoch_begin(self, epoch, logs=None) -> None:  # noqa: D102
        self.model.optimizer.learning_rate = learning_rate(self._config, epoch, self._val_losses)

    def on_epoch_end(self, epoch, logs=None) -> None:  # noqa: D102
        self._val_losses.append(float(logs["val_loss"]))
