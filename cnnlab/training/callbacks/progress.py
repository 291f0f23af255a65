"""Tells the run's status how far it is, how fast, and how long it will take."""

import time
from collections import deque

import keras

from cnnlab.languages import texts
from cnnlab.runs import Phase
from cnnlab.runs.context import Context
from cnnlab.runs.score import Score
from cnnlab.training.pipeline import Batches

WINDOW_SECONDS = 5.0


class ReportProgress(keras.callbacks.Callback):
    """Updates epoch, step, images a second, seconds left and the best epoch in the status."""

    def __init__(self, context: Context, batches: Batches, epochs: int, best: Score | None = None):
        super().__init__()
        self._best = best
        self._context = context
        self._batches = batches
        self._epochs = epochs
        self._recent: deque[tuple[float, int]] = deque()
        self._epoch = 0
        self._pause_seconds = 0.0
        self._paused = 0.0
        self._compiled = False

    def on_epoch_begin(self, epoch, logs=None) -> None:  # noqa: D102
        self._epoch = epoch
        self._recent.clear()
        self._recent.append((time.perf_counter(), 0))
        message = texts(f"Training epoch {epoch + 1} of {self._epochs}.")
        self._context.update(
            state="running", message=message, phase=Phase.TRAINING, steps_per_epoch=len(self._batches)
        )

    def on_train_batch_end(self, batch, logs=None) -> None:  # noqa: D102
        now = time.perf_counter()
        step = self._epoch * len(self._batches) + batch + 1
        self._recent.append((now, min((batch + 1) * self._batches.batch_size, self._batches.count)))
        if not self._compiled:
            self._compiled = True  # most of the time until here went into compiling: it tells no speed
            self._recent = deque([self._recent[-1]])
            self._context.update(step=step)
            return
        while self._recent[-1][0] - self._recent[0][0] > WINDOW_SECONDS:
            self._recent.popleft()
        (then, before), (_, seen) = self._recent[0], self._recent[-1]
        speed = (seen - before) / max(now - then, 1e-6)
        if speed <= 0:
            return
        epochs_after = self._epochs - self._epoch - 1
        images_left = (1 + epochs_after) * self._batches.count - seen
        self._context.update(
            step=step,
            images_per_second=speed,
            seconds_left=images_left / speed + (epochs_after + 1) * self._pause_seconds,
        )

    def on_test_begin(self, logs=None) -> None:  # noqa: D102
        self._paused = time.perf_counter()
        message = texts(f"Validating epoch {self._epoch + 1} of {self._epochs}.")
        self._context.update(message=message, phase=Phase.VALIDATING)

    def on_epoch_end(self, epoch, logs=None) -> None:  # noqa: D102
        score, new_best = Score.of(logs), {}
        if score.beats(self._best):
            self._best = score
            new_best = {"best_epoch": epoch + 1, "best_val_accuracy": score.accuracy}
        self._context.update(epoch=epoch + 1, **new_best)
        self._pause_seconds = time.perf_counter() - self._paused
