"""Encoded images to pixels, their size and depth: by OpenCV, or by Pillow where OpenCV is not right."""

import io
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from cnnlab.errors import ImageError
from cnnlab.images import flatten, structure
from cnnlab.images.header import DAMAGED, MAX_BYTES, Header

REDUCED = {
    1: cv2.IMREAD_COLOR_BGR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
White = int | Callable[[int | float], int]
"""What becomes 255 in an image of more than 8 bits, or a function from its largest value to that."""

_one_large_at_a_time = threading.Lock()
"""Datasets are decoded on all cores, and people ask all at once: a few files must not take all memory."""

BY_PILLOW = ("GIF", "TIFF")


def decode(data: bytes, name: str = "this image", white: White | None = None) -> np.ndarray:
    """Return an encoded image as uint8 RGB ``(H, W, 3)``, turned upright by its EXIF orientation.

    The content decides the type, not the name: PNG, JPEG, WEBP, BMP, the first frame of a GIF, the first page
    of a TIFF. Gray, palette and CMYK files become RGB. A JPEG of more than ``MAX_PIXELS`` is decoded at a
    half, a quarter or an eighth of its sides.

    More than 8 bits a channel are scaled so that ``white`` becomes 255, by default the smallest of 2⁸-1,
    2¹⁰-1, 2¹²-1, 2¹⁴-1 and 2¹⁶-1 that holds the image's largest value; for images that are to be
    compared, take ``white_for`` the largest ``peak`` of all. What is transparent becomes white; black where
    the drawing itself is white, gray where it is both white and black (see ``flatten``).

    Raises:
        ImageError: empty, larger than ``MAX_BYTES``, with too many pixels, of another type, damaged, or built
            to keep a computer busy.
    """
    header = structure.look(data, name)
    image = _decoded(header, name)
    if image.dtype != np.uint8:
        white = white or flatten.white_for
        image = flatten.to_eight_bits(image, white(flatten.peak_of(image)) if callable(white) else white)
        image = cv2.bitwise_not(image).reshape(image.shape) if header.inverted else image
    if image.shape[2] == 4:
        image = flatten.on_ground(image)
    elif image.shape[2] == 1:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
    return _upright(image, header.orientation)


def read(path: str | Path, white: White | None = None) -> np.ndarray:
    """Return the image in a file as uint8 RGB ``(H, W, 3)``; see ``decode``.

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
    return decode(data, path.name, white)


def size(data: bytes, name: str = "this image") -> tuple[int, int]:
    """Return ``(height, width)`` of an encoded image as ``decode`` would, without decoding it.

    Raises:
        ImageError: as ``decode``, except that damage within the pixels is not seen.
    """
    return structure.look(data, name).size


def peak(data: bytes, name: str = "this image") -> int | float | None:
    """Return the largest value in an image of more than 8 bits a channel; None for any other.

    Only what is deeper than 8 bits is decoded; of all others the header is enough. ``white_for`` the largest
    peak of a dataset is what ``decode`` takes for its images to be comparable.

    Raises:
        ImageError: as ``decode``.
    """
    header = structure.look(data, name)
    return flatten.peak_of(_decoded(header, name)) if header.bits > 8 else None


def orientation(data: bytes, name: str = "this image") -> int:
    """Return EXIF's orientation of an encoded image, 1 to 8; at 1 ``decode`` turns nothing.

    Raises:
        ImageError: as ``size``.
    """
    return structure.look(data, name).orientation


def as_stored(upright: np.ndarray, orientation: int) -> np.ndarray:
    """Return an image that ``decode`` has turned, ``(H, W, C)``, as its file stores it."""
    return _upright(upright, {6: 8, 8: 6}.get(orientation, orientation))


def _decoded(header: Header, name: str) -> np.ndarray:
    """Return the pixels ``(H, W, 1, 3 or 4)`` as they are stored: gray, RGB or RGBA, of any depth."""
    by = _by_pillow if header.format in BY_PILLOW and header.bits == 8 else _by_opencv
    try:
        structure.check_pixels(header)
        with _one_large_at_a_time if header.is_large else nullcontext():
            return by(header)
    except Exception as error:  # decoders raise whatever a mangled file makes them trip over
        raise ImageError(DAMAGED.format(name=name)) from error


def _by_opencv(header: Header) -> np.ndarray:
    as_stored = header.has_alpha or header.bits > 8
    flags = cv2.IMREAD_UNCHANGED if as_stored else REDUCED[header.reduced] | cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imdecode(np.frombuffer(header.data, np.uint8), flags)
    if image is None:
        raise ValueError("OpenCV cannot decode it")
    if image.ndim == 2:
        image = image[..., None]
    if image.shape[2] == 3:
        cv2.cvtColor(image, cv2.COLOR_BGR2RGB, dst=image)
    elif image.shape[2] == 4:
        cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA, dst=image)
        if header.format == "BMP" and not image[..., 3].any():  # programs leave it empty, and mean opaque
            return np.ascontiguousarray(image[..., :3])
    return image if header.key is None else _keyed(image, header.key)


def _keyed(gray: np.ndarray, key: int) -> np.ndarray:
    """Return a gray image as RGBA in which one value is transparent."""
    alpha = np.where(gray == key, 0, np.iinfo(gray.dtype).max).astype(gray.dtype)
    return np.concatenate([gray, gray, gray, alpha], axis=2)


def _by_pillow(header: Header) -> np.ndarray:
    with Image.open(io.BytesIO(header.data), formats=(header.format,)) as image:
        return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def _upright(image: np.ndarray, orientation: int) -> np.ndarray:
    """Return an image turned and mirrored as EXIF's orientation from 1 to 8 asks for."""
    if orientation >= 5:  # stored by columns
        image = cv2.transpose(image)
    flips = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}
    return cv2.flip(image, flips[orientation]) if orientation in flips else image
