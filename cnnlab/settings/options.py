"""The choices that some networks offer, by name; a network says which it has, and their default."""

from collections.abc import Mapping
from typing import Any

from cnnlab.settings.declaration import NOTHING, Setting, enumerated, named

OPTIONS: dict[str, Setting] = {
    "base_weights": Setting(
        "Base weights",
        "What the weights of the base network start from.",
        choices={"imagenet": "ImageNet", "untrained": "random initialisation"},
    ),
    "unfreeze_blocks": Setting(
        "Trainable blocks of the base",
        "Fine-tuning: so many blocks, counted from the end, train too.",
    ),
    "batch_norm": Setting(
        "Batch norm",
        "In inference mode it keeps its moving mean and variance, and normalises nothing.",
        choices={"learning": "training mode", "frozen": "inference mode"},
    ),
    "depth": Setting("Depth", "Layers of the stack."),
    "shortcuts": Setting(
        "Shortcuts", "Each layer's input is added to its output.", choices={"yes": "yes", "no": "no"}
    ),
}
"""What a choice does, and the words of its values."""


def option_named(name: str) -> Setting:
    """Return a choice that some networks offer; of one that is unknown here, its name in readable form."""
    return named(OPTIONS, name)


def options_in_words(values: Mapping[str, Any]) -> str:
    """Say choices with their values: ``trainable blocks of the base 2``."""
    return enumerated(_in_words(name, value) for name, value in values.items()) or NOTHING


def _in_words(name: str, value: Any) -> str:
    known = option_named(name)
    return f"{known.label_within} {known.said(value)}"
