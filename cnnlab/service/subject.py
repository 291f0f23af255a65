"""What the pages ask about, as plain values that travel between two processes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cnnlab.architectures.own.edit import Edit
from cnnlab.architectures.own.kinds import Value
from cnnlab.architectures.registry import Shape
from cnnlab.inspection.figures import LayerRow


@dataclass(frozen=True)
class Network:
    """A network at an input: its name, what was chosen for it and the edits made to it.

    ``version`` tells what a person's own network was at the time; empty for a built-in one.
    """

    architecture: str
    input_shape: Shape
    classes: int
    options: tuple[tuple[str, Value], ...] = ()
    edits: tuple[Edit, ...] = ()
    version: str = ""


@dataclass(frozen=True, eq=False)
class Inspected:
    """A network without weights: its name, the layer table, and what people may change in each layer."""

    name: str
    rows: tuple[LayerRow, ...]
    settings: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


@dataclass(frozen=True)
class Untrained:
    """Initial weights, drawn from a seed: the same at every look."""

    network: Network


@dataclass(frozen=True)
class ImageNet:
    """The pretrained weights of an architecture at an input."""

    architecture: str
    input_shape: Shape


@dataclass(frozen=True)
class OfRun:
    """The best weights of a run; ``version`` is another number once the run has written better ones."""

    run_id: str
    version: int


@dataclass(frozen=True)
class OfEpoch:
    """The weights of one epoch of a run, where they were kept; ``version`` as for ``OfRun``."""

    run_id: str
    epoch: int
    version: int


Weights = Untrained | ImageNet | OfRun | OfEpoch
"""Whose weights a network has; equal ones compute the same."""
