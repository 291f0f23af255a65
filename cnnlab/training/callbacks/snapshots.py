"""Writes down the inside of the network: after each epoch, and every two seconds within the first one."""

import time
import traceback
from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from cnnlab.datasets import ImageSet, in_turn
from cnnlab.inference.epochs import changing
from cnnlab.inference.execution import Step, executed, steps_of
from cnnlab.preprocessing import Preprocessing
from cnnlab.runs import Run, snapshots
from cnnlab.runs.context import StopRequested
from cnnlab.runs.snapshot_file import FixedImages, Snapshot
from cnnlab.training.callbacks.batch_norm import MeasureBatchNorm
from cnnlab.training.features import Learner
from cnnlab.training.layer_states import LayerStates

WITHIN_SECONDS = 2.0
PROBE_SECONDS = 0.5
FRACTION = 0.02
"""Of the training time that snapshots may cost; the rest of 3 % is for the chart and the checkpoints."""
FREE_SECONDS = 5.0
"""That they may cost in any run: a short one has a snapshot of every epoch."""
GUESSES = 12
FEWEST_IMAGES, MOST_IMAGES = 16, 64
IMAGES_FRACTION = 1 / 200
"""Of the training images, for the fixed batch."""
PIXELS = 2**18
MOST_CHANNELS, MOST_UNITS, LARGEST_SIDE = 16, 256, 64
MAP_BYTES = 2 * 2**20
MOST_FILTERS = 64
KEPT_BYTES = 128 * 2**20
"""Of values of the probe in frozen layers, which are computed once."""
_WITHOUT_MAPS = (
    *(keras.layers.InputLayer, keras.layers.Dropout, keras.layers.SpatialDropout2D, keras.layers.Flatten),
    *(keras.layers.Identity, keras.layers.Reshape),
)


