"""Occlusion (Zeiler and Fergus 2014, arXiv:1311.2901, section 4.2): what a class loses when a part is hidden.

A square in the image's mean colour is laid over it, place by place, and the network is asked again each
time. The heat of a place is the probability of the class that is lost: positive where the hidden part speaks
for the class, negative where it speaks against it.

The places are a grid of cells of ``stride`` pixels, which cover the image; the square over a cell has
``patch`` pixels, its middle is the cell's, and it is cut off at the edges. By default a cell is a fourteenth
of the shorter side, and the square three cells: 16 and 48 of 224 pixels, near the paper's 50.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlab.errors import ArchitectureError
from cnnlab.inference.explanation import Explanation

CELLS = 14
PATCH_CELLS = 3
MOST_PLACES = 10_000
MOST_AT_ONCE = 64
PIXELS_AT_ONCE = 2**18


@dataclass(frozen=True)
class Grid:
    """The places of the square, in pixels; ``patch`` less ``stride`` is even, so that both are centred."""

    height: int
    width: int
    patch: int
    stride: int

    @classmethod
    def over(cls, height: int, width: int, patch: int | None = None, stride: int | None = None) -> "Grid":
        """Return the grid over an image.

        Raises:
            ArchitectureError: the sizes are impossible, or there are too many places.
        """
        stride = max(1, round(min(height, width) / CELLS)) if stride is None else stride
        patch = PATCH_CELLS * stride if patch is None else patch
        if not 1 <= stride <= patch <= 2 * max(height, width) or (patch - stride) % 2:
            raise ArchitectureError(
                "The patch must be at least as large as the stride and differ from it by an even number of "
                f"pixels, not {patch} and {stride}."
            )
        grid = cls(height, width, patch, stride)
        if grid.rows * grid.columns > MOST_PLACES:
            raise ArchitectureError(f"More than {MOST_PLACES:,} places are too many; choose a larger stride.")
        return grid

    @property
    def rows(self) -> int:
        """How many cells lie one above the other."""
        return -(-self.height // self.stride)

    @property
    def columns(self) -> int:
        """How many cells lie side by side."""
        return -(-self.width // self.stride)

    def box(self, row: int, column: int) -> tuple[slice, slice]:
        """Return the rows and columns of pixels that the square over a cell hides."""
        around = (self.patch - self.stride) // 2

        def hidden_along(cell: int, size: int) -> slice:
            return slice(max(0, cell * self.stride - around), min(size, (cell + 1) * self.stride + around))

        return hidden_along(row, self.height), hidden_along(column, self.width)


def mean_colour(image: np.ndarray) -> np.ndarray:
    """Return the mean ``(C,)`` of an image ``(H, W, C)``: what a square is filled with."""
    return image.reshape(-1, image.shape[-1]).mean(0)


def hidden(image: np.ndarray, box: tuple[slice, slice], fill: np.ndarray) -> np.ndarray:
    """Return a copy of an image ``(H, W, C)`` with one box filled."""
    copy = image.copy()
    copy[box] = fill
    return copy


def occlusion(
    model: Any,
    image: np.ndarray,
    class_index: int | None = None,
    patch: int | None = None,
    stride: int | None = None,
    progress: Callable[[float], object] = lambda fraction: None,
) -> Explanation:
    """Return the occlusion map of one image.

    Args:
        model: called with float32 ``(N, H, W, C)`` and ``training=False``, it returns ``(N, classes)``.
        image: float32 ``(H, W, C)`` as the network takes it.
        class_index: the class; default: the one with the highest probability.
        patch: the side of the square in pixels; default: three times the stride.
        stride: the side of a cell in pixels; default: a fourteenth of the shorter side, at least 1.
        progress: told how far it is, 0 to 1; what it raises ends it.

    Raises:
        ArchitectureError: patch and stride are impossible.
    """
    whole, lost = losses(model, image, patch, stride, progress)
    class_index = int(whole.argmax()) if class_index is None else class_index
    return Explanation(lost[..., class_index], class_index, whole, None, "occlusion")


def losses(
    model: Any,
    image: np.ndarray,
    patch: int | None = None,
    stride: int | None = None,
    progress: Callable[[float], object] = lambda fraction: None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the probabilities ``(classes,)`` of an image, and what hiding each place takes from them.

    The second is float32 ``(rows, columns, classes)``: the maps of all classes come at the price of one. The
    arguments are those of ``occlusion``.

    Raises:
        ArchitectureError: patch and stride are impossible.
    """
    height, width = image.shape[:2]
    grid = Grid.over(height, width, patch, stride)
    image = np.asarray(image, np.float32)
    whole = np.asarray(model(image[None], training=False)[0], np.float32)
    fill = mean_colour(image)
    places = [(row, column) for row in range(grid.rows) for column in range(grid.columns)]
    size = max(1, min(MOST_AT_ONCE, PIXELS_AT_ONCE // (grid.height * grid.width)))
    left = []
    for start in range(0, len(places), size):
        progress(start / len(places))
        batch = np.stack([hidden(image, grid.box(*place), fill) for place in places[start : start + size]])
        padded = np.concatenate([batch, np.repeat(batch[-1:], size - len(batch), 0)])  # one size, one compile
        left.append(np.asarray(model(padded, training=False), np.float32)[: len(batch)])
    lost = whole - np.concatenate(left).reshape(grid.rows, grid.columns, len(whole))
    return whole, lost.astype(np.float32)
