"""Keeps the weights: the last ones after every epoch, the best ones by validation accuracy."""

import math
import shutil
from collections.abc import Callable
from pathlib import Path

import keras


class SaveCheckpoints(keras.callbacks.Callback):
    """Writes last.keras (with the optimizer) and best.keras, each under a temporary name first."""

    def __init__(self, folder: Path, best: float | None = None, save: Callable[[Path], None] | None = None):
        """``save`` writes the weights to a file, if not as Keras does for the model that is trained."""
        super().__init__()
        self._folder = folder
        self._save = save
        self._best = -math.inf if best is None else best
        self._saved_step = 0

    def on_epoch_end(self, epoch, logs=None) -> None:  # noqa: D102
        self.save_last()
        if logs["val_accuracy"] > self._best:
            self._best = logs["val_accuracy"]
            self.keep_last_as_best()

    def save_last(self) -> None:
        """Save the model as it is now."""
        temporary = self._folder / ".last.tmp.keras"
        try:
            (self._save or self.model.save)(temporary)
        except OSError:
            temporary.unlink(missing_ok=True)  # half a file must not fill a disk that is full
            raise
        temporary.replace(self._folder / "last.keras")
        self._saved_step = self._step()

    def save_what_is_new(self) -> None:
        """Save the model if it has learned anything since it was saved last."""
        if self._step() != self._saved_step:
            self.save_last()

    def on_train_begin(self, logs=None) -> None:  # noqa: D102
        self._saved_step = self._step()

    def _step(self) -> int:
        return int(self.model.optimizer.iterations.numpy())

    def keep_last_as_best(self) -> None:
        """Copy the last weights over the best ones."""
        temporary = self._folder / ".best.tmp.keras"
        shutil.copyfile(self._folder / "last.keras", temporary)
        temporary.replace(self._folder / "best.keras")
