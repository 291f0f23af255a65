"""What can be asked of the process that holds TensorFlow. Arguments and answers are plain values.

``ASKED`` lists them by name; those in ``HEAVY`` may take seconds and wait for each other.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import keras
import numpy as np

from cnnlab import architectures, inspection, runs
from cnnlab.architectures.own import from_model, kinds
from cnnlab.architectures.own.definition import Definition
from cnnlab.architectures.own.edit import LEFT_OUT
from cnnlab.errors import ArchitectureError
from cnnlab.inference import (
    Classifier,
    Compiled,
    activations,
    effective,
    execution,
    feature_maps,
    feature_space,
    gradcam,
    occlusion,
    projection,
    worked_sum,
)
from cnnlab.inference.epochs import classifier_of
from cnnlab.inference.explanation import Explanation
from cnnlab.inference.sums import WorkedSum
from cnnlab.inspection.figures import Box
from cnnlab.service.models import Models
from cnnlab.service.subject import ImageNet, Inspected, Network, OfEpoch, OfRun, Untrained, Weights

_models = Models()


def inspect(network: Network) -> Inspected:
    """Return the layer table of a network; a layer that is left out stands there as ``Identity``.

    Raises:
        ArchitectureError: a layer does not fit its input, or an edit is impossible.
    """
    shown = _shape_only(network)
    settings = {layer.name: kinds.settings_of(layer) for layer in shown.layers}
    return Inspected(shown.name, tuple(inspection.layer_table(shown)), settings)


def fits(built_from: str | dict, input_shape: architectures.Shape, classes: int, options: dict) -> None:
    """Raise ``ArchitectureError`` where a network, by its name or its snapshot, cannot take its input."""
    inspection.shape_only_model(built_from, input_shape, classes, **options)


def source(network: Network) -> str:
    """Return the Python that builds a network.

    Raises:
        ArchitectureError: as ``inspection.keras_source``.
    """
    return inspection.keras_source(_trained(network))


def definition(network: Network, title: str) -> Definition:
    """Return a network, with its options and edits, as a person keeps it under a title.

    Raises:
        ArchitectureError: as ``from_model.defined``.
    """
    return from_model.defined(
        title, _trained(network), network.architecture, dict(network.options), network.edits
    )


def reach(network: Network, layer: str, unit: tuple[int, int]) -> tuple[Box, np.ndarray]:
    """Return the box that a unit (row, column) sees, and a bool mask ``(H, W)`` of the pixels in it it sees.

    Raises:
        ArchitectureError: as ``inspection.receptive_box``.
    """
    model = _shape_only(network)
    return inspection.receptive_box(model, layer, *unit), inspection.seen_pixels(model, layer, *unit)


def probabilities(weights: OfRun | OfEpoch, batch: np.ndarray) -> np.ndarray:
    """Return the probabilities ``(N, classes)`` of images float32 ``(N, H, W, C)``, scaled already.

    Raises:
        RunError: the weights cannot be read.
    """
    return timed_probabilities(weights, batch)[0]


def timed_probabilities(weights: OfRun | OfEpoch, batch: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the same, and the seconds that the network itself took: loaded, warm, of pixels in memory.

    Raises:
        RunError: the weights cannot be read.
    """
    return _kept(weights).timed(batch)


def maps(weights: Weights, layer: str, image: np.ndarray) -> np.ndarray:
    """Return a layer's feature maps, as ``inference.feature_maps.feature_maps``."""
    return feature_maps.feature_maps(_model(weights), layer, image)


def filters(weights: Weights, layer: str) -> np.ndarray | None:
    """Return the kernels of a layer over gray or RGB, as ``inference.feature_maps.filters``."""
    return feature_maps.filters(_model(weights), layer)


def gradient(weights: Weights, layer: str, unit: tuple[int, int], image: np.ndarray) -> np.ndarray:
    """Return how much each pixel changes a unit, as ``inference.effective.gradient``."""
    return effective.gradient(_model(weights), layer, unit, image)


def explain(
    weights: Weights, image: np.ndarray, layer: str | None = None, class_index: int | None = None
) -> Explanation:
    """Return the Grad-CAM of an image, as ``inference.gradcam.gradcam``; fast when it is asked again."""
    return _kept(weights).gradcam(image, layer, class_index)


