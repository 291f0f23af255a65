"""The classic networks, one short file each: ``names()``, ``get(name)``, ``build(name, shape, classes)``."""

from cnnlab.architectures.registry import Architecture, Reference, Shape, build, get, names, register

__all__ = ["Architecture", "Reference", "Shape", "build", "get", "names", "register"]
