"""Build a network without its weights: shapes and parameter counts in milliseconds."""

from collections.abc import Mapping
from typing import Any

import keras

from cnnlab import architectures
from cnnlab.keras_internals import without_weights


def shape_only_model(
    network: str | Mapping[str, Any], input_shape: architectures.Shape, num_classes: int, **options: Any
) -> keras.Model:
    """Return the network with shapes only: nothing is allocated or downloaded, nothing can be predicted.

    Raises:
        ArchitectureError: as ``architectures.build``.
    """
    options = architectures.get(network).without_pretrained(options)
    with without_weights():
        return architectures.build(network, input_shape, num_classes, **options)
