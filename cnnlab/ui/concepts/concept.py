"""What a concept is: its words and formula, the image it begins with, the layers it occurs in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cnnlab.inspection.figures import LayerRow

Address = Mapping[str, str]
Settings = Mapping[str, Any]
"""Of one layer, by their names in Keras."""


def nowhere(row: LayerRow) -> bool:
    """Return False: the concept is not that of a layer."""
    return False


def usual_scene(row: LayerRow, before: LayerRow | None, chosen: Settings) -> Address:
    """Return no parameters: the scene as it stands by itself."""
    return {}


def nothing_more() -> dict[str, Any]:
    """Return no further data."""
    return {}


@dataclass(frozen=True)
class Concept:
    """One concept of the page; ``frontend/concepts/NAME.js`` is its scene.

    Attributes:
        name: as it stands in the address.
        title: as people call it.
        idea: one sentence.
        formula: LaTeX.
        terms: a sentence of Markdown for each term, in the order in which they are met.
        image: id of the image that the scene begins with (see ``scene_images``); None where it needs none.
        side: an image larger than this becomes so long, in pixels.
        kernels: whether the scene takes the first kernels of a run.
        occurs: whether a layer is one of this concept.
        activations: a layer whose own activation is one of these is one of this concept as well.
        prepared: the scene with the numbers of a layer; it takes the layer, the first of its inputs and its
            settings.
        supply: asks for what else the scene needs, and returns it as JSON; called each time the page runs.
    """

    name: str
    title: str
    idea: str
    formula: str
    terms: tuple[str, ...]
    image: str | None = None
    side: int = 32
    kernels: bool = False
    occurs: Callable[[LayerRow], bool] = nowhere
    activations: tuple[str, ...] = ()
    prepared: Callable[[LayerRow, LayerRow | None, Settings], Address] = usual_scene
    supply: Callable[[], dict[str, Any]] = nothing_more

    def has(self, row: LayerRow, chosen: Settings) -> bool:
        """Whether a layer with these settings is one of this concept."""
        return self.occurs(row) or chosen.get("activation") in self.activations