class SaveSnapshots(keras.callbacks.Callback):
    """Writes ``snapshots/`` of a run, see ``runs.snapshots``; training goes on to the last bit as without.

    Their cost is bounded: beyond a few seconds and a fraction of the training time only the epochs 1, 2, 4,
    8 … and the last one are written. A failure, such as a full disk, ends the snapshots and not the run.

    Put it behind what saves and stops, and before ``MeasureBatchNorm``: the weights that are kept have the
    statistics that validation measured.
    """

    def __init__(
        self,
        run: Run,
        whole: keras.Model,
        learner: Learner,
        held_out: ImageSet,
        statistics: MeasureBatchNorm,
        seed: int,
        epochs: int,
        check: Callable[[], object] = lambda: None,
    ):
        """Prepare; nothing is computed yet.

        Args:
            run: where to write.
            whole: the network.
            learner: what is trained of it.
            held_out: the validation images, uint8 as the network receives them.
            statistics: tells the running averages of batch norm.
            seed: chooses the images of the fixed batch.
            epochs: the last epoch, counted from 1.
            check: called now and then; what it raises ends the training.
        """
        super().__init__()
        self._run, self._whole, self._learner, self._held_out = run, whole, learner, held_out
        self._statistics, self._seed, self._epochs, self._check = statistics, seed, epochs, check
        self._states: LayerStates | None = None
        self._probe: _Probe | None = None
        self._broken = False
        self._epoch = 0
        self._probe_version = 0
        self.seconds = 0.0
        """What the snapshots have cost so far."""

    def on_train_begin(self, logs=None) -> None:  # noqa: D102
        self._began = self._looked = self._asked = time.perf_counter()
        self._probe_version = snapshots.probe_version(self._run)

    def on_epoch_begin(self, epoch, logs=None) -> None:  # noqa: D102
        self._epoch = epoch
        if self._states is None:
            self._attempt(lambda: snapshots.forget_after(self._run, epoch))

    def on_train_batch_end(self, batch, logs=None) -> None:  # noqa: D102
        now = time.perf_counter()
        if now - self._asked < PROBE_SECONDS:
            return
        self._asked = now
        version = snapshots.probe_version(self._run)
        first = self._epoch == 0 and self._affordable()
        if now - self._looked >= WITHIN_SECONDS and (first or version != self._probe_version):
            self._attempt(lambda: self._write(finished=False))

    def on_epoch_end(self, epoch, logs=None) -> None:  # noqa: D102
        number = epoch + 1
        last = number >= self._epochs or self.model.stop_training
        if last or number & epoch == 0 or self._affordable():
            self._attempt(lambda: self._write(finished=True))

    def _affordable(self) -> bool:
        training = time.perf_counter() - self._began - self.seconds
        return self.seconds <= FREE_SECONDS + FRACTION * training

    def _attempt(self, work: Callable[[], object]) -> None:
        """Do something that must not spoil the training, and count what it costs."""
        if self._broken:
            return
        began = time.perf_counter()
        try:
            work()
        except StopRequested:
            raise
        except Exception:  # such as a full disk or memory: the log keeps the traceback
            traceback.print_exc()
            self._broken = True
        self._looked = time.perf_counter()
        self.seconds += self._looked - began

    def _write(self, finished: bool) -> None:
        began = time.perf_counter()
        states, probe = self._prepared()
        self._check()
        layers, norms = states.measure(self._statistics.running)
        self._check()
        filter_layer, kernels = first_filters(self._whole)
        found = Snapshot(
            epoch=self._epoch + 1,
            step=int(self.model.optimizer.iterations.numpy()),
            layers=layers,
            images=states.images,
            filter_layer=filter_layer,
            filters=kernels,
            probe=probe.image,
            probe_name=probe.name,
            maps=probe.maps(),
            batch_norms=norms,
            guesses=self._guesses(),
            seconds=round(time.perf_counter() - began, 4),
        )
        snapshots.write(self._run, found, finished)
        if finished:
            self._write_weights()

    def _write_weights(self) -> None:
        changing_now = dict(changing(self._whole))
        size = sum(4 * prod(variable.shape) for variable in changing_now.values())
        if size <= snapshots.WEIGHTS_BUDGET_BYTES:
            arrays = {name: np.asarray(variable, np.float32) for name, variable in changing_now.items()}
            snapshots.write_weights(self._run, self._epoch + 1, arrays)

    def _prepared(self) -> "tuple[LayerStates, _Probe]":
        """Choose the images, once; take up another probe where one was asked for."""
        if self._states is None:
            training = self._learner.training
            affordable = PIXELS // max(1, prod(self._held_out.images.shape[1:3]))
            count = max(FEWEST_IMAGES, min(MOST_IMAGES, int(IMAGES_FRACTION * training.count), affordable))
            count = min(count, training.count)
            images, labels = next(iter(training.sample(self._seed, count, count)))
            self._states = LayerStates(self._whole, self._learner.model, images, labels)
            self._chosen = in_turn(self._held_out.labels, GUESSES)
            self._batch, _ = next(iter(self._learner.validation.chosen(self._chosen)))
            small = np.stack([_small(self._held_out.images[i]) for i in self._chosen]).astype(np.uint8)
            names = tuple(self._held_out.names[i] for i in self._chosen)
            labels = tuple(int(self._held_out.labels[i]) for i in self._chosen)
            snapshots.write_validation(self._run, FixedImages(small, names, labels))
        version = snapshots.probe_version(self._run)
        if self._probe is None or version != self._probe_version:
            self._probe_version = version
            self._probe = self._new_probe()
        return self._states, self._probe

    def _new_probe(self) -> "_Probe":
        seen_as = Preprocessing.of(self._run.model_facts.preprocessing)
        asked = snapshots.asked_probe(self._run)
        if asked is not None:
            return _Probe(self._whole, seen_as, seen_as.image(asked), "")
        first = self._chosen[0]
        return _Probe(self._whole, seen_as, self._held_out.images[first], self._held_out.names[first])

    def _guesses(self) -> np.ndarray:
        for _, _, output in executed(self._learner.model, self._batch):
            answer = output
        return np.asarray(answer, np.float32)


