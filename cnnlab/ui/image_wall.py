"""Images side by side that can be clicked: to open or choose one, or to mark some of them.

``st.image`` shows a row of images, but tells nobody which one was clicked. What this component sends are
thumbnails, within the message that draws it: a page of thirty is some dozens of kilobytes.
"""

import base64
import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from cnnlab import images
from cnnlab.ui.own_component import own_component

SHARP = 2
"""Pixels of a fine screen in one of a page."""
LOSSLESS_PIXELS = 64
"""Up to this side a thumbnail is sent pixel for pixel; larger ones as JPEG."""


@dataclass(frozen=True)
class Tile:
    """One image: ``id`` for the page, the address of its pixels, a caption, and what is to be seen on it."""

    id: str
    src: str
    caption: str
    alt: str
    crisp: bool

    @classmethod
    def of(cls, name: str, image: np.ndarray, caption: str, alt: str, pixels: int) -> "Tile":
        """Make the tile of a uint8 image ``(H, W, 1 or 3)``, to be shown ``pixels`` wide."""
        crisp = max(image.shape[:2]) < pixels
        return cls(name, address_of(images.at_most(image, SHARP * pixels), 85), caption, alt, crisp)


def image_wall(
    tiles: Sequence[Tile], key: str, label: str, pixels: int, chosen: str | None = None
) -> str | None:
    """Show images as buttons; return the ``id`` of the one that was clicked just now.

    ``label`` says what the images are, for those who do not see them; ``chosen`` is shown as the chosen one.
    """
    data = _data(tiles, label, pixels) | {"marks": False, "chosen": chosen}
    wall = own_component("cnnlab.image_wall", "image_wall")
    return _offered(wall(key=key, data=data, on_picked_change=lambda: None).picked, tiles)


def marked_images(tiles: Sequence[Tile], key: str, label: str, pixels: int) -> list[str]:
    """Show images that a click marks or unmarks; return the ``id`` of those that are marked."""
    data = _data(tiles, label, pixels) | {"marks": True, "chosen": None}
    wall = own_component("cnnlab.image_wall", "image_wall")
    shown = wall(key=key, data=data, default={"marked": []}, on_marked_change=lambda: None)
    marked = shown.marked if isinstance(shown.marked, list) else []
    return [tile.id for tile in tiles if tile.id in marked]


def _data(tiles: Sequence[Tile], label: str, pixels: int) -> dict:
    return {"tiles": [asdict(tile) for tile in tiles], "label": label, "pixels": pixels}


def _offered(told: object, tiles: Sequence[Tile]) -> str | None:
    """Return what the browser told if it is one of the tiles: anything may arrive from there."""
    return next((tile.id for tile in tiles if tile.id == told), None)


def address_of(image: np.ndarray, quality: int) -> str:
    """Return an address that holds a uint8 image ``(H, W, 1 or 3)``: pixel for pixel while it is small.

    ``quality`` is that of the JPEG of a larger one, from 0 to 100.
    """
    return _address(np.ascontiguousarray(image).tobytes(), image.shape, quality)


@functools.lru_cache(maxsize=512)
def _address(pixels: bytes, shape: tuple[int, ...], quality: int) -> str:
    image = np.frombuffer(pixels, np.uint8).reshape(shape)
    lossless = max(shape[:2]) <= LOSSLESS_PIXELS
    data = images.encode_png(image) if lossless else images.encode_jpeg(image, quality)
    return f"data:image/{'png' if lossless else 'jpeg'};base64,{base64.b64encode(data).decode()}"
