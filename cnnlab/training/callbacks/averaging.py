"""Validates, and saves, a network with the moving average of its weights."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from cnnlab.training import averaging


class UseAveragedWeights(keras.callbacks.Callback):
    """Puts the averaged weights in place for each validation, and the weights back at the epoch's end.

    Put it behind the callbacks that save the network at an epoch's end, and before the one that measures
    batch norm's statistics. It does nothing where the optimizer keeps no averages.
    """

    def __init__(self) -> None:
        super().__init__()
        self._in_place = False

    def on_train_begin(self, logs=None) -> None:  # noqa: D102
        if not int(self.model.optimizer.iterations.numpy()):
            averaging.begin(self.model)

    def on_test_begin(self, logs=None) -> None:  # noqa: D102
        self._swap(True)

    def on_epoch_end(self, epoch, logs=None) -> None:  # noqa: D102
        self._swap(False)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the block use or save the network with averaged weights, also within an epoch."""
        before = self._in_place
        self._swap(True)
        try:
            yield
        finally:
            self._swap(before)

    def _swap(self, averaged: bool) -> None:
        if self._in_place != averaged:
            averaging.swap(self.model)
            self._in_place = averaged
