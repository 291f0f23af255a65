"""Images side by side that can be clicked: to open or choose one, or to mark some of them.

``st.image`` shows a row of images, but tells nobody which one was clicked. What this component sends are
thumbnails, within the message that draws it: a page of thirty is some dozens of kilobytes.
"""

import base64
import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from cnnlab import images

FRONTEND = Path(__file__).parent / "frontend"
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
        most = SHARP * pixels
        height, width = image.shape[:2]
        if max(height, width) > most:
            scale = most / max(height, width)
            image = images.resize(image, (max(1, round(height * scale)), max(1, round(width * scale))))
        crisp = max(height, width) < pixels
        return cls(name, _address(np.ascontiguousarray(image).tobytes(), image.shape), caption, alt, crisp)


def image_wall(
    tiles: Sequence[Tile], key: str, label: str, pixels: int, chosen: str | None = None
) -> str | None:
    """Show images as buttons; return the ``id`` of the one that was clicked just now.

    ``label`` says what the images are, for those who do not see them; ``chosen`` is shown as the chosen one.
    """
    data = _data(tiles, label, pixels) | {"marks": False, "chosen": chosen}
    return _offered(_component()(key=key, data=data, on_picked_change=lambda: None).picked, tiles)


def marked_images(tiles: Sequence[Tile], key: str, label: str, pixels: int) -> list[str]:
    """Show images that a click marks or unmarks; return the ``id`` of those that are marked."""
    data = _data(tiles, label, pixels) | {"marks": True, "chosen": None}
    shown = _component()(key=key, data=data, default={"marked": []}, on_marked_change=lambda: None)
    marked = shown.marked if isinstance(shown.marked, list) else []
    return [tile.id for tile in tiles if tile.id in marked]


def _data(tiles: Sequence[Tile], label: str, pixels: int) -> dict:
    return {"tiles": [asdict(tile) for tile in tiles], "label": label, "pixels": pixels}


def _offered(told: object, tiles: Sequence[Tile]) -> str | None:
    """Return what the browser told if it is one of the tiles: anything may arrive from there."""
    return next((tile.id for tile in tiles if tile.id == told), None)


@functools.lru_cache(maxsize=512)
def _address(pixels: bytes, shape: tuple[int, ...]) -> str:
    image = np.frombuffer(pixels, np.uint8).reshape(shape)
    lossless = max(shape[:2]) <= LOSSLESS_PIXELS
    data = images.encode_png(image) if lossless else images.encode_jpeg(image, 85)
    return f"data:image/{'png' if lossless else 'jpeg'};base64,{base64.b64encode(data).decode()}"


@functools.cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "cnnlab.image_wall",
        js=(FRONTEND / "image_wall.js").read_text("utf-8"),
        css=(FRONTEND / "image_wall.css").read_text("utf-8"),
        isolate_styles=False,
    )