class _Probe:
    """An image whose maps are written; what frozen layers make of it is computed once."""

    def __init__(self, model: keras.Model, seen_as: Preprocessing, image: np.ndarray, name: str):
        self.image, self.name = np.asarray(image), name[:300]
        self._model, self._pixels = model, seen_as.scale(self.image[None].astype(np.float32))
        self._fixed = fixed_steps(model)
        self._kept: dict[str, tf.Tensor] = {}
        shapes = [step.output_shape for step in steps_of(model).values() if _has_maps(step)]
        self._channels = channels_within(MAP_BYTES, shapes)

    def maps(self) -> dict[str, np.ndarray]:
        """Return what each layer makes of the image, float16, small; by the layers' names."""
        found = {}
        for step, _, output in executed(self._model, self._pixels, self._call):
            if _has_maps(step):
                most = self._channels if len(step.output_shape) == 3 else MOST_UNITS
                values = _small(np.asarray(output[0, ..., :most], np.float32))
                found[step.name] = _half(values)
        return found

    def _call(self, step: Step, values: Mapping[str, Any]) -> tf.Tensor:
        if step.name in self._kept:
            return self._kept[step.name]
        made = step.call(values)
        sizes = (4 * prod(kept.shape) for kept in [*self._kept.values(), made])
        if step.name in self._fixed and sum(sizes) <= KEPT_BYTES:
            self._kept[step.name] = made
        return made


def fixed_steps(model: keras.Model) -> set[str]:
    """Return the steps that training cannot change: no layer up to them learns."""
    fixed: set[str] = set()
    for step in steps_of(model).values():
        moves = step.layer.trainable and bool(step.layer.variables)
        if all(name in fixed for name in step.inputs) and not moves:
            fixed.add(step.name)
    return fixed


def first_filters(model: keras.Model) -> tuple[str | None, np.ndarray | None]:
    """Return the first convolution over gray or RGB, and its kernels float16 ``(filters, h, w, colours)``."""
    for step in steps_of(model).values():
        layer = step.layer
        if isinstance(layer, keras.layers.Conv2D) and layer.groups == 1:
            if step.input_shapes[0][-1] not in (1, 3):
                break
            kernels = np.moveaxis(np.asarray(layer.kernel, np.float32), -1, 0)
            return step.name, _half(kernels[:MOST_FILTERS])
    return None, None


def channels_within(most_bytes: int, shapes: list[tuple[int, ...]]) -> int:
    """Return how many channels of each map can be written, at least 1."""
    for channels in range(MOST_CHANNELS, 1, -1):
        sizes = [
            prod(min(side, LARGEST_SIDE) for side in shape[:2]) * min(channels, shape[2])
            if len(shape) == 3
            else min(shape[0], MOST_UNITS)
            for shape in shapes
        ]
        if 2 * sum(sizes) <= most_bytes:
            return channels
    return 1


def _has_maps(step: Step) -> bool:
    return len(step.output_shape) in (1, 3) and not isinstance(step.layer, _WITHOUT_MAPS)


def _small(values: np.ndarray) -> np.ndarray:
    """Return maps ``(rows, columns, channels)`` averaged to at most 64 × 64 cells; units as they are."""
    for axis in range(2 if values.ndim == 3 else 0):
        size = values.shape[axis]
        if size > LARGEST_SIDE:
            starts = np.arange(LARGEST_SIDE) * size // LARGEST_SIDE
            counts = np.diff([*starts, size]).reshape([-1 if i == axis else 1 for i in range(3)])
            values = np.add.reduceat(values.astype(np.float32), starts, axis) / counts
    return values


def _half(values: np.ndarray) -> np.ndarray:
    """Return float16; what is too large for it becomes its largest number."""
    largest = float(np.finfo(np.float16).max)
    return np.clip(np.nan_to_num(values, nan=0.0), -largest, largest).astype(np.float16)
