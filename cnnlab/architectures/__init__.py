"""The networks: the classic ones, one short file each, and people's own.

``names()``, ``get(name)``, ``build(name, shape, classes)``; ``library`` keeps the own ones.
"""

from cnnlab.architectures.registry import (
    Architecture,
    Reference,
    Shape,
    build,
    built_in,
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
    "built_in",
    "fetch_weights",
    "get",
    "missing_weights",
    "names",
    "register",
    "weights_path",
]
