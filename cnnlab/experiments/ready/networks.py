"""Small networks for experiments: lists of layers, as people make their own in the Architecture page."""

from typing import Any

Layer = dict[str, Any]


def named(name: str, title: str, layers: list[Layer], size: int = 16, classes: int = 10) -> dict[str, Any]:
    """Return a network for gray images as settings keep it: its name and its layers."""
    return {
        "name": name,
        "title": title,
        "input_shape": [size, size, 1],
        "classes": classes,
        "layers": layers,
    }


def convolution(number: int, filters: int, activation: str = "relu", **more: Any) -> Layer:
    """Return a 3×3 convolution with padding "same"."""
    kind = {"kind": "convolution", "name": f"conv{number}", "filters": filters, "kernel_size": 3}
    return kind | {"activation": activation} | more


def pooling(number: int, kind: str = "max_pooling", size: int = 2, stride: int = 2) -> Layer:
    """Return a pooling layer."""
    return {"kind": kind, "name": f"pool{number}", "pool_size": size, "strides": stride, "padding": "valid"}


def dense(units: int, activation: str = "relu") -> list[Layer]:
    """Return a flatten and a dense layer."""
    flat = {"kind": "flatten", "name": "flatten"}
    return [flat, {"kind": "dense", "name": "dense", "units": units, "activation": activation}]


def two_blocks(
    name: str,
    title: str,
    activation: str = "relu",
    pool: str = "max_pooling",
    pool_size: int = 2,
    between: str | None = None,
    dropout: float | None = None,
    units: int = 64,
) -> dict[str, Any]:
    """Return conv 8 – pool – conv 16 – pool – dense: LeNet-5's plan, with what an experiment varies.

    Args:
        name: of the network.
        title: of the network.
        activation: of the convolutions and the dense layer; "leaky_relu" is a layer of its own.
        pool: the kind of pooling.
        pool_size: side of the pooling window; the stride is 2.
        between: a layer between convolution and activation, "batch_norm" or "response_norm".
        dropout: rate of a dropout layer before the classes, if any.
        units: of the dense layer.
    """
    own = activation == "leaky_relu"
    word = "linear" if own or between else activation
    layers: list[Layer] = []
    for number, filters in ((1, 8), (2, 16)):
        layers.append(convolution(number, filters, word))
        if between:
            layers.append({"kind": between, "name": f"norm{number}"})
        if own:
            layers.append({"kind": "leaky_relu", "name": f"act{number}"})
        elif between:
            layers.append({"kind": "activation", "name": f"act{number}", "activation": activation})
        layers.append(pooling(number, pool, pool_size))
    layers += dense(units, "linear" if own else activation)
    if own:
        layers.append({"kind": "leaky_relu", "name": "act3"})
    if dropout is not None:
        layers.append({"kind": "dropout", "name": "dropout", "rate": dropout})
    return named(name, title, layers)


def deep(name: str, title: str, depth: int, activation: str, norm: bool = False) -> dict[str, Any]:
    """Return ``depth`` 3×3 convolutions of 12 filters, pooled half-way, and global average pooling."""
    layers: list[Layer] = []
    for number in range(1, depth + 1):
        layers.append(convolution(number, 12, "linear" if norm else activation))
        if norm:
            layers.append({"kind": "batch_norm", "name": f"norm{number}"})
            layers.append({"kind": "activation", "name": f"act{number}", "activation": activation})
        if number == (depth + 1) // 2:
            layers.append(pooling(1))
    layers.append({"kind": "global_average_pooling", "name": "pool"})
    return named(name, title, layers)
