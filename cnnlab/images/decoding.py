"""Encoded pictures to pixels, and their size."""

import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from cnnlab.errors import ImageError

MAX_BYTES = 10 * 2**20
MAX_PIXELS = 25_000_000
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
ORIENTATION = 0x0112  # EXIF: from 5 on, rows and columns are swapped


def decode(data: bytes, name: str = "this picture") -> np.ndarray:
    """Return an encoded picture as uint8 RGB ``(H, W, 3)``, turned upright by its EXIF orientation.

    The content decides the type, not the name: PNG, JPEG, WEBP or BMP; gray, palette, CMYK and 16-bit files
    become 8-bit RGB, transparent pixels become white.

    Raises:
        ImageError: empty, larger than ``MAX_BYTES`` or ``MAX_PIXELS``, of another type, or damaged.
    """
    if _header(data, name).has_transparency_data:
        return _on_white(data, name)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error:
        image = None
    if image is None:
        raise _damaged(name)
    return image


def read(path: str | Path) -> np.ndarray:
    """Return the picture in a file as uint8 RGB ``(H, W, 3)``; see ``decode``.

    Raises:
        ImageError: the file cannot be opened, or ``decode`` refuses it.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{path.name} cannot be opened ({reason}); check its path.") from error
    return decode(data, path.name)


def size(data: bytes, name: str = "this picture") -> tuple[int, int]:
    """Return ``(height, width)`` of an encoded picture as ``decode`` would, from its header alone.

    Raises:
        ImageError: as ``decode``, except that damage further on is not seen.
    """
    header = _header(data, name)
    turned = header.getexif().get(ORIENTATION, 1) >= 5
    return header.size if turned else header.size[::-1]


def _header(data: bytes, name: str) -> Image.Image:
    """Return the picture with only its header read, or refuse what must not be decoded."""
    if not data:
        raise ImageError(f"{name} is empty; choose a PNG, JPEG, WEBP or BMP picture.")
    if len(data) > MAX_BYTES:
        raise ImageError(f"{name} is larger than {MAX_BYTES // 2**20} MB; choose a smaller picture.")
    too_large = ImageError(
        f"{name} has more than {MAX_PIXELS // 10**6} megapixels; choose a smaller picture."
    )
    try:
        header = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "BMP"))
    except Image.DecompressionBombError as error:
        raise too_large from error
    except Exception as error:  # Pillow's parsers raise whatever a mangled header makes them trip over
        raise ImageError(f"{name} is not a whole PNG, JPEG, WEBP or BMP picture; choose another.") from error
    if header.width * header.height > MAX_PIXELS:
        raise too_large
    return header


def _on_white(data: bytes, name: str) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(data)) as file:
            image = ImageOps.exif_transpose(file).convert("RGBA")
    except Exception as error:
        raise _damaged(name) from error
    return np.asarray(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB"))


def _damaged(name: str) -> ImageError:
    return ImageError(f"{name} is damaged or incomplete; save or copy it again.")
