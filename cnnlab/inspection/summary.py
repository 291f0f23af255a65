"""The document that ``inspect --json`` prints."""

from dataclasses import asdict
from typing import Any

import keras

from cnnlab import architectures
from cnnlab.inspection.figures import LayerRow, Totals
from cnnlab.inspection.receptive import receptive_box
from cnnlab.inspection.shape_only import shape_only_model
from cnnlab.inspection.table import count_params, layer_table


def report(
    network: str | keras.Model,
    input_shape: architectures.Shape | None = None,
    num_classes: int | None = None,
    layer: str | None = None,
    unit: tuple[int, int] = (0, 0),
) -> dict[str, Any]:
    """Return a network's totals and layers as plain values; with ``layer`` also the ``box`` its unit sees.

    Shape and classes are those of the network's reference unless given; a ready model has its own.

    Raises:
        ArchitectureError: the network, the layer or the unit does not exist, or a layer does not fit.
    """
    if isinstance(network, str):
        reference = architectures.get(network).reference
        network = shape_only_model(
            network, input_shape or reference.input_shape, num_classes or reference.num_classes
        )
    model: keras.Model = network
    rows, count = layer_table(model), count_params(model)
    document = {
        "architecture": model.name,
        "input_shape": list(model.inputs[0].shape[1:]),
        "total_params": count.total,
        "trainable_params": count.trainable,
        "non_trainable_params": count.non_trainable,
        "macs": Totals.of(rows).macs,
        "layers": [_plain(row) for row in rows],
    }
    if layer is not None:
        box = receptive_box(model, layer, *unit)
        document["box"] = [box.top, box.left, box.bottom, box.right]
    return document


def _plain(row: LayerRow) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(row).items()}
