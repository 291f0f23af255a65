"""Stops a training when somebody asks for it: after the call in hand, in training or validation."""

import keras

from cnnlab.runs.context import Context


class StopWhenAsked(keras.callbacks.Callback):
    """Looks for a stop at every call; from the end of the first batch on nobody else needs to."""

    def __init__(self, context: Context):
        super().__init__()
        self._context = context

    def on_train_begin(self, logs=None) -> None:  # noqa: D102
        self._context.check()

    def on_train_batch_end(self, batch, logs=None) -> None:  # noqa: D102
        self._context.responsive()
        self._context.check()

    def on_test_batch_end(self, batch, logs=None) -> None:  # noqa: D102
        self._context.check()

    def on_epoch_begin(self, epoch, logs=None) -> None:  # noqa: D102
        self._context.check()
