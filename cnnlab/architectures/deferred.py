"""Keras as the networks' files use it: loaded at the first use, so that their facts can be read without it.

The web server lists networks, their papers and options, and never builds one: it does without Keras, whose
import takes five seconds and 600 MB. A network's file imports ``keras``, ``layers`` and ``own_layers`` from
here, and begins with ``from __future__ import annotations``.
"""

import importlib
from typing import TYPE_CHECKING, Any


class _Deferred:
    """Stands for a module that is imported when something of it is asked for."""

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


if TYPE_CHECKING:
    import keras
    from keras import layers

    from cnnlab.architectures.keras_layers import registered as own_layers
else:
    keras, layers = _Deferred("keras"), _Deferred("keras.layers")
    own_layers = _Deferred("cnnlab.architectures.keras_layers.registered")
