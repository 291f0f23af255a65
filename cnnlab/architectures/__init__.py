"""The networks: the classic ones in ``networks/``, one short file each, and people's own.

``names()``, ``get(name)``, ``build(name, shape, classes)``; ``own.library`` keeps people's own.
"""

from cnnlab.architectures.catalogue import build, built_in, get, missing_weights, names
from cnnlab.architectures.imagenet import fetch_weights, weights_path
from cnnlab.architectures.registry import Architecture, Reference, Shape, register

__all__ = [
    "Architecture",
    "Reference",
    "Shape",
    "build",
    "built_in",
    "fetch_weights",
    "get",
    "missing_weights",
    "names",
    "register",
    "weights_path",
]
