"""Stops a run when somebody asks for it: after the call in hand, in training or in validation."""

import keras

from cnnlab.runs import Run


class StopRequested(Exception):  # noqa: N818 - a wish, not an error
    """Somebody asked the run to stop; not an error."""


class StopWhenAsked(keras.callbacks.Callback):
    """Raises ``StopRequested`` as soon as the run's folder asks for it."""

    def __init__(self, run: Run):
        super().__init__()
        self._run = run

    def check(self, *_: object) -> None:
        """Raise if a stop was asked for."""
        if self._run.stop_requested():
            raise StopRequested

    def on_train_begin(self, logs=None) -> None:  # noqa: D102
        self.check()

    def on_train_batch_end(self, batch, logs=None) -> None:  # noqa: D102
        self.check()

    def on_test_batch_end(self, batch, logs=None) -> None:  # noqa: D102
        self.check()
