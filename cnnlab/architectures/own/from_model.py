"""From a Keras model back to the definition of a person's own network."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING

from cnnlab.architectures import registry
from cnnlab.architectures.own import kinds, library
from cnnlab.architectures.own.definition import Definition, Listed, titled
from cnnlab.architectures.own.edit import Edit
from cnnlab.errors import ArchitectureError

if TYPE_CHECKING:
    import keras

MOST_PARAMETERS = 500_000_000
"""Two gigabytes of weights, and an optimizer keeps as much again, or twice that."""


def defined(
    title: str, model: "keras.Model", base: str, options: Mapping, edits: tuple[Edit, ...]
) -> Definition:
    """Return the definition of ``base`` with options and edits, whose shape-only model is ``model``.

    It becomes a list of layers where it can be one; else what is known of the base is kept beside its edits.

    Raises:
        ArchitectureError: the title is impossible, or the network too large to train.
    """
    if (size := sum(prod(weight.shape) for weight in model.weights)) > MOST_PARAMETERS:
        raise ArchitectureError(
            f"This network has {size:,} parameters, more than the {MOST_PARAMETERS:,} that can be kept; "
            "make its dense layers or the maps before them smaller."
        )
    start = Definition(titled(title), tuple(model.input.shape[1:]), model.output.shape[-1])
    try:
        return replace(start, layers=listed(model))
    except ArchitectureError:
        if base in registry.BUILT_IN:
            return replace(start, base=base, options=dict(options), edits=edits)
        own = library.get(base)
        return replace(start, base=own.base, options={**own.options, **options}, edits=own.edits + edits)


def listed(model: "keras.Model") -> tuple[Listed, ...]:
    """Return the layers between image and output of a network that is one line.

    Raises:
        ArchitectureError: paths part or join, or a layer is of no kind that a list can hold.
    """
    if any(layer.input is not before.output for before, layer in pairwise(model.layers)):
        raise ArchitectureError(f"The network {model.name} has branches, so it is no list of layers.")
    found = []
    for layer in model.layers[1:-1]:
        kind, settings = kinds.kind_of(layer), kinds.settings_of(layer)
        if kind is None or not _alike(kinds.make(kind, layer.name, settings), layer):
            raise ArchitectureError(
                f"The layer {layer.name} of {model.name} is of no kind that a list of layers can hold."
            )
        found.append(Listed(kind, layer.name, settings))
    return tuple(found)


def _alike(one: "keras.Layer", other: "keras.Layer") -> bool:
    """Return whether two layers have the same settings, those included that people cannot change here."""
    first, second = ({**layer.get_config(), "seed": None, "dtype": None} for layer in (one, other))
    return first == second
