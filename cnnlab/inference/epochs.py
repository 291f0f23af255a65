"""The network of an earlier epoch: the last files with the weights of that epoch in them."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from cnnlab.errors import RunError
from cnnlab.inference.classifier import Classifier
from cnnlab.keras_internals import all_layers
from cnnlab.runs import Run, snapshots


def classifier_of(run: Run, epoch: int | None = None) -> Classifier:
    """Return the network of an epoch (counted from 1), ready to be asked; None: of the best weights.

    Raises:
        RunError: the run has no weights yet, those of the epoch were not kept, or they cannot be read.
    """
    if epoch is None:
        return Classifier.from_run(run)
    if snapshots.weights(run, epoch):
        found = Classifier.from_run(run)
        put(found.model, snapshots.read_weights(run, epoch), epoch)
        return found
    if which := snapshots.checkpoint_of(run, epoch):
        return Classifier.from_run(run, which)
    if not run.weights():
        return Classifier.from_run(run)  # which says that there are none yet
    kept = snapshots.epochs_with_weights(run)
    known = ", ".join(map(str, kept))
    raise RunError(
        f"The run {run.id} has no weights of epoch {epoch}; choose one of {known}."
        if kept
        else f"The run {run.id} has no weights of epoch {epoch}; leave the epoch out."
    )


def changing(model: Any) -> Iterator[tuple[str, keras.Variable]]:
    """Yield the variables that training changes, each with the numbers of its layer and within it.

    These are the weights that learn and the statistics of batch norms that do.
    """
    learning = {id(variable) for variable in model.trainable_variables}
    for number, layer in enumerate(all_layers(model)):
        moves = isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
        for place, variable in enumerate(layer.weights):
            if moves or id(variable) in learning:
                yield f"{number}-{place}", variable


def put(model: Any, arrays: dict[str, np.ndarray], epoch: int) -> None:
    """Give a network the weights of an epoch.

    Raises:
        RunError: they are those of another network.
    """
    variables = {
        f"{number}-{place}": variable
        for number, layer in enumerate(all_layers(model))
        for place, variable in enumerate(layer.weights)
    }
    fits = all(
        name in variables and tuple(variables[name].shape) == array.shape for name, array in arrays.items()
    )
    if not fits or not arrays:
        raise RunError(f"The weights of epoch {epoch} are those of another network; choose another epoch.")
    for name, array in arrays.items():
        variables[name].assign(array)
