"""The classic networks, one short file each: ``names()``, ``get(name)``, ``build(name, shape, classes)``."""

from cnnlab.architectures.registry import (
    Architecture,
    Reference,
    Shape,
    build,
    fetch_weights,
    get,
    missing_weights,
    names,
    register,
    weights_path,
)

__all__ = [
    "Architecture",
    "Reference",
    "Shape",
    "build",
    "fetch_weights",
    "get",
    "missing_weights",
    "names",
    "register",
    "weights_path",
]
