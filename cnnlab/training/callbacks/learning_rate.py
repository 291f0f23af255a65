"""Sets the learning rate: each epoch's by the schedule, and at any moment the one that somebody asks for."""

import keras

from cnnlab.runs import Metrics, Run
from cnnlab.runs import learning_rate as wishes
from cnnlab.runs.metrics import MetricsLog
from cnnlab.settings import RunConfig
from cnnlab.training.schedules import learning_rate


class FollowSchedule(keras.callbacks.Callback):
    """Gives the optimizer the rate of each epoch; the history tells where a plateau stands.

    A rate set by hand holds from the next batch on. The schedule keeps its form: all that it says later is
    multiplied by the same factor, the rate asked for over the rate planned for that epoch.
    """

    def __init__(self, run: Run, config: RunConfig, history: Metrics, log: MetricsLog):
        super().__init__()
        self._run = run
        self._config = config
        self._val_losses = list(history.epochs["val_loss"])
        self._log = log
        self._factor = float(history.rates["factor"][-1]) if len(history.rates["factor"]) else 1.0

    def on_epoch_begin(self, epoch, logs=None) -> None:  # noqa: D102
        self._epoch = epoch
        self._planned = learning_rate(self._config, epoch, self._val_losses)
        self.model.optimizer.learning_rate = self._planned * self._factor

    def on_train_batch_end(self, batch, logs=None) -> None:  # noqa: D102
        rate = wishes.take(self._run)
        if rate is None:
            return
        self._factor = rate / self._planned if self._planned else 1.0
        self.model.optimizer.learning_rate = rate
        step = int(self.model.optimizer.iterations.numpy())
        self._log.append("rate", step=step, epoch=self._epoch + 1, learning_rate=rate, factor=self._factor)

    def on_epoch_end(self, epoch, logs=None) -> None:  # noqa: D102
        self._val_losses.append(float(logs["val_loss"]))
