"""What a network is before it has seen an image: shapes, parameters, cost and receptive fields, exact.

Works on any functional Keras model, ours or not. The names below load Keras when they are first used.
"""

import importlib
from typing import Any

_HOME = {
    "shape_only_model": "shape_only",
    "initialised": "initial",
    "Block": "blocks",
    "find_blocks": "blocks",
    "Box": "figures",
    "Field": "receptive",
    "receptive_box": "receptive",
    "receptive_fields": "receptive",
    "seen_pixels": "receptive",
    "LayerRow": "figures",
    "ParameterCount": "figures",
    "Totals": "figures",
    "count_params": "table",
    "layer_table": "table",
    "up_to": "figures",
    "report": "summary",
    "keras_source": "source",
    "edited": "edit",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
