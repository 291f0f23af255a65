"""Validates, and saves, a network whose batch norms hold the statistics of the training images."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keras

from cnnlab.training.batch_norm import Statistics, TrainingStatistics, held, put

SECONDS_AT_STOP = 2.0
"""Who stops a run waits no longer than this for statistics; a part of the images does, too."""


class MeasureBatchNorm(keras.callbacks.Callback):
    """Puts measured statistics in place for each validation, and Keras's running averages back after it.

    Put it behind the callbacks that save the network at an epoch's end. Training goes on with what it would
    have had without this callback, to the last bit.
    """

    def __init__(self, measured: TrainingStatistics, check: Callable[[], object] = lambda: None):
        """``check`` is called between batches and may raise to end a measurement."""
        super().__init__()
        self._measured = measured
        self._check = check
        self._running: Statistics | None = None

    @property
    def layers(self) -> list[keras.layers.BatchNormalization]:
        """The batch norms whose statistics are measured."""
        return self._measured.layers

    @property
    def running(self) -> Statistics:
        """Keras's running averages of these layers, also while measured statistics are in place."""
        return held(self.layers) if self._running is None else self._running

    def on_test_begin(self, logs=None) -> None:  # noqa: D102
        self._put_in_place(self._check)

    def on_epoch_end(self, epoch, logs=None) -> None:  # noqa: D102
        self._put_back()

    @contextmanager
    def in_place(self) -> Iterator[Statistics]:
        """Let the block save the network with measured statistics; yields the running averages.

        Within an epoch they are measured now, in at most about two seconds.
        """
        if self._running is not None:  # validation has measured them, of these very weights
            yield self._running
            return
        self._put_in_place(seconds=SECONDS_AT_STOP)
        try:
            yield self._running or []
        finally:
            self._put_back()

    def _put_in_place(self, check: Callable[[], object] = lambda: None, seconds: float = math.inf) -> None:
        if not self.layers:
            return
        found = self._measured.measure(check, seconds)
        self._running = held(self.layers)
        put(self.layers, found)

    def _put_back(self) -> None:
        if self._running is not None:
            put(self.layers, self._running)
            self._running = None