def explain_by_occlusion(
    weights: Weights,
    image: np.ndarray,
    class_index: int | None = None,
    patch: int | None = None,
    stride: int | None = None,
) -> Explanation:
    """Return the occlusion map of an image, as ``inference.occlusion.occlusion``."""
    return occlusion.occlusion(_kept(weights), image, class_index, patch, stride)


def layers(weights: Weights) -> tuple[tuple[tuple[str, tuple[int, ...]], ...], str | None]:
    """Return the layers of a network by name, each with its output's shape, those of nested networks too.

    Beside them the layer that Grad-CAM takes by itself; None where no layer has a map.
    """
    steps = execution.steps_of(_model(weights))
    try:
        last = execution.last_map(_model(weights))
    except ArchitectureError:
        last = None
    return tuple((step.name, tuple(step.output_shape)) for step in steps.values()), last


def receptive_box(weights: Weights, layer: str, unit: tuple[int, int]) -> Box:
    """Return the box that a unit (row, column) of a network with weights sees.

    Raises:
        ArchitectureError: as ``inspection.receptive_box``.
    """
    return inspection.receptive_box(_model(weights), layer, *unit)


def activation(weights: Weights, layer: str, image: np.ndarray) -> np.ndarray:
    """Return what any layer makes of an image, as ``inference.activations.activation``."""
    return activations.activation(_model(weights), image, layer)


def sum_of(weights: Weights, image: np.ndarray, layer: str, cell: tuple[int, ...]) -> WorkedSum:
    """Return the sum that made one value of a layer, as ``inference.worked_sum.worked_sum``."""
    return worked_sum.worked_sum(_model(weights), image, layer, cell)


def features(weights: Weights, batch: np.ndarray) -> np.ndarray:
    """Return the features ``(N, D)`` of scaled images, as ``inference.feature_space.features``."""
    return feature_space.features(_model(weights), batch)


def project(points: np.ndarray, method: str = "pca") -> projection.Projection:
    """Return features ``(N, D)`` as points of a plane, by ``pca`` or ``tsne``."""
    return (projection.tsne if method == "tsne" else projection.pca)(points)


ASKED: dict[str, Callable[..., Any]] = {
    question.__name__: question
    for question in (
        *(inspect, fits, source, definition, reach, probabilities, timed_probabilities),
        *(maps, filters, gradient),
        *(explain, explain_by_occlusion, activation, sum_of, features, project),
        *(layers, receptive_box),
    )
}
HEAVY = {
    *("maps", "gradient", "explain", "explain_by_occlusion", "activation", "sum_of", "features", "project")
}


@lru_cache(maxsize=64)
def _shape_only(network: Network) -> keras.Model:
    """Return a network without weights as the page shows it."""
    return inspection.edited(_plain(network), network.edits) if network.edits else _plain(network)


def _trained(network: Network) -> keras.Model:
    """Return a network without weights as it is trained: layers that are left out are gone."""
    if not any(edit.setting == LEFT_OUT for edit in network.edits):
        return _shape_only(network)
    return inspection.edited(_plain(network), network.edits, show_left_out=False)


def _plain(network: Network) -> keras.Model:
    return inspection.shape_only_model(
        network.architecture, network.input_shape, network.classes, **dict(network.options)
    )


class _Kept(Compiled):
    """A network with its weights and the graphs that were made of it: they go with it."""

    def __init__(self, model: keras.Model):
        super().__init__(model)
        self.gradcam = gradcam.RepeatedGradcam(model)


def _model(weights: Weights) -> keras.Model:
    return _kept(weights).model


def _kept(weights: Weights) -> _Kept:
    """Return a network with its weights, from those that are kept or loaded now."""
    return _models.get(weights, lambda: _load(weights))


def _load(weights: Weights) -> _Kept:
    match weights:
        case Untrained(network):
            return _Kept(inspection.initialised(_shape_only(network)))
        case ImageNet(architecture, input_shape):
            return _Kept(architectures.build(architecture, input_shape, 2))
        case OfRun(run_id):
            return _warm(Classifier.from_run(runs.get(run_id)))
        case OfEpoch(run_id, epoch):
            return _warm(classifier_of(runs.get(run_id), epoch))


def _warm(asked: Classifier) -> _Kept:
    quick = _Kept(asked.model)
    for _ in range(2):  # traced now, then warm: the first answers take longer
        quick(np.zeros((1, *asked.input_shape), np.float32))
    return quick
