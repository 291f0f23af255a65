"""What the network of the form costs: asked of the service once for all browsers, never waited for."""

import streamlit as st

from cnnlab import architectures, datasets
from cnnlab.inspection.figures import Totals
from cnnlab.service import Network
from cnnlab.settings import RunConfig
from cnnlab.training.forecast import NetworkCost
from cnnlab.ui.engine import service


def input_shape(config: RunConfig) -> tuple[int, int, int]:
    """Return height, width and channels of the images as the network will see them.

    Raises:
        CnnLabError: there is no such network or dataset.
    """
    size = config.image_size or architectures.get(config.built_from).reference.input_shape[0]
    native = datasets.get(config.dataset).native_shape
    return size, size, config.channels or (native[2] if native else 3)


def network_cost(config: RunConfig) -> NetworkCost | None:
    """Return the cost of the network for one image, or None while TensorFlow is loading.

    Raises:
        ArchitectureError: a layer cannot take images of this size.
        DatasetError: there is no such dataset.
    """
    facts = architectures.get(config.architecture)
    version = facts.definition.version if facts.definition else ""
    classes = len(datasets.get(config.dataset).classes)
    options = tuple(sorted(config.options.items()))
    network = Network(config.architecture, input_shape(config), classes, options, version=version)
    return _cost(network) if service().ready else None


@st.cache_resource(max_entries=512, show_spinner=False)
def _cost(network: Network) -> NetworkCost:
    rows = service().ask("inspect", network).rows
    whole = Totals.of(rows)
    learns = next((place for place, row in enumerate(rows) if row.trainable_params), len(rows))
    frozen = Totals.of(rows[:learns])
    return NetworkCost(
        whole.params,
        whole.trainable_params,
        whole.macs,
        frozen.macs,
        whole.activation_bytes - frozen.activation_bytes,
    )
