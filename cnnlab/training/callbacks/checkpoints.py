"""Keeps the weights: the last ones after every epoch, the best ones by validation accuracy."""

import shutil
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import keras

from cnnlab.runs.score import Score
from cnnlab.training import batch_norm
from cnnlab.training.callbacks.averaging import UseAveragedWeights
from cnnlab.training.callbacks.batch_norm import MeasureBatchNorm


class SaveCheckpoints(keras.callbacks.Callback):
    """Writes last.keras (with the optimizer) and best.keras, each under a temporary name first.

    With weight averaging both hold the averaged weights, and the optimizer in them the weights that training
    goes on with. Both hold the batch norm statistics that validation measured, so that they can be asked as
    they are. The running averages that training goes on with lie beside last.keras, in ``running-STEP.npz``.
    The file of its step is there before last.keras is replaced and goes after the next one: whenever a worker
    dies, the two fit together.
    """

    def __init__(
        self,
        folder: Path,
        best: Score | None = None,
        save: Callable[[Path], None] | None = None,
        statistics: MeasureBatchNorm | None = None,
        averaging: UseAveragedWeights | None = None,
    ):
        """``save`` writes the weights to a file, if not as Keras does for the model that is trained."""
        super().__init__()
        self._folder = folder
        self._save = save
        self._best = best
        self._statistics = statistics
        self._averaging = averaging
        self._saved_step = 0

    def on_epoch_end(self, epoch, logs=None) -> None:  # noqa: D102
        self.save_last()
        score = Score.of(logs)
        if score.beats(self._best):
            self._best = score
            self.keep_last_as_best()

    def save_last(self) -> None:
        """Save the model as it is now."""
        with self._averaging.in_place() if self._averaging else nullcontext():
            self._save_last()

    def _save_last(self) -> None:
        if self._statistics and self._statistics.layers:
            with self._statistics.in_place() as running:
                beside = running_averages(self._folder, self._step())
                batch_norm.keep(beside, self._statistics.layers, running)
                self._write()
            for old in self._folder.glob("running-*.npz"):
                if old != beside:
                    old.unlink()
        else:
            self._write()
        self._saved_step = self._step()

    def _write(self) -> None:
        temporary = self._folder / ".last.tmp.keras"
        try:
            (self._save or self.model.save)(temporary)
        except OSError:
            temporary.unlink(missing_ok=True)  # half a file must not fill a disk that is full
            raise
        temporary.replace(self._folder / "last.keras")

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


def running_averages(folder: Path, step: int) -> Path:
    """Return the file of the running averages that belong to last.keras of this step."""
    return folder / f"running-{step}.npz"
