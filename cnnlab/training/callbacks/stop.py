"""Stops a run when somebody asks for it: after the call in hand, in training or validation."""

from collections.abc import Callable

import keras

from cnnlab.runs import Run


class StopRequested(Exception):  # noqa: N818 - a wish, not an error
    """Somebody asked the run to stop; not an error."""


class StopWhenAsked(keras.callbacks.Callback):
    """Raises ``StopRequested`` as soon as the run's folder asks for it."""

    def __init__(
        self,
        run: Run,
        looking: Callable[[], None] = lambda: None,
        answer: Callable[[], None] = lambda: None,
    ):
        """Tell others about looking and finding.

        Args:
            run: the run.
            looking: called when the first batch is done: from there on this callback looks often.
            answer: called when a stop was found; who waits for it knows then that the worker does not hang.
        """
        super().__init__()
        self.run = run
        self._looking = looking
        self._answer = answer

    def check(self, *_: object) -> None:
        """Raise if a stop was asked for."""
        if self.run.stop_requested():
            self._answer()
            raise StopRequested

    def on_train_begin(self, logs=None) -> None:  # noqa: D102
        self.check()

    def on_train_batch_end(self, batch, logs=None) -> None:  # noqa: D102
        self._looking()
        self.check()

    def on_test_batch_end(self, batch, logs=None) -> None:  # noqa: D102
        self.check()

    def on_epoch_begin(self, epoch, logs=None) -> None:  # noqa: D102
        self.check()
