"""A network before its first lesson: initial weights drawn from a seed, the same at every call."""

import zlib
from typing import Any

import keras


def initialised(model: keras.Model, seed: int = 0) -> keras.Model:
    """Return a copy of all of ``model`` that makes maps with rows and columns, with initial weights.

    Each kernel has a seed of its own, made of ``seed`` and its layer's name: nothing process-wide is touched,
    and a layer keeps its weights when another one is edited. ``model`` may be shape-only, without weights.
    """

    def copy(layer: keras.Layer) -> keras.Layer:
        if isinstance(layer, keras.Model):
            return keras.models.clone_model(layer, clone_function=copy)
        return type(layer).from_config(_seeded(layer.get_config(), f"{seed}/{layer.name}"))

    maps = [layer.output for layer in model.layers if _makes_maps(layer)]
    return keras.models.clone_model(keras.Model(model.inputs, maps), clone_function=copy)


def _makes_maps(layer: keras.Layer) -> bool:
    """Whether a layer is called once, and what it returns has rows and columns."""
    try:
        return len(layer.output.shape) == 4
    except (AttributeError, ValueError):  # it is called twice: Keras cannot tell which output is meant
        return False


def _seeded(settings: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a layer's settings with a seed in each of its initialisers that has none."""
    found = dict(settings)
    for name, value in settings.items():
        inner = value.get("config") if isinstance(value, dict) else None
        if isinstance(inner, dict) and inner.get("seed", 0) is None:
            found[name] = value | {"config": inner | {"seed": zlib.crc32(f"{key}/{name}".encode())}}
    return found
